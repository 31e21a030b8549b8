//! Delivery: messages that may be sent again (PROTOCOL.md §5.7), and their numbers, by which nothing is lost (§5.8).

use serde::{Deserialize, Serialize};

use super::{Blob, NewMessage};
use crate::{Limits, Value, from_value};

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
    /// [`MESSAGE_ID_BYTES`] bytes that no other message of the sender has (ten random ones for each run of the client, then a
    /// count, for instance), chosen when the message is written and the same whenever it is sent again.
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

/// The name of the call after which messages come with their numbers (PROTOCOL.md §5.8).
pub const NUMBERS: &str = "uchat.numbers";
/// The name of the call that goes on where a client was (PROTOCOL.md §5.8).
pub const RESUME: &str = "uchat.resume";
/// The name of the call for a page of a conversation (PROTOCOL.md §5.8).
pub const HISTORY: &str = "uchat.history";
/// The name of the call that says what has arrived (PROTOCOL.md §5.8).
pub const RECEIVED: &str = "uchat.received";
/// The name of the call that says what was read (PROTOCOL.md §5.8).
pub const READ: &str = "uchat.read";
/// The name of the event that brings a message with its number.
pub const MESSAGE_EVENT: &str = "uchat.message";
/// The name of the event that tells how far somebody else is.
pub const CURSOR_EVENT: &str = "uchat.cursor";

/// A message with its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Numbered {
    /// The number of the conversation.
    pub conversation: u64,
    /// The number of the message in the conversation: from 1, without gaps.
    pub number: u64,
    /// The encoded parameters of an `on_new_message`, as in a login bundle.
    pub said: Blob,
}

impl Numbered {
    /// The message itself; none if it can't be read.
    pub fn message(&self, limits: &Limits) -> Option<NewMessage> {
        from_value(Value::decode(self.said.0.clone(), limits).ok()?).ok()
    }
}

/// The arguments of [`RESUME`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// Conversations with the number up to which the client has everything.
    pub have: Vec<(u64, u64)>,
    /// The most messages of one conversation that are wanted with the answer: its newest.
    pub page: usize,
}

/// The answer of [`RESUME`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resumed {
    /// The user's conversations in which something was said.
    pub conversations: Vec<Standing>,
    /// New messages: the newest of each conversation, as many as fit. Those of one conversation are together and in their
    /// order, without a gap between them.
    pub messages: Vec<Numbered>,
}

/// How things stand in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The number of the conversation.
    pub conversation: u64,
    /// [`TARGET_USER`](super::TARGET_USER) or [`TARGET_ROOM`](super::TARGET_ROOM).
    pub target_type: u8,
    /// The number of the other one, or of the room.
    pub target_id: u64,
    /// The user sees what comes behind this number.
    pub first: u64,
    /// The number of the last message.
    pub latest: u64,
    /// Up to where the user has confirmed everything.
    pub received: u64,
    /// Up to where the user has read; what is behind it is unread.
    pub read: u64,
    /// How far each other member is, as `[user, received, read]`; empty in a large room.
    pub others: Vec<(u64, u64, u64)>,
}

/// The arguments of [`HISTORY`]: what comes behind `after`, or else what comes before `before`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryAsked {
    /// The number of the conversation.
    pub conversation: u64,
    /// Messages with greater numbers are wanted, the oldest of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Messages with smaller numbers are wanted, the newest of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// How many at most.
    pub limit: usize,
}

/// The arguments of [`RECEIVED`] and of [`READ`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpTo {
    /// The number of the conversation.
    pub conversation: u64,
    /// Everything up to this number.
    pub number: u64,
    /// Of what was read: others are not told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
}

/// The arguments of [`CURSOR_EVENT`]: how far somebody else is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CursorMoved {
    /// The number of the conversation.
    pub conversation: u64,
    /// Who.
    pub user: u64,
    /// Everything up to this number has arrived there.
    pub received: u64,
    /// Everything up to this number was read there, as far as the user tells.
    pub read: u64,
}
