//! The function says nothing about what it returns.
use uchat_framework::prelude::*;

/// Greets.
#[handler("my.greet")]
async fn greet() {}
