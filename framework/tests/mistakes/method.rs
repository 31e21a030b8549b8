//! A method is registered.
use uchat_framework::prelude::*;

struct Greeter;

impl Greeter {
    /// Greets.
    #[handler("my.greet")]
    async fn greet(&self) -> Result<String> {
        Ok("hello".into())
    }
}
