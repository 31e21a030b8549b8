//! Messages and cursors, in SQL.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::friends::are_friends;
use super::rooms::{may_speak, member_ids};
use super::writer::Runs;
use super::{SqliteStore, history, id};
use crate::error::Result;
use crate::model::{
    ClientMessageId, ConversationId, Cursor, HistoryItem, LoginHistory, MessageId, NewMessage, Posting,
    Recall, Recalling, Receipt, RoomId, Stored, Target, UserId,
};
use crate::store::{Committed, Messages, Queued};

/// `target_type` of a conversation of two users.
pub(crate) const PRIVATE: i64 = 0;
/// `target_type` of a room's conversation.
pub(crate) const ROOM: i64 = 1;

#[async_trait]
impl Messages for SqliteStore {
    async fn queue_message(
        &self,
        name: Option<ClientMessageId>,
        new: NewMessage,
        committed: Committed,
    ) -> Result<Queued> {
        let after = |posting: &Posting| {
            if let Posting::Stored(stored) = posting {
                committed(stored);
            }
        };
        let bytes = new.body.len();
        let change = move |connection: &Connection| post(connection, name.as_ref(), &new);
        let answer = self.writer.queue("storing a message", bytes, Runs::Repeatably, change, after).await?;
        Ok(Box::pin(answer.wait()))
    }

    async fn recall_message(&self, recall: Recall) -> Result<Recalling> {
        self.write("taking a message back", move |connection| take_back(connection, &recall)).await
    }

    async fn login_history(
        &self,
        user: UserId,
        max_messages: usize,
        max_bytes: usize,
    ) -> Result<LoginHistory> {
        self.writer.flush_cursors().await?;
        self.read("reading the history", move |connection| {
            let moment = connection.unchecked_transaction()?;
            history::login_history(&moment, user, max_messages, max_bytes)
        })
        .await
    }

    async fn messages_after(
        &self,
        user: UserId,
        position: MessageId,
        max_messages: usize,
        max_bytes: usize,
    ) -> Result<Vec<HistoryItem>> {
        // Asked for before the read: what is written meanwhile is seen by one of the two.
        let moved = self.writer.moved_cursors(user);
        let query = move |connection: &Connection| {
            let moment = connection.unchecked_transaction()?;
            history::messages_after(&moment, user, position, max_messages, max_bytes)
        };
        let mut items = self.read("reading messages", query).await?;
        for item in &mut items {
            let position = moved.get(&item.message.conversation);
            item.delivered |= position.is_some_and(|position| item.message.seq <= position.received);
        }
        Ok(items)
    }

    fn note_delivered(&self, user: UserId, conversation: ConversationId, seq: u64) {
        let to = Cursor { received: seq, read: seq, shown: 0 };
        self.writer.move_cursor(user, conversation, to);
    }
}

/// The message to which its sender has given this name. Jobs of one group see each other, so two that say the same at
/// once are stored once.
pub(super) const NAMED: &str =
    "SELECT conversation_id, seq, time FROM chat_history WHERE user_id = ?1 AND client_id = ?2";

pub(super) fn named(
    connection: &Connection,
    sender: UserId,
    name: &ClientMessageId,
) -> rusqlite::Result<Option<Receipt>> {
    let receipt =
        |row: &Row<'_>| Ok(Receipt { conversation: row.get(0)?, seq: row.get(1)?, time_ms: row.get(2)? });
    connection.prepare_cached(NAMED)?.query_row(params![id(sender), name], receipt).optional()
}

pub(super) fn post(
    connection: &Connection,
    name: Option<&ClientMessageId>,
    new: &NewMessage,
) -> rusqlite::Result<Posting> {
    if let Some(name) = name
        && let Some(receipt) = named(connection, new.sender, name)?
    {
        return Ok(Posting::Repeated(receipt));
    }
    let recipients = match new.target {
        Target::User(user) => {
            if !are_friends(connection, new.sender, user)? {
                return Ok(Posting::NotFriends);
            }
            vec![new.sender, user]
        }
        Target::Room(room) => match may_speak(connection, new.sender, room)? {
            Some(true) => member_ids(connection, room)?,
            Some(false) => return Ok(Posting::Muted),
            None => return Ok(Posting::NotMember),
        },
    };
    store(connection, name, new, recipients).map(Posting::Stored)
}

/// Stores a message that may be stored.
pub(super) fn store(
    connection: &Connection,
    name: Option<&ClientMessageId>,
    new: &NewMessage,
    recipients: Vec<UserId>,
) -> rusqlite::Result<Arc<Stored>> {
    let (target_type, target_id, low, high) = match new.target {
        Target::User(user) => (PRIVATE, user, user.min(new.sender), user.max(new.sender)),
        Target::Room(room) => (ROOM, room, room, 0),
    };
    let (conversation, seq) = next_number(connection, target_type, low, high)?;
    if seq == 1 && target_type == PRIVATE {
        add_cursors(connection, conversation, &recipients)?;
    }
    let place = Place { conversation, seq, target_type, target_id };
    let number = insert(connection, &place, new, name)?;
    let sql = "SELECT username FROM users WHERE id = ?1";
    let sender_name = connection.prepare_cached(sql)?.query_row([id(new.sender)], |row| row.get(0))?;
    Ok(Arc::new(Stored {
        id: number,
        conversation,
        seq,
        sender: new.sender,
        sender_name,
        target: new.target,
        time_ms: new.time_ms,
        body: new.body.clone(),
        recipients,
    }))
}

/// Where a message goes.
struct Place {
    conversation: ConversationId,
    seq: u64,
    target_type: i64,
    target_id: u64,
}

fn insert(
    connection: &Connection,
    place: &Place,
    new: &NewMessage,
    name: Option<&ClientMessageId>,
) -> rusqlite::Result<MessageId> {
    let sql =
        "INSERT INTO chat_history (user_id, target_id, target_type, data, sent, conversation_id, seq, time,
               client_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let values = params![
        id(new.sender),
        id(place.target_id),
        place.target_type,
        &new.body[..],
        new.sent,
        id(place.conversation),
        id(place.seq),
        id(new.time_ms),
        name
    ];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(connection.last_insert_rowid().unsigned_abs())
}

/// A message by its place, if it is this user's: its number, its time, its body, and where it went.
const OWN: &str = "SELECT h.id, h.time, h.data, v.target_type, v.low, v.high
    FROM chat_history h JOIN conversations v ON v.id = h.conversation_id
    WHERE h.conversation_id = ?1 AND h.seq = ?2 AND h.user_id = ?3";

/// A row of [`OWN`].
type OwnRow = (MessageId, u64, Vec<u8>, i64, u64, u64);

fn take_back(connection: &Connection, recall: &Recall) -> rusqlite::Result<Recalling> {
    let parameters = params![id(recall.conversation), id(recall.seq), id(recall.sender)];
    let row = |row: &rusqlite::Row<'_>| -> rusqlite::Result<OwnRow> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    };
    let found = connection.prepare_cached(OWN)?.query_row(parameters, row).optional()?;
    let Some((number, time, body, target_type, low, high)) = found else { return Ok(Recalling::NoMessage) };
    if body == recall.emptied[..] {
        return Ok(Recalling::Already);
    }
    if time < recall.since_ms {
        return Ok(Recalling::TooLate);
    }
    let mut update = connection.prepare_cached("UPDATE chat_history SET data = ?1 WHERE id = ?2")?;
    update.execute(params![&recall.emptied[..], id(number)])?;
    // The file of a message that was taken back is for nobody any more who saw it there only.
    connection.prepare_cached("DELETE FROM file_uses WHERE message_id = ?1")?.execute([id(number)])?;
    let (target, recipients) = if target_type == PRIVATE {
        (Target::User(if low == recall.sender { high } else { low }), vec![low, high])
    } else {
        (Target::Room(low), member_ids(connection, low)?)
    };
    let (conversation, seq) = next_number(connection, target_type, low, high)?;
    let (Target::User(target_id) | Target::Room(target_id)) = target;
    let place = Place { conversation, seq, target_type, target_id };
    let (sender, time_ms, body) = (recall.sender, recall.time_ms, recall.notice.clone());
    insert(connection, &place, &NewMessage { sender, target, body, time_ms, sent: true }, None)?;
    Ok(Recalling::Done(recipients))
}

/// The conversation, made if it isn't there, and the next number in it.
pub(crate) fn next_number(
    connection: &Connection,
    target_type: i64,
    low: u64,
    high: u64,
) -> rusqlite::Result<(ConversationId, u64)> {
    // In one statement SQLite would keep a copy of each page that it changes, in case it fails halfway.
    let place = params![target_type, id(low), id(high)];
    let sql = "SELECT id, latest FROM conversations WHERE target_type = ?1 AND low = ?2 AND high = ?3";
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, u64>(1)?));
    let Some((conversation, latest)) = connection.prepare_cached(sql)?.query_row(place, row).optional()?
    else {
        let sql = "INSERT INTO conversations (target_type, low, high, latest) VALUES (?1, ?2, ?3, 1)";
        connection.prepare_cached(sql)?.execute(place)?;
        return Ok((connection.last_insert_rowid().unsigned_abs(), 1));
    };
    let next = latest.saturating_add(1);
    let sql = "UPDATE conversations SET latest = ?2 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![id(conversation), id(next)])?;
    Ok((conversation, next))
}

/// The conversation of a room is there from the first member on.
pub(crate) fn conversation_of_room(connection: &Connection, room: RoomId) -> rusqlite::Result<()> {
    let sql = "INSERT INTO conversations (target_type, low, high, latest) VALUES (?1, ?2, 0, 0) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![ROOM, id(room)]).map(|_| ())
}

/// Each member of a new private conversation sees all of it.
pub(crate) fn add_cursors(
    connection: &Connection,
    conversation: ConversationId,
    users: &[UserId],
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO cursors (user_id, conversation_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(sql)?;
    for user in users {
        statement.execute(params![id(*user), id(conversation)])?;
    }
    Ok(())
}
