//! Storing each message once.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, Transaction, params};
use uchat_codec::chat::{NewMessage, TARGET_ROOM, TARGET_USER};

use super::grams;
use super::recall;
use super::rows::{Columns, conversation, stored_time};
use super::{LocalStore, Position, StoreError, Stored};
use crate::arrived::Arrived;
use crate::state::{Content, Entry};

/// A message of a login, and whether the server says that it was delivered before, here or elsewhere: then it is not new
/// to its reader, even if it is to this computer.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The message.
    pub message: &'a NewMessage,
    /// Whether it was delivered before.
    pub delivered: bool,
    /// Its number in the conversation, where the server numbers messages.
    pub number: Option<u64>,
}

impl<'a> From<&'a NewMessage> for Arrival<'a> {
    fn from(message: &'a NewMessage) -> Self {
        Self { message, delivered: false, number: None }
    }
}

impl<'a> From<&'a (NewMessage, bool)> for Arrival<'a> {
    fn from((message, delivered): &'a (NewMessage, bool)) -> Self {
        Self { message, delivered: *delivered, number: None }
    }
}

impl<'a> From<&'a Arrived> for Arrival<'a> {
    fn from(arrived: &'a Arrived) -> Self {
        let number = arrived.place.map(|place| place.number);
        Self { message: &arrived.message, delivered: arrived.seen, number }
    }
}

/// What makes two messages the same one, but for their number among equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    pub(super) conversation: i64,
    pub(super) time: i64,
    pub(super) sender: i64,
    pub(super) hash: i64,
}

/// A conversation's row as far as recording needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConversationRow {
    pub(super) id: i64,
    /// The place up to which everything was seen.
    pub(super) read: (i64, i64),
}

/// How the messages of one call are told from those that are there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Live,
    Bundle,
}

impl LocalStore {
    /// Stores a message that has just come: a new one, whatever else is there. `None` when it is of no conversation.
    pub fn record_live(&mut self, message: &NewMessage) -> Result<Option<Stored>, StoreError> {
        Ok(self.record([message], Kind::Live)?.pop())
    }

    /// Stores messages that have just come, all or none: new ones, whatever else is there. Gives them in order of time, with
    /// those that were here and have been taken back.
    pub fn record_live_all<'a>(
        &mut self,
        messages: impl IntoIterator<Item = impl Into<Arrival<'a>>>,
    ) -> Result<Vec<Stored>, StoreError> {
        self.record(messages, Kind::Live)
    }

    /// Stores the messages of a login, all or none: what is here already is not doubled, and two equal messages of one
    /// millisecond stay two. Gives what was new, in order of time. Takes `&NewMessage`, or `&(NewMessage, bool)` as a
    /// [`Bundle`](crate::Bundle) has them.
    pub fn record_bundle<'a>(
        &mut self,
        messages: impl IntoIterator<Item = impl Into<Arrival<'a>>>,
    ) -> Result<Vec<Stored>, StoreError> {
        self.record(messages, Kind::Bundle)
    }

    fn record<'a>(
        &mut self,
        messages: impl IntoIterator<Item = impl Into<Arrival<'a>>>,
        kind: Kind,
    ) -> Result<Vec<Stored>, StoreError> {
        let me = self.me;
        let transaction = self.db.transaction()?;
        let mut batch = Batch {
            transaction: &transaction,
            kind,
            me,
            seen: HashMap::new(),
            stored: Vec::new(),
            emptied: Vec::new(),
        };
        for arrival in messages {
            batch.take(arrival.into())?;
        }
        let (mut stored, emptied) = (batch.stored, batch.emptied);
        transaction.commit()?;
        self.total += stored.len() as u64;
        self.prune(stored.len())?;
        stored.extend(emptied);
        stored.sort_by_key(|stored| stored.position);
        Ok(stored)
    }
}

/// The messages of one call on their way into the database.
struct Batch<'a> {
    transaction: &'a Transaction<'a>,
    kind: Kind,
    me: Option<i64>,
    /// How many of each there were in this call.
    seen: HashMap<Identity, i64>,
    stored: Vec<Stored>,
    /// Those that were here and have been taken back.
    emptied: Vec<Stored>,
}

impl Batch<'_> {
    fn take(&mut self, arrival: Arrival<'_>) -> Result<(), StoreError> {
        let Arrival { message, delivered, number } = arrival;
        if !matches!(message.target_type, TARGET_USER | TARGET_ROOM) {
            return Ok(());
        }
        let key = (message.target_type, message.target_id.cast_signed());
        let place = conversation_row(self.transaction, key)?;
        // A copy of the value shares its bytes.
        let (entry, _) = Entry::of(message.clone(), number);
        if let Some(taken_back) = entry.takes_back() {
            let found = recall::empty(self.transaction, place.id, taken_back, entry.sender_id)?;
            self.emptied.extend(found);
            if number == Some(taken_back) && recall::is_empty(self.transaction, place.id, taken_back)? {
                return Ok(());
            }
        }
        let identity = Identity {
            conversation: place.id,
            time: stored_time(entry.time),
            sender: entry.sender_id.cast_signed(),
            hash: entry.fingerprint().cast_signed(),
        };
        let number = match number {
            Some(number) => match self.numbered(&identity, number)? {
                Numbered::Here => return Ok(()),
                Numbered::New => Some(number),
                Numbered::Other => None,
            },
            None => None,
        };
        let nth = if number.is_some() { self.after_equals(&identity)? } else { self.number(&identity)? };
        let quiet = delivered || self.me == Some(identity.sender);
        let Some(row) =
            write(self.transaction, None, &identity, nth, quiet, &entry.sender_name, &entry.content)?
        else {
            return Ok(());
        };
        if let Some(number) = number {
            let sql = "UPDATE message SET number = ? WHERE id = ?";
            self.transaction.prepare_cached(sql)?.execute(params![number.cast_signed(), row])?;
        }
        let unread = !quiet && (identity.time, row) > place.read;
        self.transaction
            .prepare_cached(
                "UPDATE conversation SET messages = messages + 1, unread = unread + ? WHERE id = ?",
            )?
            .execute(params![unread, place.id])?;
        self.stored.push(Stored {
            position: Position { time: identity.time.cast_unsigned(), row },
            conversation: conversation(key.0, key.1),
            sender_id: entry.sender_id,
            sender_name: entry.sender_name,
            content: entry.content,
            number,
        });
        Ok(())
    }

    /// The number of a message among its equals. A live one comes after all that are there; one of a bundle may be one
    /// of them.
    fn number(&mut self, identity: &Identity) -> Result<i64, StoreError> {
        if self.kind == Kind::Live {
            return self.after_equals(identity);
        }
        let seen = self.seen.entry(*identity).or_default();
        *seen += 1;
        Ok(*seen - 1)
    }
}

impl Batch<'_> {
    /// The number after all equals that are there.
    fn after_equals(&self, identity: &Identity) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(nth) + 1, 0) FROM message \
                   WHERE conversation = ? AND time = ? AND sender = ? AND hash = ?";
        let Identity { conversation, time, sender, hash } = *identity;
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.query_row(params![conversation, time, sender, hash], |row| row.get(0))?)
    }

    /// Whether a message with this number is here. One that came without a number gets it now.
    fn numbered(&self, identity: &Identity, number: u64) -> Result<Numbered, StoreError> {
        let Identity { conversation, time, sender, hash } = *identity;
        let number = number.cast_signed();
        let sql =
            "SELECT time = ? AND sender = ? AND hash = ? FROM message WHERE conversation = ? AND number = ?";
        let same: Option<bool> = self
            .transaction
            .prepare_cached(sql)?
            .query_row(params![time, sender, hash, conversation, number], |row| row.get(0))
            .optional()?;
        match same {
            Some(true) => return Ok(Numbered::Here),
            Some(false) => return Ok(Numbered::Other),
            None => {}
        }
        let sql = "UPDATE message SET number = ?5 WHERE id = (SELECT id FROM message WHERE conversation = ?1 \
                   AND time = ?2 AND sender = ?3 AND hash = ?4 AND number IS NULL ORDER BY nth LIMIT 1)";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let adopted = statement.execute(params![conversation, time, sender, hash, number])?;
        Ok(if adopted > 0 { Numbered::Here } else { Numbered::New })
    }
}

/// What is known of a message with a number.
enum Numbered {
    /// It is here.
    Here,
    /// It is not.
    New,
    /// Another one has its number: the server is not the one of before, or has lost something.
    Other,
}

/// The row of a conversation; made if there is none.
pub(super) fn conversation_row(
    transaction: &Transaction<'_>,
    (kind, target): (u8, i64),
) -> Result<ConversationRow, StoreError> {
    let found = transaction
        .prepare_cached("SELECT id, read_time, read_id FROM conversation WHERE kind = ? AND target = ?")?
        .query_row(params![kind, target], |row| {
            Ok(ConversationRow { id: row.get(0)?, read: (row.get(1)?, row.get(2)?) })
        })
        .optional()?;
    if let Some(found) = found {
        return Ok(found);
    }
    transaction
        .prepare_cached("INSERT INTO conversation (kind, target) VALUES (?, ?)")?
        .execute(params![kind, target])?;
    Ok(ConversationRow { id: transaction.last_insert_rowid(), read: (-1, -1) })
}

/// Writes a message and its words in the index, unless it is there; gives its row.
pub(super) fn write(
    transaction: &Transaction<'_>,
    id: Option<i64>,
    identity: &Identity,
    nth: i64,
    quiet: bool,
    sender_name: &str,
    content: &Content,
) -> Result<Option<i64>, StoreError> {
    let Identity { conversation, time, sender, hash } = *identity;
    let Columns { kind, text, size, style, value } = Columns::of(content);
    let sql = "INSERT OR IGNORE INTO message (id, conversation, time, sender, hash, nth, quiet, sender_name, \
               kind, text, size, style, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let changed = transaction.prepare_cached(sql)?.execute(params![
        id,
        conversation,
        time,
        sender,
        hash,
        nth,
        quiet,
        sender_name,
        kind,
        text,
        size,
        style,
        value
    ])?;
    if changed == 0 {
        return Ok(None);
    }
    let row = transaction.last_insert_rowid();
    if let Some(text) = content.text() {
        transaction
            .prepare_cached("INSERT INTO gram (rowid, words) VALUES (?, ?)")?
            .execute(params![row, grams::words(text, conversation)])?;
    }
    Ok(Some(row))
}
