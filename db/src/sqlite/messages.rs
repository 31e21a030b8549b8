//! Messages and cursors, in SQL.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, Row, params};

use super::friends::are_friends;
use super::rooms::{is_member, member_ids};
use super::{SqliteStore, id, limit};
use crate::error::Result;
use crate::model::{
    ConversationId, HistoryItem, LoginHistory, MessageId, NewMessage, Posting, RoomId, Stored, Target, UserId,
};
use crate::store::{Committed, Messages};

/// `target_type` of a conversation of two users.
pub(crate) const PRIVATE: i64 = 0;
/// `target_type` of a room's conversation.
pub(crate) const ROOM: i64 = 1;

#[async_trait]
impl Messages for SqliteStore {
    async fn post_message(&self, new: NewMessage, committed: Committed) -> Result<Posting> {
        let after = |posting: &Posting| {
            if let Posting::Stored(stored) = posting {
                committed(stored);
            }
        };
        self.writer.run("storing a message", move |connection| post(connection, new), after).await
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
            login_history(&moment, user, max_messages, max_bytes)
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
        self.read("reading messages", move |connection| {
            messages_after(connection, user, position, max_messages, max_bytes)
        })
        .await
    }

    fn note_delivered(&self, user: UserId, conversation: ConversationId, seq: u64) {
        self.writer.move_cursor(user, conversation, seq);
    }
}

fn post(connection: &Connection, new: NewMessage) -> rusqlite::Result<Posting> {
    let recipients = match new.target {
        Target::User(user) => {
            if !are_friends(connection, new.sender, user)? {
                return Ok(Posting::NotFriends);
            }
            vec![new.sender, user]
        }
        Target::Room(room) => {
            if !is_member(connection, new.sender, room)? {
                return Ok(Posting::NotMember);
            }
            member_ids(connection, room)?
        }
    };
    let (target_type, target_id, low, high) = match new.target {
        Target::User(user) => (PRIVATE, user, user.min(new.sender), user.max(new.sender)),
        Target::Room(room) => (ROOM, room, room, 0),
    };
    let (conversation, seq) = next_number(connection, target_type, low, high)?;
    if seq == 1 && target_type == PRIVATE {
        add_cursors(connection, conversation, &recipients)?;
    }
    let sql =
        "INSERT INTO chat_history (user_id, target_id, target_type, data, sent, conversation_id, seq, time)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id";
    let values = params![
        id(new.sender),
        id(target_id),
        target_type,
        &new.body[..],
        new.sent,
        id(conversation),
        id(seq),
        id(new.time_ms)
    ];
    let number = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    let sql = "SELECT username FROM users WHERE id = ?1";
    let sender_name = connection.prepare_cached(sql)?.query_row([id(new.sender)], |row| row.get(0))?;
    Ok(Posting::Stored(Arc::new(Stored {
        id: number,
        conversation,
        seq,
        sender: new.sender,
        sender_name,
        target: new.target,
        time_ms: new.time_ms,
        body: new.body,
        recipients,
    })))
}

/// The conversation, made if it isn't there, and the next number in it.
pub(crate) fn next_number(
    connection: &Connection,
    target_type: i64,
    low: u64,
    high: u64,
) -> rusqlite::Result<(ConversationId, u64)> {
    let sql = "INSERT INTO conversations (target_type, low, high, latest) VALUES (?1, ?2, ?3, 1)
               ON CONFLICT DO UPDATE SET latest = latest + 1 RETURNING id, latest";
    connection
        .prepare_cached(sql)?
        .query_row(params![target_type, id(low), id(high)], |row| Ok((row.get(0)?, row.get(1)?)))
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

fn login_history(
    connection: &Connection,
    user: UserId,
    max_messages: usize,
    max_bytes: usize,
) -> rusqlite::Result<LoginHistory> {
    let newest: MessageId = connection.prepare_cached(NEWEST)?.query_row([], |row| row.get(0))?;
    let sql = "SELECT min(h.id) FROM cursors c CROSS JOIN chat_history h
               ON h.conversation_id = c.conversation_id AND h.seq > c.delivered
               WHERE c.user_id = ?1 AND h.user_id <> ?1";
    let news: Option<MessageId> = connection.prepare_cached(sql)?.query_row([id(user)], |row| row.get(0))?;
    let fitting = newest_within(connection, user, newest, max_messages, max_bytes)?;
    let oldest_fitting = fitting.first().copied().unwrap_or(MessageId::MAX);
    let (position, numbers) = match news.filter(|news| *news < oldest_fitting) {
        None => (newest, fitting),
        Some(news) => (news - 1, newest_within(connection, user, news - 1, max_messages, max_bytes)?),
    };
    let messages =
        numbers.iter().map(|number| item(connection, user, *number)).collect::<rusqlite::Result<_>>()?;
    Ok(LoginHistory { messages, position })
}

/// The numbers of the newest messages of a user, not beyond `last`, within the limits, in ascending order.
fn newest_within(
    connection: &Connection,
    user: UserId,
    last: MessageId,
    max_messages: usize,
    max_bytes: usize,
) -> rusqlite::Result<Vec<MessageId>> {
    // No conversation can contribute more than its own newest `max_messages`, which keeps a long history cheap; that
    // bound counts from the latest, so it holds only when nothing is cut off behind `last`.
    let sql = "SELECT h.id, length(h.data) FROM cursors c
               JOIN conversations v ON v.id = c.conversation_id
               CROSS JOIN chat_history h ON h.conversation_id = c.conversation_id
               AND h.seq > CASE WHEN ?4 THEN max(c.first, v.latest - ?3) ELSE c.first END
               WHERE c.user_id = ?1 AND h.id <= ?2 ORDER BY h.id DESC LIMIT ?3";
    let newest: MessageId = connection.prepare_cached(NEWEST)?.query_row([], |row| row.get(0))?;
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![id(user), id(last), limit(max_messages), last >= newest])?;
    let mut numbers = Vec::new();
    let mut bytes = 0usize;
    while let Some(row) = rows.next()? {
        bytes = bytes.saturating_add(row.get::<_, usize>(1)?);
        if bytes > max_bytes {
            break;
        }
        numbers.push(row.get(0)?);
    }
    numbers.reverse();
    Ok(numbers)
}

/// The number of the last message of the server.
const NEWEST: &str = "SELECT coalesce(max(id), 0) FROM chat_history";

/// The columns that `item_row` reads, of a message as one user sees it.
const ITEM: &str =
    "h.id, h.conversation_id, h.seq, h.user_id, u.username, h.target_type, h.target_id, h.time, h.data,
                    h.seq <= c.delivered OR h.user_id = c.user_id";

fn item(connection: &Connection, user: UserId, number: MessageId) -> rusqlite::Result<HistoryItem> {
    let sql = format!(
        "SELECT {ITEM} FROM chat_history h JOIN users u ON u.id = h.user_id
         JOIN cursors c ON c.user_id = ?1 AND c.conversation_id = h.conversation_id WHERE h.id = ?2"
    );
    connection.prepare_cached(&sql)?.query_row(params![id(user), id(number)], item_row)
}

/// Goes through the messages after `position`, which for a session that follows are few, and takes the user's.
fn messages_after(
    connection: &Connection,
    user: UserId,
    position: MessageId,
    max_messages: usize,
    max_bytes: usize,
) -> rusqlite::Result<Vec<HistoryItem>> {
    let sql = format!(
        "SELECT {ITEM} FROM chat_history h CROSS JOIN cursors c
         ON c.user_id = ?1 AND c.conversation_id = h.conversation_id AND h.seq > c.first
         JOIN users u ON u.id = h.user_id WHERE h.id > ?2 ORDER BY h.id LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![id(user), id(position), limit(max_messages.max(1))])?;
    let mut items = Vec::new();
    let mut bytes = 0usize;
    while let Some(row) = rows.next()? {
        let item = item_row(row)?;
        bytes = bytes.saturating_add(item.message.body.len());
        if bytes > max_bytes && !items.is_empty() {
            break;
        }
        items.push(item);
    }
    Ok(items)
}

fn item_row(row: &Row<'_>) -> rusqlite::Result<HistoryItem> {
    let target = match row.get::<_, i64>(5)? {
        PRIVATE => Target::User(row.get(6)?),
        _ => Target::Room(row.get(6)?),
    };
    let message = Stored {
        id: row.get(0)?,
        conversation: row.get(1)?,
        seq: row.get(2)?,
        sender: row.get(3)?,
        sender_name: row.get(4)?,
        target,
        time_ms: row.get(7)?,
        body: Bytes::from(row.get::<_, Vec<u8>>(8)?),
        recipients: Vec::new(),
    };
    Ok(HistoryItem { message, delivered: row.get(9)? })
}
