//! Storing each message once, and pages of a conversation.

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use sha2::{Digest as _, Sha256};
use uchat_codec::chat::{MessageBody, NewMessage, TARGET_ROOM, TARGET_USER};
use uchat_codec::{Limits, Value};

use super::search::pairs;
use super::{LocalStore, MAX_PAGE, StoreError};
use crate::ConversationId;
use crate::attachment::Attachment;
use crate::state::Content;

/// How a file's description begins where its bytes were: they are in the folder of files.
const FILE_MARK: &[u8] = b"\0file\0";

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
}

/// Some messages of a conversation, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The messages.
    pub rows: Vec<Stored>,
    /// Whether there are older ones.
    pub more_before: bool,
    /// Whether there are newer ones.
    pub more_after: bool,
}

/// A conversation as two numbers.
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

/// A time that the database can hold.
fn stored_time(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

/// A message as it is written.
struct Written {
    kind: u8,
    target: i64,
    time: i64,
    sender: i64,
    sender_name: String,
    hash: i64,
    content: Vec<u8>,
    text: Option<String>,
}

impl Written {
    fn of(message: &NewMessage) -> Option<Self> {
        if !matches!(message.target_type, TARGET_USER | TARGET_ROOM) {
            return None;
        }
        let mut bytes = BytesMut::new();
        message.message.encode(&mut bytes).ok()?;
        let digest = Sha256::digest(&bytes);
        let hash = i64::from_le_bytes(digest[..8].try_into().ok()?);
        let (content, text) = match MessageBody::from(message.message.clone()) {
            MessageBody::Text { data, .. } => (bytes.to_vec(), Some(data)),
            MessageBody::Image { data } => {
                let file = Attachment::of(&data.0);
                let described = format!("{} {} {}", file.sha256, file.bytes, file.extension);
                ([FILE_MARK, described.as_bytes()].concat(), None)
            }
            MessageBody::Other(_) => (bytes.to_vec(), None),
        };
        Some(Self {
            kind: message.target_type,
            target: message.target_id.cast_signed(),
            time: stored_time(message.time),
            sender: message.sender_id.cast_signed(),
            sender_name: message.sender_name.clone(),
            hash,
            content,
            text,
        })
    }

    fn identity(&self) -> (u8, i64, i64, i64, i64) {
        (self.kind, self.target, self.time, self.sender, self.hash)
    }
}

impl LocalStore {
    /// Stores a message that has just come: a new one, whatever else is there.
    pub fn record_live(&mut self, message: &NewMessage) -> Result<Option<Stored>, StoreError> {
        let Some(written) = Written::of(message) else { return Ok(None) };
        let transaction = self.db.transaction()?;
        let (kind, target, time, sender, hash) = written.identity();
        let nth: i64 = transaction.query_row(
            "SELECT count(*) FROM message WHERE kind = ? AND target = ? AND time = ? AND sender = ? AND hash = ?",
            params![kind, target, time, sender, hash],
            |row| row.get(0),
        )?;
        let stored = insert(&transaction, &written, nth)?;
        transaction.commit()?;
        Ok(stored)
    }

    /// Stores the messages of a login: what is here already is not doubled, and two equal messages of one millisecond
    /// stay two. Gives what was new, in the order of the bundle.
    pub fn record_bundle<'a>(
        &mut self,
        messages: impl IntoIterator<Item = &'a NewMessage>,
    ) -> Result<Vec<Stored>, StoreError> {
        let transaction = self.db.transaction()?;
        let mut seen: HashMap<_, i64> = HashMap::new();
        let mut new = Vec::new();
        for written in messages.into_iter().filter_map(Written::of) {
            let nth = seen.entry(written.identity()).or_default();
            new.extend(insert(&transaction, &written, *nth)?);
            *nth += 1;
        }
        transaction.commit()?;
        Ok(new)
    }

    /// The newest messages.
    pub fn newest(&self, of: ConversationId, limit: usize) -> Result<Page, StoreError> {
        self.before(of, Position { time: u64::MAX, row: i64::MAX }, limit)
    }

    /// Messages before a place.
    pub fn before(&self, of: ConversationId, place: Position, limit: usize) -> Result<Page, StoreError> {
        let limit = limit.clamp(1, MAX_PAGE);
        let mut rows = self.select("<", "DESC", of, place, limit + 1)?;
        let more_before = rows.len() > limit;
        rows.truncate(limit);
        rows.reverse();
        let more_after = rows.last().is_some_and(|_| place.time < u64::MAX);
        Ok(Page { rows, more_before, more_after })
    }

    /// Messages after a place.
    pub fn after(&self, of: ConversationId, place: Position, limit: usize) -> Result<Page, StoreError> {
        let limit = limit.clamp(1, MAX_PAGE);
        let mut rows = self.select(">", "ASC", of, place, limit + 1)?;
        let more_after = rows.len() > limit;
        rows.truncate(limit);
        Ok(Page { more_before: !rows.is_empty(), rows, more_after })
    }

    fn select(
        &self,
        side: &str,
        order: &str,
        of: ConversationId,
        place: Position,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let (kind, target) = key(of);
        let sql = format!(
            "SELECT id, kind, target, time, sender, sender_name, content FROM message \
             WHERE kind = ?1 AND target = ?2 AND (time, id) {side} (?3, ?4) ORDER BY time {order}, id {order} LIMIT ?5"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![kind, target, stored_time(place.time), place.row, limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// One message.
    pub(super) fn message(&self, row: i64) -> Result<Option<Stored>, StoreError> {
        let sql = "SELECT id, kind, target, time, sender, sender_name, content FROM message WHERE id = ?";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row([row], read).optional()?)
    }

    /// How many messages of a conversation are here.
    pub fn count(&self, of: ConversationId) -> Result<u64, StoreError> {
        let (kind, target) = key(of);
        let sql = "SELECT count(*) FROM message WHERE kind = ? AND target = ?";
        Ok(self.db.prepare_cached(sql)?.query_row(params![kind, target], |row| row.get(0))?)
    }
}

/// Writes a message, unless it is there.
fn insert(transaction: &Transaction<'_>, written: &Written, nth: i64) -> Result<Option<Stored>, StoreError> {
    let sql = "INSERT OR IGNORE INTO message (kind, target, time, sender, sender_name, hash, nth, content, text) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let changed = transaction.prepare_cached(sql)?.execute(params![
        written.kind,
        written.target,
        written.time,
        written.sender,
        written.sender_name,
        written.hash,
        nth,
        written.content,
        written.text
    ])?;
    if changed == 0 {
        return Ok(None);
    }
    let row = transaction.last_insert_rowid();
    if let Some(text) = &written.text {
        let sql = "INSERT INTO pairs (rowid, words) VALUES (?, ?)";
        transaction.prepare_cached(sql)?.execute(params![row, pairs(text)])?;
    }
    Ok(Some(Stored {
        position: Position { time: written.time.cast_unsigned(), row },
        conversation: conversation(written.kind, written.target),
        sender_id: written.sender.cast_unsigned(),
        sender_name: written.sender_name.clone(),
        content: content_of(written.content.clone()),
    }))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let (id, time): (i64, i64) = (row.get(0)?, row.get(3)?);
    Ok(Stored {
        position: Position { time: time.cast_unsigned(), row: id },
        conversation: conversation(row.get(1)?, row.get(2)?),
        sender_id: row.get::<_, i64>(4)?.cast_unsigned(),
        sender_name: row.get(5)?,
        content: content_of(row.get(6)?),
    })
}

/// What was sent. Something that this program can't read is shown as such and hides nothing else.
fn content_of(stored: Vec<u8>) -> Content {
    if let Some(described) = stored.strip_prefix(FILE_MARK) {
        return file_of(described).map_or(Content::Other(Value::None), Content::File);
    }
    let value = Value::decode(Bytes::from(stored), &Limits::default()).unwrap_or(Value::None);
    match MessageBody::from(value) {
        MessageBody::Text { data, fontsize, fontcolor } => {
            Content::Text { text: data, size: fontsize, colour: fontcolor }
        }
        MessageBody::Image { data } => Content::File(Attachment::of(&data.0)),
        MessageBody::Other(value) => Content::Other(value),
    }
}

fn file_of(described: &[u8]) -> Option<Attachment> {
    let mut words = std::str::from_utf8(described).ok()?.split(' ');
    Attachment::described(words.next()?, words.next()?.parse().ok()?, words.next()?)
}
