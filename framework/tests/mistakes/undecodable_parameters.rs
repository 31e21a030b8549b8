//! The parameters can't be decoded.
use uchat_framework::prelude::*;

/// Whom to greet.
struct Whom {
    name: String,
}

/// Greets somebody.
#[handler("my.greet")]
async fn greet(Args(whom): Args<Whom>) -> Result<String> {
    Ok(format!("hello {}", whom.name))
}
