//! Messages between users.

use serde::{Deserialize, Serialize};

use super::Blob;
use super::room::SYSTEM_KEY;
use crate::{Dict, EncodeError, Value, from_value, to_value};

/// `target_type` of a conversation with a friend.
pub const TARGET_USER: u8 = 0;
/// `target_type` of a conversation in a room.
pub const TARGET_ROOM: u8 = 1;

/// Opcode 6: a message for a friend or a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendMessage {
    /// [`TARGET_USER`] or [`TARGET_ROOM`].
    pub target_type: u8,
    /// The number of the friend or the room.
    pub target_id: u64,
    /// The content; the server passes it on unread. See [`MessageBody`].
    pub message: Value,
}

/// Opcode 109: a message. Its sender gets it too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewMessage {
    /// The content. See [`MessageBody`].
    pub message: Value,
    /// Who sent it.
    pub sender_id: u64,
    /// The sender's name.
    pub sender_name: String,
    /// [`TARGET_USER`] or [`TARGET_ROOM`].
    pub target_type: u8,
    /// When the server got it, in milliseconds since 1970 UTC.
    pub time: u64,
    /// The conversation, as its receiver sees it: the room, or the friend on the other side.
    pub target_id: u64,
}

/// The usual contents of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum MessageBody {
    /// `type` 0: text.
    Text {
        /// The text.
        data: String,
        /// Its size in points.
        fontsize: u32,
        /// Its colour as `#rrggbb`.
        fontcolor: String,
    },
    /// `type` 1: an image, or in fact any file.
    Image {
        /// The whole file.
        data: Blob,
        /// What its sender calls it, if that was said. It is a peer's word: to be shown, never to be a path.
        name: Option<String>,
    },
    /// Anything else, as it came.
    Other(Value),
}

#[derive(Serialize, Deserialize)]
struct TextFields {
    #[serde(rename = "type")]
    kind: u8,
    data: String,
    fontsize: u32,
    fontcolor: String,
}

#[derive(Serialize, Deserialize)]
struct ImageFields {
    #[serde(rename = "type")]
    kind: u8,
    data: Blob,
    #[serde(default)]
    name: Option<String>,
}

impl MessageBody {
    /// Text in the size and colour that the existing program begins with.
    pub fn text(data: impl Into<String>) -> Self {
        Self::Text { data: data.into(), fontsize: 16, fontcolor: "#000000".into() }
    }

    /// The content as it goes into [`SendMessage::message`]. [`Other`](Self::Other) is not changed.
    pub fn into_value(self) -> Result<Value, EncodeError> {
        match self {
            Self::Text { data, fontsize, fontcolor } => {
                to_value(&TextFields { kind: 0, data, fontsize, fontcolor })
            }
            Self::Image { data, name } => {
                let fields = [("type", Value::from(1)), ("data", Value::Bytes(data.0))];
                let name = name.map(|name| ("name", Value::from(name)));
                Ok(Value::Dict(fields.into_iter().chain(name).collect()))
            }
            Self::Other(value) => Ok(value),
        }
    }
}

/// Whatever isn't exactly text or an image becomes [`MessageBody::Other`], so that nothing is lost.
impl From<Value> for MessageBody {
    fn from(value: Value) -> Self {
        let fields = value.as_dict().map_or(0, Dict::len);
        match (value.get("type").and_then(Value::as_u64), fields) {
            (Some(0), 4) => text_of(value),
            // A line of the server reads as the text that it has for everybody.
            (Some(0), 5) if value.get(SYSTEM_KEY).is_some() => text_of(value),
            (Some(1), 2 | 3) => match from_value(value.clone()) {
                Ok(ImageFields { data, name, .. }) if name.is_some() == (fields == 3) => {
                    Self::Image { data, name }
                }
                _ => Self::Other(value),
            },
            _ => Self::Other(value),
        }
    }
}

fn text_of(value: Value) -> MessageBody {
    from_value(value.clone()).map_or(MessageBody::Other(value), |fields: TextFields| MessageBody::Text {
        data: fields.data,
        fontsize: fields.fontsize,
        fontcolor: fields.fontcolor,
    })
}
