//! Nothing says which operation it is.
use uchat_framework::prelude::*;

/// Greets.
#[handler]
async fn greet() -> Result<String> {
    Ok("hello".into())
}
