//! What happens in a chat, as typed events: handler crates never import each other, they meet here.

use uchat_framework::codec::Value;
use uchat_framework::{Event, User};

/// A message that is about to be sent. Filters may change what it says, or refuse it; who sends it and to whom stays.
#[derive(Clone, Debug)]
pub struct MessageDraft {
    /// Who sends it.
    pub sender: User,
    /// Whether it goes to a room, and not to a friend.
    pub to_room: bool,
    /// The number of the friend or the room.
    pub target: u64,
    /// The content, as the sender wrote it (PROTOCOL.md §4.4).
    pub message: Value,
}

impl Event for MessageDraft {}

impl MessageDraft {
    /// What it says, if it is a text.
    pub fn text(&self) -> Option<&str> {
        self.message.get("data")?.as_str()
    }

    /// The same draft with another text; unchanged if it is no text.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        if self.text().is_some()
            && let Value::Dict(content) = &mut self.message
        {
            content.insert("data", text);
        }
        self
    }
}
