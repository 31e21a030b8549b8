//! The function returns the bare value.
use uchat_framework::prelude::*;

/// Greets.
#[handler("my.greet")]
async fn greet() -> String {
    "hello".into()
}
