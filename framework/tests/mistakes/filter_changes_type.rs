//! A filter gives something else back than it was given.
use uchat_framework::prelude::*;

/// Lets everybody in.
#[filter]
async fn let_in(event: UserOnline) -> Result<bool> {
    let _ = event;
    Ok(true)
}
