//! What was read and what was not.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::rows::{key, stored_time};
use super::{LocalStore, Position, StoreError};
use crate::ConversationId;

impl LocalStore {
    /// Everything up to the newest message was seen.
    pub fn mark_read(&mut self, of: ConversationId) -> Result<(), StoreError> {
        match self.newest(of, 1)?.rows.pop() {
            Some(newest) => self.mark_read_up_to(of, newest.position),
            None => Ok(()),
        }
    }

    /// Everything up to this place was seen, the message there included. What was seen stays so: an earlier place changes
    /// nothing.
    pub fn mark_read_up_to(&mut self, of: ConversationId, place: Position) -> Result<(), StoreError> {
        let Some(conversation) = self.row_of(of)? else { return Ok(()) };
        let transaction = self.db.transaction()?;
        let moved = transaction
            .prepare_cached(
                "UPDATE conversation SET read_time = ?2, read_id = ?3 \
                 WHERE id = ?1 AND (read_time, read_id) < (?2, ?3)",
            )?
            .execute(params![conversation, stored_time(place.time), place.row])?;
        if moved > 0 {
            recount_one(&transaction, conversation)?;
        }
        Ok(transaction.commit()?)
    }

    /// How many messages of others came after what was read.
    pub fn unread(&self, of: ConversationId) -> Result<u64, StoreError> {
        let (kind, target) = key(of);
        let sql = "SELECT unread FROM conversation WHERE kind = ? AND target = ?";
        let mut statement = self.db.prepare_cached(sql)?;
        let unread = statement.query_row(params![kind, target], |row| row.get(0)).optional()?;
        Ok(unread.unwrap_or(0))
    }

    /// The unread messages of all conversations together.
    pub fn unread_all(&self) -> Result<u64, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT coalesce(sum(unread), 0) FROM conversation")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// From now on messages of this user are one's own, also those that are here.
    pub(super) fn set_me(db: &Connection, me: i64) -> Result<(), StoreError> {
        let changed = db.execute("UPDATE message SET quiet = 1 WHERE sender = ? AND quiet = 0", [me])?;
        if changed > 0 { recount(db) } else { Ok(()) }
    }
}

/// Counts again what is unread in each conversation.
pub(super) fn recount(db: &Connection) -> Result<(), StoreError> {
    db.execute(&format!("UPDATE conversation SET unread = ({UNREAD})"), [])?;
    Ok(())
}

fn recount_one(db: &Connection, conversation: i64) -> Result<(), StoreError> {
    let sql = format!("UPDATE conversation SET unread = ({UNREAD}) WHERE id = ?");
    db.prepare_cached(&sql)?.execute([conversation])?;
    Ok(())
}

const UNREAD: &str = "SELECT count(*) FROM message WHERE conversation = conversation.id AND quiet = 0 \
                      AND (time, message.id) > (read_time, read_id)";
