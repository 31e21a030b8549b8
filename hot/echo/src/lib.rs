//! The smallest module: sends back what it is given.

use uchat_framework::codec::Value;
use uchat_framework::prelude::*;

grants! {}

/// Sends back what it is given.
#[handler("hot.echo")]
async fn echo(Args(value): Args<Value>) -> Result<Value> {
    Ok(value)
}
