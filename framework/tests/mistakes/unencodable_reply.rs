//! An answer with an opcode can't be encoded.
use uchat_framework::codec::Opcode;
use uchat_framework::prelude::*;

const GREET: Opcode = Opcode(40);
const GREETING: Opcode = Opcode(140);

/// What is said.
struct Greeting {
    _text: String,
}

/// Greets.
#[handler(GREET, reply = GREETING)]
async fn greet() -> Result<Greeting> {
    Ok(Greeting { _text: "hello".into() })
}
