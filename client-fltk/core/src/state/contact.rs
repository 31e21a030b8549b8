//! Conversations and the contacts that they are with.

use std::cmp::Ordering;
use std::fmt;

use uchat_codec::chat::{NewMessage, TARGET_ROOM, TARGET_USER};

use super::{Content, Numbering};

/// What a conversation is with. Users and rooms are numbered apart: friend 1 and room 1 are two conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConversationId {
    /// A friend, by user number.
    Friend(u64),
    /// A room, by its number.
    Room(u64),
}

/// As a person would type it: `3` for a user, `#3` for a room.
impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Friend(user) => write!(f, "{user}"),
            Self::Room(room) => write!(f, "#{room}"),
        }
    }
}

/// A friend or a room in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// Which conversation this is.
    pub id: ConversationId,
    /// The user's or the room's name.
    pub name: String,
    /// Address of a friend; empty for rooms.
    pub ip: String,
    /// Port of a friend; empty for rooms.
    pub port: String,
    /// Whether the friend is online; rooms always are.
    pub online: bool,
    /// Whether this is a contact, or only somebody with whom there are messages: a friend of before.
    pub listed: bool,
    /// How many messages of others came since the conversation was open.
    pub unread: u64,
    /// The last message.
    pub last: Option<Preview>,
    /// How the server numbers the messages, where it does and has told.
    pub numbering: Option<Numbering>,
}

/// The last message, as a list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// When the server got it, in milliseconds since 1970 UTC.
    pub time: u64,
    /// Who sent it.
    pub sender_name: String,
    /// What was sent; text is cut.
    pub content: Content,
}

impl Contact {
    /// One of which nothing but the name is known.
    pub(super) fn named(id: ConversationId, name: String) -> Self {
        Self {
            id,
            name,
            ip: String::new(),
            port: String::new(),
            online: matches!(id, ConversationId::Room(_)),
            listed: false,
            unread: 0,
            last: None,
            numbering: None,
        }
    }

    /// When the last message came; 0 when there is none.
    pub fn last_time(&self) -> u64 {
        self.last.as_ref().map_or(0, |last| last.time)
    }

    /// The order of the list: online first, then the latest message, then the name, then the number.
    pub fn order(&self, other: &Self) -> Ordering {
        (other.online, other.last_time())
            .cmp(&(self.online, self.last_time()))
            .then_with(|| self.name.cmp(&other.name))
            .then_with(|| self.id.cmp(&other.id))
    }
}

impl ConversationId {
    /// Which conversation a message belongs to. The server has set `target_id` to the other side's number in the copies of
    /// both sides.
    pub fn of(message: &NewMessage) -> Option<Self> {
        match message.target_type {
            TARGET_USER => Some(Self::Friend(message.target_id)),
            TARGET_ROOM => Some(Self::Room(message.target_id)),
            _ => None,
        }
    }
}
