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
//! Without the feature `suites` (on by default) there are only messages, values and what they are read into: what a plug-in
//! in WebAssembly needs, without a cipher.
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

#[cfg(feature = "suites")]
pub mod certificate;
pub mod chat;
#[cfg(feature = "suites")]
pub mod frame;
#[cfg(feature = "suites")]
pub mod handshake;
pub mod limits;
pub mod message;
#[cfg(feature = "suites")]
pub mod safety;
pub mod serde;
#[cfg(feature = "suites")]
pub mod suite;
pub mod value;

#[cfg(feature = "suites")]
pub use self::frame::{Frame, FrameCodec, FrameError, HEADER_LEN};
#[cfg(feature = "suites")]
pub use self::handshake::{
    Acceptor, ClassicClient, ClassicIdentity, ClassicKeyPair, ClassicServer, DhParams, Established,
    Handshake, HandshakeError, ParamsError, PeerIdentity, Progress, StrongClient, StrongIdentity,
    StrongServer, SuiteName, client_certificate,
};
pub use self::limits::Limits;
pub use self::message::{Message, Opcode, encode_message, opcode};
pub use self::serde::{ArgsError, ArgsErrorKind, Blob, encode_to, from_value, to_value};
#[cfg(feature = "suites")]
pub use self::suite::{
    ClassicKey, ClassicOpener, ClassicSealer, OpenError, Opener, SealError, Sealer, StrongKeys, StrongOpener,
    StrongSealer,
};
pub use self::value::{DecodeError, DecodeErrorKind, Dict, EncodeError, EncodeErrorKind, Int, Value};
