//! A hook that waits for something that never happens.
use uchat_framework::prelude::*;

/// Welcomes who comes.
#[hook]
async fn welcome(name: String) -> Result<()> {
    let _ = name;
    Ok(())
}
