//! Messages that may be sent again: named, answered when durable (PROTOCOL.md §5.7).

use serde::{Deserialize, Serialize};

use super::Blob;
use crate::Value;

/// The name of the call that sends a message once, however often it is made.
pub const SEND: &str = "uchat.send";

/// The length of [`SendOnce::id`] in bytes.
pub const MESSAGE_ID_BYTES: usize = 16;

/// The arguments of [`SEND`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendOnce {
    /// [`TARGET_USER`](super::TARGET_USER) or [`TARGET_ROOM`](super::TARGET_ROOM).
    pub target_type: u8,
    /// The number of the friend or the room.
    pub target_id: u64,
    /// [`MESSAGE_ID_BYTES`] random bytes, chosen when the message is written and the same whenever it is sent again.
    pub id: Blob,
    /// The content; the server passes it on unread. See [`MessageBody`](super::MessageBody).
    pub message: Value,
}

/// The answer of [`SEND`]: where the message is, now or since it was sent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The number of the conversation.
    pub conversation: u64,
    /// The number of the message in the conversation: from 1, without gaps.
    pub number: u64,
    /// When the server got it first, in milliseconds since 1970 UTC.
    pub time: u64,
}
