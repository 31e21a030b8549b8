//! Messages as they are stored, and as they come back.

use bytes::{Bytes, BytesMut};
use rusqlite::Row;
use uchat_codec::chat::{Blob, FileHash, FileRef, TARGET_ROOM, TARGET_USER};
use uchat_codec::{Limits, Value};

use crate::ConversationId;
use crate::attachment::Attachment;
use crate::shared_file::SharedFile;
use crate::state::Content;

/// The columns that [`read`] wants, of `message` joined with `conversation`.
pub(super) const COLUMNS: &str = "message.id, conversation.kind, target, time, sender, sender_name, message.kind, text, size, style, value, number \
     FROM message JOIN conversation ON conversation.id = message.conversation";

const TEXT: u8 = 0;
const FILE: u8 = 1;
/// With a `size` it is a file that the server has: `text` its name, `size` its bytes, `value` its hash and what is known of
/// its small picture, `style` the ending of that.
const OTHER: u8 = 2;

/// The place of a message in its conversation: by time, then by arrival here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// When the server got it, in milliseconds since 1970 UTC.
    pub time: u64,
    /// Its number in this history.
    pub row: i64,
}

/// A stored message.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its place.
    pub position: Position,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Who sent it.
    pub sender_id: u64,
    /// The sender's name.
    pub sender_name: String,
    /// What was sent.
    pub content: Content,
    /// Its number in the conversation, where the server numbers messages.
    pub number: Option<u64>,
}

/// A conversation as two numbers. The database has signed ones only, so great user numbers become negative there.
pub(super) fn key(conversation: ConversationId) -> (u8, i64) {
    match conversation {
        ConversationId::Friend(id) => (TARGET_USER, id.cast_signed()),
        ConversationId::Room(id) => (TARGET_ROOM, id.cast_signed()),
    }
}

/// The conversation of two numbers.
pub(super) fn conversation(kind: u8, target: i64) -> ConversationId {
    if kind == TARGET_ROOM {
        ConversationId::Room(target.cast_unsigned())
    } else {
        ConversationId::Friend(target.cast_unsigned())
    }
}

/// A time that the database can hold and sort; no real one is changed.
pub(super) fn stored_time(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

/// A content in columns.
pub(super) struct Columns<'a> {
    pub(super) kind: u8,
    pub(super) text: Option<&'a str>,
    pub(super) size: Option<i64>,
    pub(super) style: Option<&'a str>,
    pub(super) value: Option<Vec<u8>>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(content: &'a Content) -> Self {
        match content {
            Content::Text { text, size, colour } => Self {
                kind: TEXT,
                text: Some(text),
                size: Some((*size).into()),
                style: Some(colour),
                value: None,
            },
            Content::File(file) => Self {
                kind: FILE,
                text: Some(&file.sha256),
                size: Some(stored_time(file.bytes)),
                style: Some(file.extension),
                value: (!file.name.is_empty()).then(|| file.name.clone().into_bytes()),
            },
            Content::Shared(file) => Self {
                kind: OTHER,
                text: Some(&file.name),
                size: Some(stored_time(file.size)),
                style: file.thumbnail.as_ref().map(|made| made.extension),
                value: Some(shared_value(file)),
            },
            Content::System { line, text } => Self::other(line.clone().message(text.as_str()).ok().as_ref()),
            Content::Other(value) => Self::other(Some(value)),
        }
    }

    /// What came over the wire can be written; anything else is remembered as nothing.
    fn other(value: Option<&Value>) -> Self {
        let mut bytes = BytesMut::new();
        let encoded = value.and_then(|value| value.encode(&mut bytes).ok()).map(|()| bytes.to_vec());
        Self { kind: OTHER, text: None, size: None, style: None, value: encoded }
    }
}

/// A message of a row with [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        position: Position { row: row.get(0)?, time: row.get::<_, i64>(3)?.cast_unsigned() },
        conversation: conversation(row.get(1)?, row.get(2)?),
        sender_id: row.get::<_, i64>(4)?.cast_unsigned(),
        sender_name: row.get(5)?,
        content: content(row)?,
        number: row.get::<_, Option<i64>>(11)?.map(i64::cast_unsigned),
    })
}

/// What was sent. Something that this program can't read is shown as such and hides nothing else.
fn content(row: &Row<'_>) -> rusqlite::Result<Content> {
    let text: Option<String> = row.get(7)?;
    let text = text.unwrap_or_default();
    let stored_size: Option<i64> = row.get(8)?;
    let size = stored_size.unwrap_or_default();
    let style: String = row.get::<_, Option<String>>(9)?.unwrap_or_default();
    Ok(match row.get(6)? {
        TEXT => Content::Text { text, size: u32::try_from(size).unwrap_or_default(), colour: style },
        FILE => {
            let name: Vec<u8> = row.get::<_, Option<_>>(10)?.unwrap_or_default();
            Attachment::described(&text, size.cast_unsigned(), &style)
                .map_or(Content::Other(Value::None), |file| {
                    Content::File(file.called(&String::from_utf8_lossy(&name)))
                })
        }
        OTHER if stored_size.is_some() => {
            let hashes: Vec<u8> = row.get::<_, Option<_>>(10)?.unwrap_or_default();
            shared_file(text, size.cast_unsigned(), &style, &hashes)
                .map_or(Content::Other(Value::None), Content::Shared)
        }
        _ => {
            let bytes: Vec<u8> = row.get::<_, Option<_>>(10)?.unwrap_or_default();
            let value = Value::decode(Bytes::from(bytes), &Limits::default()).unwrap_or(Value::None);
            let is_numbered = row.get::<_, Option<i64>>(11)?.is_some();
            match Content::system(&value) {
                Some(line) if is_numbered => line,
                Some(Content::System { text, .. }) => {
                    Content::Text { text, size: 16, colour: "#808080".into() }
                }
                // Written by a version that knew no files; the bytes of its picture are in no file of ours.
                _ => FileRef::in_message(&value).map_or(Content::Other(value), |mut file| {
                    file.thumbnail = Blob::default();
                    Content::Shared(SharedFile::of(file).0)
                }),
            }
        }
    })
}

/// The hash of a file, and then that of its small picture and how long that is.
fn shared_value(file: &SharedFile) -> Vec<u8> {
    let mut value = file.sha256.0.to_vec();
    if let Some(made) = &file.thumbnail
        && let Ok(hash) = hex::decode(&made.sha256)
    {
        value.extend(hash);
        value.extend(made.bytes.to_be_bytes());
    }
    value
}

fn shared_file(name: String, size: u64, extension: &str, hashes: &[u8]) -> Option<SharedFile> {
    let (sha256, picture) = hashes.split_first_chunk()?;
    let thumbnail = picture.split_last_chunk().and_then(|(hash, bytes)| {
        Attachment::described(&hex::encode(hash), u64::from_be_bytes(*bytes), extension)
    });
    Some(SharedFile { sha256: FileHash(*sha256), size, name, thumbnail })
}
