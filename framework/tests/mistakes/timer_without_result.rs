//! A timer without a time, and one that returns nothing.
use uchat_framework::prelude::*;

/// Ticks.
#[timer]
async fn tick() -> Result<()> {
    Ok(())
}

/// Tocks.
#[timer(every = "30s")]
async fn tock() {}
