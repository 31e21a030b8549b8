//! Cursors and pages for clients that know the numbers of messages, in SQL.

use std::cmp::Reverse;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

use super::history::{self, Conversation, Head};
use super::messages::PRIVATE;
use super::rooms::member_ids_at_most;
use super::{SqliteStore, id};
use crate::error::Result;
use crate::model::{
    ConversationId, Cursor, HistoryItem, MessageId, Moved, Page, Resume, Resumption, Standing, Target, UserId,
};
use crate::store::Delivery;

/// A cursor that goes over more messages than this tells the senders of the newest ones only.
const TOLD_MESSAGES: u64 = 500;

#[async_trait]
impl Delivery for SqliteStore {
    async fn resume(&self, user: UserId, asked: Resume) -> Result<Resumption> {
        self.writer.flush_cursors().await?;
        self.read("reading what is new", move |connection| {
            let moment = connection.unchecked_transaction()?;
            resume(&moment, user, &asked)
        })
        .await
    }

    async fn page(
        &self,
        user: UserId,
        conversation: ConversationId,
        page: Page,
        max_messages: usize,
        max_bytes: usize,
    ) -> Result<Option<Vec<HistoryItem>>> {
        self.read("reading a page", move |connection| {
            let moment = connection.unchecked_transaction()?;
            one_page(&moment, user, conversation, page, max_messages, max_bytes)
        })
        .await
    }

    async fn move_cursor(
        &self,
        user: UserId,
        conversation: ConversationId,
        to: Cursor,
        max_others: usize,
    ) -> Result<Option<Moved>> {
        // Asked for before the read: what is written meanwhile is seen by one of the two.
        let pending = self.writer.moved_cursors(user).get(&conversation).copied().unwrap_or_default();
        let found = self
            .read("moving a cursor", move |connection| {
                let moment = connection.unchecked_transaction()?;
                moved(&moment, user, conversation, pending, to, max_others)
            })
            .await?;
        if let Some(moved) = &found {
            self.writer.move_cursor(user, conversation, moved.cursor);
        }
        Ok(found)
    }

    fn note_cursor(&self, user: UserId, conversation: ConversationId, to: Cursor) {
        self.writer.move_cursor(user, conversation, to);
    }
}

/// How one user stands in one conversation.
pub(super) const STANDING: &str = "SELECT c.first, v.latest, c.delivered, c.read, c.shown, v.target_type, v.low, v.high
    FROM cursors c JOIN conversations v ON v.id = c.conversation_id WHERE c.user_id = ?1 AND c.conversation_id = ?2";

/// Up to where somebody else has received and shown a conversation.
pub(super) const CURSOR: &str =
    "SELECT delivered, read, shown FROM cursors WHERE user_id = ?1 AND conversation_id = ?2";

/// Who has sent something in a part of a conversation.
pub(super) const SENDERS: &str =
    "SELECT user_id FROM chat_history WHERE conversation_id = ?1 AND seq > ?2 AND seq <= ?3";

/// A conversation and with whom it is.
struct Place {
    standing: Standing,
    /// The two of a private conversation.
    pair: Option<[UserId; 2]>,
}

fn place(
    connection: &Connection,
    user: UserId,
    conversation: ConversationId,
) -> rusqlite::Result<Option<Place>> {
    let row = |row: &rusqlite::Row<'_>| {
        let (low, high): (UserId, UserId) = (row.get(6)?, row.get(7)?);
        let pair = (row.get::<_, i64>(5)? == PRIVATE).then_some([low, high]);
        let target = match pair {
            Some([low, high]) => Target::User(if low == user { high } else { low }),
            None => Target::Room(low),
        };
        let cursor = Cursor { received: row.get(2)?, read: row.get(3)?, shown: row.get(4)? };
        let (first, latest) = (row.get(0)?, row.get(1)?);
        let standing = Standing { conversation, target, first, latest, cursor, others: Vec::new() };
        Ok(Place { standing, pair })
    };
    connection.prepare_cached(STANDING)?.query_row(params![id(user), id(conversation)], row).optional()
}

/// The other members; none if there are more than `most`.
fn others(
    connection: &Connection,
    user: UserId,
    place: &Place,
    most: usize,
) -> rusqlite::Result<Vec<UserId>> {
    let mut members = match (place.pair, place.standing.target) {
        (Some(pair), _) => pair.to_vec(),
        (None, Target::Room(room)) => member_ids_at_most(connection, room, most.saturating_add(2))?,
        (None, Target::User(_)) => Vec::new(),
    };
    members.retain(|member| *member != user);
    if members.len() > most {
        members.clear();
    }
    Ok(members)
}

/// Must run in one transaction.
fn resume(connection: &Connection, user: UserId, asked: &Resume) -> rusqlite::Result<Resumption> {
    let position: MessageId = connection.prepare_cached(history::NEWEST)?.query_row([], |row| row.get(0))?;
    let mut newest = Vec::new();
    for conversation in history::conversations(connection, user)? {
        newest.extend(conversation.before(connection, conversation.latest + 1)?);
    }
    newest.sort_by_key(|head| Reverse(head.number));
    let mut answer = Resumption { position, ..Resumption::default() };
    let mut room = Room { messages: asked.max_messages, bytes: asked.max_bytes };
    for head in newest {
        let Some(mut place) = place(connection, user, head.conversation.id)? else { continue };
        for other in others(connection, user, &place, asked.max_others)? {
            let row = |row: &rusqlite::Row<'_>| {
                Ok(Cursor { received: row.get(0)?, read: row.get(1)?, shown: row.get(2)? })
            };
            let parameters = params![id(other), id(head.conversation.id)];
            let cursor = connection.prepare_cached(CURSOR)?.query_row(parameters, row).optional()?;
            place.standing.others.extend(cursor.map(|cursor| (other, cursor)));
        }
        let have = asked.have.get(&head.conversation.id).copied().unwrap_or(0);
        answer.messages.extend(newest_of(connection, user, head, have, asked.page, &mut room)?);
        answer.conversations.push(place.standing);
    }
    Ok(answer)
}

/// What an answer may still hold.
struct Room {
    messages: usize,
    bytes: usize,
}

impl Room {
    fn takes(&mut self, bytes: usize) -> bool {
        let fits = self.messages > 0 && bytes <= self.bytes;
        if fits {
            self.messages -= 1;
            self.bytes -= bytes;
        } else {
            // Nothing behind it may be taken: that would be a gap, or an older conversation before a newer one.
            self.messages = 0;
        }
        fits
    }
}

/// The newest messages of a conversation behind `have`, within the limits, the oldest first.
fn newest_of(
    connection: &Connection,
    user: UserId,
    newest: Head,
    have: u64,
    page: usize,
    room: &mut Room,
) -> rusqlite::Result<Vec<HistoryItem>> {
    let mut items = Vec::new();
    let mut next = Some(newest);
    while items.len() < page
        && let Some(head) = next.filter(|head| head.seq > have)
        && room.takes(history::size(connection, head.number)?)
    {
        items.push(history::item(connection, user, head.number)?);
        next = head.conversation.before(connection, head.seq)?;
    }
    items.reverse();
    Ok(items)
}

fn one_page(
    connection: &Connection,
    user: UserId,
    conversation: ConversationId,
    page: Page,
    max_messages: usize,
    max_bytes: usize,
) -> rusqlite::Result<Option<Vec<HistoryItem>>> {
    let Some(place) = place(connection, user, conversation)? else { return Ok(None) };
    let seen = Conversation { id: conversation, first: place.standing.first, latest: place.standing.latest };
    let next = |seq: u64| match page {
        Page::After(_) => seen.after(connection, seq.max(seen.first)),
        Page::Before(_) => seen.before(connection, seq),
    };
    let (Page::After(start) | Page::Before(start)) = page;
    let mut items = Vec::new();
    let mut bytes = 0usize;
    let mut head = next(start)?;
    while items.len() < max_messages
        && let Some(found) = head
    {
        bytes = bytes.saturating_add(history::size(connection, found.number)?);
        if bytes > max_bytes && !items.is_empty() {
            break;
        }
        items.push(history::item(connection, user, found.number)?);
        head = next(found.seq)?;
    }
    if matches!(page, Page::Before(_)) {
        items.reverse();
    }
    Ok(Some(items))
}

fn moved(
    connection: &Connection,
    user: UserId,
    conversation: ConversationId,
    pending: Cursor,
    to: Cursor,
    max_others: usize,
) -> rusqlite::Result<Option<Moved>> {
    let Some(place) = place(connection, user, conversation)? else { return Ok(None) };
    let before = place.standing.cursor.max(pending);
    let cursor = before.max(to.within(place.standing.latest));
    let (from, to) = told(before, cursor);
    let mut senders = Vec::new();
    if to > from {
        let others = others(connection, user, &place, max_others)?;
        let mut statement = connection.prepare_cached(SENDERS)?;
        let mut rows = statement.query(params![id(conversation), id(from), id(to)])?;
        while senders.len() < others.len()
            && let Some(row) = rows.next()?
        {
            let sender = row.get(0)?;
            if others.contains(&sender) && !senders.contains(&sender) {
                senders.push(sender);
            }
        }
    }
    Ok(Some(Moved { cursor, senders }))
}

/// The part of the conversation whose senders hear of a cursor that has moved: behind the first number, up to the second.
fn told(before: Cursor, after: Cursor) -> (u64, u64) {
    let mut from = u64::MAX;
    let mut to = 0;
    for (old, new) in [(before.received, after.received), (before.shown, after.shown)] {
        if new > old {
            from = from.min(old);
            to = to.max(new);
        }
    }
    (from.min(to).max(to.saturating_sub(TOLD_MESSAGES)), to)
}
