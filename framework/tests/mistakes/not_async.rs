//! The function is not async.
use uchat_framework::prelude::*;

/// Greets.
#[handler("my.greet")]
fn greet() -> Result<String> {
    Ok("hello".into())
}
