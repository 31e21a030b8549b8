//! A hook asks for the caller, but nobody calls it.
use uchat_framework::prelude::*;

/// Welcomes who comes.
#[hook]
async fn welcome(event: UserOnline, me: User) -> Result<()> {
    let _ = (event, me);
    Ok(())
}
