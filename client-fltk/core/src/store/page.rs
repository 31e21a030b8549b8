//! Pages of a conversation.

use rusqlite::{OptionalExtension as _, params};

use super::rows::{COLUMNS, key, read, stored_time};
use super::{LocalStore, Position, StoreError, Stored};
use crate::ConversationId;

/// A page has no more messages.
pub const MAX_PAGE: usize = 500;

/// Which part of a conversation is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// Its end.
    Newest,
    /// The messages right before this place.
    Before(Position),
    /// The messages right after this place.
    After(Position),
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

/// Beyond every message.
const END: Position = Position { time: u64::MAX, row: i64::MAX };

impl LocalStore {
    /// A part of a conversation, at most `limit` and [`MAX_PAGE`] messages, at least one if there is one.
    pub fn page(&self, of: ConversationId, around: Around, limit: usize) -> Result<Page, StoreError> {
        match around {
            Around::Newest => self.newest(of, limit),
            Around::Before(place) => self.before(of, place, limit),
            Around::After(place) => self.after(of, place, limit),
        }
    }

    /// The newest messages.
    pub fn newest(&self, of: ConversationId, limit: usize) -> Result<Page, StoreError> {
        self.before(of, END, limit)
    }

    /// Messages before a place.
    pub fn before(&self, of: ConversationId, place: Position, limit: usize) -> Result<Page, StoreError> {
        let Some(conversation) = self.row_of(of)? else { return Ok(Page::default()) };
        let limit = limit.clamp(1, MAX_PAGE);
        let mut rows = self.select(Side::Before, conversation, place, limit + 1)?;
        let more_before = rows.len() > limit;
        rows.truncate(limit);
        rows.reverse();
        let last = rows.last().map_or(place, |last| last.position);
        let more_after = place != END && self.is_any(Side::After, conversation, last)?;
        Ok(Page { rows, more_before, more_after })
    }

    /// Messages after a place.
    pub fn after(&self, of: ConversationId, place: Position, limit: usize) -> Result<Page, StoreError> {
        let Some(conversation) = self.row_of(of)? else { return Ok(Page::default()) };
        let limit = limit.clamp(1, MAX_PAGE);
        let mut rows = self.select(Side::After, conversation, place, limit + 1)?;
        let more_after = rows.len() > limit;
        rows.truncate(limit);
        let first = rows.first().map_or(place, |first| first.position);
        let more_before = self.is_any(Side::Before, conversation, first)?;
        Ok(Page { rows, more_before, more_after })
    }

    /// How many messages of a conversation are here.
    pub fn count(&self, of: ConversationId) -> Result<u64, StoreError> {
        let (kind, target) = key(of);
        let sql = "SELECT messages FROM conversation WHERE kind = ? AND target = ?";
        let mut statement = self.db.prepare_cached(sql)?;
        let count = statement.query_row(params![kind, target], |row| row.get(0)).optional()?;
        Ok(count.unwrap_or(0))
    }

    /// How many messages of a conversation are before a place, for a scroll bar. It counts in an index: about 10 ms for
    /// each 500,000 that are there.
    pub fn count_before(&self, of: ConversationId, place: Position) -> Result<u64, StoreError> {
        let Some(conversation) = self.row_of(of)? else { return Ok(0) };
        let sql = "SELECT count(*) FROM message WHERE conversation = ?1 AND (time, id) < (?2, ?3)";
        let mut statement = self.db.prepare_cached(sql)?;
        let time = stored_time(place.time);
        Ok(statement.query_row(params![conversation, time, place.row], |row| row.get(0))?)
    }

    /// The place of the message that has so many before it, for a scroll bar; costs as much as
    /// [`count_before`](Self::count_before).
    pub fn position_at(&self, of: ConversationId, before: u64) -> Result<Option<Position>, StoreError> {
        let Some(conversation) = self.row_of(of)? else { return Ok(None) };
        let sql = "SELECT time, id FROM message WHERE conversation = ? ORDER BY time, id LIMIT 1 OFFSET ?";
        let mut statement = self.db.prepare_cached(sql)?;
        let place = statement.query_row(params![conversation, stored_time(before)], |row| {
            Ok(Position { time: row.get::<_, i64>(0)?.cast_unsigned(), row: row.get(1)? })
        });
        Ok(place.optional()?)
    }

    /// One message.
    pub(super) fn message(&self, row: i64) -> Result<Option<Stored>, StoreError> {
        let sql = format!("SELECT {COLUMNS} WHERE message.id = ?");
        Ok(self.db.prepare_cached(&sql)?.query_row([row], read).optional()?)
    }

    /// The number of a conversation's row.
    pub(super) fn row_of(&self, of: ConversationId) -> Result<Option<i64>, StoreError> {
        let (kind, target) = key(of);
        let mut statement =
            self.db.prepare_cached("SELECT id FROM conversation WHERE kind = ? AND target = ?")?;
        Ok(statement.query_row(params![kind, target], |row| row.get(0)).optional()?)
    }

    fn select(
        &self,
        side: Side,
        conversation: i64,
        place: Position,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let (than, order) = side.words();
        let sql = format!(
            "SELECT {COLUMNS} WHERE conversation = ?1 AND (time, message.id) {than} (?2, ?3) \
             ORDER BY time {order}, message.id {order} LIMIT ?4"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows =
            statement.query_map(params![conversation, stored_time(place.time), place.row, limit], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn is_any(&self, side: Side, conversation: i64, place: Position) -> Result<bool, StoreError> {
        let (than, _) = side.words();
        let sql = format!("SELECT 1 FROM message WHERE conversation = ?1 AND (time, id) {than} (?2, ?3)");
        let mut statement = self.db.prepare_cached(&sql)?;
        Ok(statement.exists(params![conversation, stored_time(place.time), place.row])?)
    }
}

/// A side of a place.
#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

impl Side {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Before => ("<", "DESC"),
            Self::After => (">", "ASC"),
        }
    }
}
