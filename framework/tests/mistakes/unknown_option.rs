//! An option that there isn't, and a rate that is none.
use uchat_framework::prelude::*;

/// Greets.
#[handler("my.greet", limit = "5/s")]
async fn greet() -> Result<String> {
    Ok("hello".into())
}

/// Greets often.
#[handler("my.greet_often", rate = "often")]
async fn greet_often() -> Result<String> {
    Ok("hello".into())
}
