//! A named call without a namespace.
use uchat_framework::prelude::*;

/// Greets.
#[handler("greet")]
async fn greet() -> Result<String> {
    Ok("hello".into())
}
