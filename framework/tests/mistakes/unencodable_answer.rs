//! The answer can't be encoded.
use uchat_framework::prelude::*;

/// What is said.
struct Greeting {
    _text: String,
}

/// Greets.
#[handler("my.greet")]
async fn greet() -> Result<Greeting> {
    Ok(Greeting { _text: "hello".into() })
}
