//! Messages that are taken back (PROTOCOL.md §5.10).

use serde::{Deserialize, Serialize};

use super::MessageBody;
use crate::value::{EncodeError, Value};

/// The name of the call that takes a message back.
pub const RECALL: &str = "uchat.recall";
/// In the content of a message that was taken back: `true`.
const RECALLED: &str = "recalled";
/// In the content of a notice: the number of the message in the same conversation that was taken back.
const RECALLS: &str = "recalls";

/// The arguments of [`RECALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallAsked {
    /// The conversation.
    pub conversation: u64,
    /// The number of the message in it.
    pub number: u64,
}

/// What the content of a message says about taking back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenBack {
    /// This message was taken back.
    This,
    /// This is a notice: its sender has taken back the message with this number.
    Other(u64),
}

impl TakenBack {
    /// What a content says; most say nothing.
    pub fn of(content: &Value) -> Option<Self> {
        match (content.get(RECALLED), content.get(RECALLS)) {
            (Some(_), _) => Some(Self::This),
            (None, Some(number)) => Some(Self::Other(number.as_u64().unwrap_or(0))),
            (None, None) => None,
        }
    }

    /// The content that says it, which a client that knows nothing of it shows as this text.
    ///
    /// # Errors
    ///
    /// None that a short text could cause.
    pub fn content(self, text: &str) -> Result<Value, EncodeError> {
        let mut content = MessageBody::text(text).into_value()?;
        if let Value::Dict(fields) = &mut content {
            match self {
                Self::This => fields.insert(RECALLED, true),
                Self::Other(number) => fields.insert(RECALLS, number),
            };
        }
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_says_what_was_put_into_it_and_an_ordinary_one_nothing() {
        for said in [TakenBack::This, TakenBack::Other(7)] {
            let content = said.content("gone").unwrap();
            assert_eq!(TakenBack::of(&content), Some(said));
            assert_eq!(content.get("data").and_then(Value::as_str), Some("gone"));
        }
        assert_eq!(TakenBack::of(&MessageBody::text("gone").into_value().unwrap()), None);
        assert_eq!(TakenBack::of(&Value::from(7)), None);
    }
}
