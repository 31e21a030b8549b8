//! What a user sees of the messages: the newest at login, and those after a position.
//!
//! Numbers of messages ascend within each conversation too, so both merge the user's conversations by number: each step
//! is one look into an index. The cost follows from what is asked for, not from how much has ever been said.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::id;
use super::messages::PRIVATE;
use crate::model::{ConversationId, HistoryItem, LoginHistory, MessageId, Stored, Target, UserId};

/// The number of the last message of the server.
pub(super) const NEWEST: &str = "SELECT coalesce(max(id), 0) FROM chat_history";

/// The oldest message that the user has not received.
pub(super) const OLDEST_NEWS: &str = "SELECT min(number) FROM (SELECT
        (SELECT h.id FROM chat_history h WHERE h.conversation_id = c.conversation_id AND h.seq > c.delivered
         AND h.user_id <> ?1 ORDER BY h.seq LIMIT 1) AS number
    FROM cursors c JOIN conversations v ON v.id = c.conversation_id WHERE c.user_id = ?1 AND v.latest > c.delivered)";

/// The conversations of a user in which there is something to see.
pub(super) const CONVERSATIONS: &str = "SELECT c.conversation_id, c.first, v.latest
    FROM cursors c JOIN conversations v ON v.id = c.conversation_id WHERE c.user_id = ?1 AND v.latest > c.first";

/// The message of a conversation before a place.
pub(super) const BEFORE: &str = "SELECT id, seq FROM chat_history WHERE conversation_id = ?1 AND seq < ?2
    ORDER BY seq DESC LIMIT 1";

/// The message of a conversation after a place.
pub(super) const AFTER: &str = "SELECT id, seq FROM chat_history WHERE conversation_id = ?1 AND seq > ?2
    ORDER BY seq LIMIT 1";

/// The size of a message.
pub(super) const SIZE: &str = "SELECT length(data) FROM chat_history WHERE id = ?1";

/// A message as one user sees it.
pub(super) const ITEM: &str = "SELECT h.id, h.conversation_id, h.seq, h.user_id, u.username, h.target_type,
        h.target_id, h.time, h.data, h.seq <= c.delivered OR h.user_id = c.user_id
    FROM chat_history h JOIN users u ON u.id = h.user_id
    JOIN cursors c ON c.user_id = ?1 AND c.conversation_id = h.conversation_id WHERE h.id = ?2";

/// Must run in one transaction.
pub(super) fn login_history(
    connection: &Connection,
    user: UserId,
    max_messages: usize,
    max_bytes: usize,
) -> rusqlite::Result<LoginHistory> {
    let newest: MessageId = connection.prepare_cached(NEWEST)?.query_row([], |row| row.get(0))?;
    let news: Option<MessageId> =
        connection.prepare_cached(OLDEST_NEWS)?.query_row([id(user)], |row| row.get(0))?;
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
    let mut heads = BinaryHeap::new();
    for conversation in conversations(connection, user)? {
        let end = conversation.first_after(connection, last)?;
        heads.extend(conversation.before(connection, end)?);
    }
    let mut numbers = Vec::new();
    let mut bytes = 0usize;
    while numbers.len() < max_messages
        && let Some(head) = heads.pop()
    {
        bytes = bytes.saturating_add(size(connection, head.number)?);
        if bytes > max_bytes {
            break;
        }
        numbers.push(head.number);
        heads.extend(head.conversation.before(connection, head.seq)?);
    }
    numbers.reverse();
    Ok(numbers)
}

/// Must run in one transaction: a message that comes between two looks would be passed over.
pub(super) fn messages_after(
    connection: &Connection,
    user: UserId,
    position: MessageId,
    max_messages: usize,
    max_bytes: usize,
) -> rusqlite::Result<Vec<HistoryItem>> {
    let mut heads = BinaryHeap::new();
    for conversation in conversations(connection, user)? {
        let start = conversation.first_after(connection, position)?;
        heads.extend(conversation.after(connection, start - 1)?.map(Reverse));
    }
    let mut items = Vec::new();
    let mut bytes = 0usize;
    while items.len() < max_messages.max(1)
        && let Some(Reverse(head)) = heads.pop()
    {
        bytes = bytes.saturating_add(size(connection, head.number)?);
        if bytes > max_bytes && !items.is_empty() {
            break;
        }
        items.push(item(connection, user, head.number)?);
        heads.extend(head.conversation.after(connection, head.seq)?.map(Reverse));
    }
    Ok(items)
}

/// The next message of one conversation.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Head {
    /// Comes first: heads are compared by it.
    pub(super) number: MessageId,
    pub(super) seq: u64,
    pub(super) conversation: Conversation,
}

/// A conversation as one user sees it: what comes after `first`, up to `latest`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Conversation {
    pub(super) id: ConversationId,
    pub(super) first: u64,
    pub(super) latest: u64,
}

impl Conversation {
    /// The place of the first visible message with a greater number than `bound`, or the one after the latest. What is
    /// asked for is mostly new, so the search leaps back from the end, each leap twice as far, then halves.
    fn first_after(self, connection: &Connection, bound: MessageId) -> rusqlite::Result<u64> {
        let beyond = |seq: u64| -> rusqlite::Result<bool> {
            Ok(self.after(connection, seq - 1)?.is_none_or(|head| head.number > bound))
        };
        let (mut low, mut high, mut leap) = (self.first, self.latest + 1, 1);
        while high.saturating_sub(leap) > low {
            let probe = high - leap;
            if !beyond(probe)? {
                low = probe;
                break;
            }
            high = probe;
            leap *= 2;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if beyond(middle)? {
                high = middle;
            } else {
                low = middle;
            }
        }
        Ok(high)
    }

    pub(super) fn before(self, connection: &Connection, seq: u64) -> rusqlite::Result<Option<Head>> {
        Ok(self.look(connection, BEFORE, seq)?.filter(|head| head.seq > self.first))
    }

    pub(super) fn after(self, connection: &Connection, seq: u64) -> rusqlite::Result<Option<Head>> {
        self.look(connection, AFTER, seq)
    }

    fn look(self, connection: &Connection, sql: &str, seq: u64) -> rusqlite::Result<Option<Head>> {
        let head = |row: &Row<'_>| Ok(Head { number: row.get(0)?, seq: row.get(1)?, conversation: self });
        connection.prepare_cached(sql)?.query_row(params![id(self.id), id(seq)], head).optional()
    }
}

pub(super) fn conversations(connection: &Connection, user: UserId) -> rusqlite::Result<Vec<Conversation>> {
    let conversation =
        |row: &Row<'_>| Ok(Conversation { id: row.get(0)?, first: row.get(1)?, latest: row.get(2)? });
    connection.prepare_cached(CONVERSATIONS)?.query_map([id(user)], conversation)?.collect()
}

pub(super) fn size(connection: &Connection, number: MessageId) -> rusqlite::Result<usize> {
    connection.prepare_cached(SIZE)?.query_row([id(number)], |row| row.get(0))
}

pub(super) fn item(
    connection: &Connection,
    user: UserId,
    number: MessageId,
) -> rusqlite::Result<HistoryItem> {
    connection.prepare_cached(ITEM)?.query_row(params![id(user), id(number)], item_row)
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
