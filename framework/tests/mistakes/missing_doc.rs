//! The doc comment is missing, which is the help text.
use uchat_framework::prelude::*;

#[handler("my.greet")]
async fn greet(Args(name): Args<String>) -> Result<String> {
    Ok(format!("hello {name}"))
}
