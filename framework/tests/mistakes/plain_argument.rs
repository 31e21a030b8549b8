//! The parameters are asked for as they are, without `Args`.
use uchat_framework::prelude::*;

/// Greets somebody.
#[handler("my.greet")]
async fn greet(name: String) -> Result<String> {
    Ok(format!("hello {name}"))
}
