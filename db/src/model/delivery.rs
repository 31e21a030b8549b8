//! What a client that knows the numbers of messages asks for, and what it gets.

use std::collections::HashMap;

use super::{ConversationId, HistoryItem, MessageId, Target, UserId};

/// How far a user is in a conversation, in its numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Everything up to here has arrived.
    pub received: u64,
    /// Everything up to here was read.
    pub read: u64,
    /// Up to here others may know that it was read.
    pub shown: u64,
}

impl Cursor {
    /// The farther of both in everything.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            received: self.received.max(other.received),
            read: self.read.max(other.read),
            shown: self.shown.max(other.shown),
        }
    }

    /// The same, but nowhere beyond `latest`.
    #[must_use]
    pub fn within(self, latest: u64) -> Self {
        Self {
            received: self.received.min(latest),
            read: self.read.min(latest),
            shown: self.shown.min(latest),
        }
    }
}

/// What a client has, and how much it wants.
#[derive(Clone, Debug, Default)]
pub struct Resume {
    /// Up to where it has everything, by conversation.
    pub have: HashMap<ConversationId, u64>,
    /// Messages of one conversation.
    pub page: usize,
    /// Messages in all.
    pub max_messages: usize,
    /// Bytes of messages in all.
    pub max_bytes: usize,
    /// Rooms of more other members are told without their cursors.
    pub max_others: usize,
}

/// How things stand for a user, in one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resumption {
    /// The conversations in which there is something to see, those with the latest messages first.
    pub conversations: Vec<Standing>,
    /// The newest of the messages that the client does not have, within the limits: those of a conversation together,
    /// in their order and without a gap.
    pub messages: Vec<HistoryItem>,
    /// What comes after this is to be had from [`messages_after`](crate::Messages::messages_after).
    pub position: MessageId,
}

/// How things stand in one conversation for one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which one.
    pub conversation: ConversationId,
    /// With whom, as the user sees it.
    pub target: Target,
    /// The user sees what is behind this number.
    pub first: u64,
    /// The number of the last message.
    pub latest: u64,
    /// How far the user is.
    pub cursor: Cursor,
    /// How far each other member is; empty if there are too many.
    pub others: Vec<(UserId, Cursor)>,
}

/// Which part of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The next messages behind this number.
    After(u64),
    /// The last messages before this number.
    Before(u64),
}

/// What came of moving a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Where it is now.
    pub cursor: Cursor,
    /// Who has sent something that it has gone over and may know of it.
    pub senders: Vec<UserId>,
}
