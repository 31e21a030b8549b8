//! The Uchat wire protocol as bytes, without I/O: bytes in, values out, and back.
//!
//! PROTOCOL.md beside this crate is the specification; comments here name its sections (§).
//!
//! # Layout
//!
//! From the outside of the wire to the inside:
//!
//! - [`handshake`]: how two peers come to share a suite
//! - [`frame`]: how messages lie in the byte stream
//! - [`suite`]: what seals and opens frames
//! - [`message`]: an opcode and its parameters
//! - [`value`]: what parameters are made of
//! - [`mod@serde`]: parameters as plain structs
//! - [`certificate`]: who an identity key belongs to
//! - [`safety`]: the number that two friends compare
//! - [`chat`]: the structs of every operation of the chat
//! - [`limits`]: how much a peer may ask of us
//!
//! # Example
//!
//! ```
//! use uchat_codec::{Limits, Message, chat::FriendOnOffLine, encode_message, from_value, opcode};
//!
//! let plaintext = encode_message(opcode::FRIEND_ON_OFF_LINE, &FriendOnOffLine(true, 7))?;
//! let message = Message::decode(plaintext, &Limits::default())?;
//! assert_eq!(message.opcode, opcode::FRIEND_ON_OFF_LINE);
//! let FriendOnOffLine(online, user) = from_value(message.parameters)?;
//! assert!(online && user == 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod certificate;
pub mod chat;
pub mod frame;
pub mod handshake;
pub mod limits;
pub mod message;
pub mod safety;
pub mod serde;
pub mod suite;
pub mod value;

pub use self::frame::{Frame, FrameCodec, FrameError, HEADER_LEN};
pub use self::handshake::{
    Acceptor, ClassicClient, ClassicIdentity, ClassicKeyPair, ClassicServer, DhParams, Established,
    Handshake, HandshakeError, ParamsError, PeerIdentity, Progress, StrongClient, StrongIdentity,
    StrongServer, SuiteName, client_certificate,
};
pub use self::limits::Limits;
pub use self::message::{Message, Opcode, encode_message, opcode};
pub use self::serde::{ArgsError, ArgsErrorKind, Blob, encode_to, from_value, to_value};
pub use self::suite::{
    ClassicKey, ClassicOpener, ClassicSealer, OpenError, Opener, SealError, Sealer, StrongKeys, StrongOpener,
    StrongSealer,
};
pub use self::value::{DecodeError, DecodeErrorKind, Dict, EncodeError, EncodeErrorKind, Int, Value};
