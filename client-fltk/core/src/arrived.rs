//! A message as it arrives, with its place where the server numbers messages (PROTOCOL.md §5.8).

use uchat_codec::chat::NewMessage;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The server's number of the conversation.
    pub conversation: u64,
    /// The number of the message in it: from 1, without gaps.
    pub number: u64,
}

/// A message that came from the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrived {
    /// The message.
    pub message: NewMessage,
    /// Its place; none where the server doesn't number messages.
    pub place: Option<Place>,
    /// Whether it was read before, here or elsewhere; over a connection without numbers, whether it was delivered before.
    pub seen: bool,
}

impl Arrived {
    /// A message that is new.
    pub fn new(message: NewMessage) -> Self {
        Self { message, place: None, seen: false }
    }

    /// One that was seen before.
    pub fn seen(message: NewMessage) -> Self {
        Self { seen: true, ..Self::new(message) }
    }
}

impl From<NewMessage> for Arrived {
    fn from(message: NewMessage) -> Self {
        Self::new(message)
    }
}

impl From<(NewMessage, bool)> for Arrived {
    fn from((message, seen): (NewMessage, bool)) -> Self {
        Self { seen, ..Self::new(message) }
    }
}
