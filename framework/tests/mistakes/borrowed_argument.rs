//! An argument is asked for by reference.
use uchat_framework::prelude::*;

/// Greets.
#[handler("my.greet")]
async fn greet(me: &User) -> Result<String> {
    Ok(format!("hello {}", me.name))
}
