//! An operation with an opcode returns a value, and nothing says which opcode carries it.
use uchat_framework::codec::Opcode;
use uchat_framework::prelude::*;

const GREET: Opcode = Opcode(40);

/// Greets.
#[handler(GREET)]
async fn greet() -> Result<String> {
    Ok("hello".into())
}
