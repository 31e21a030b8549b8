//! The server's numbers: up to where everything of a conversation is here.

use rusqlite::{OptionalExtension as _, params};

use super::rows::key;
use super::{LocalStore, StoreError};
use crate::ConversationId;

impl LocalStore {
    /// Everything up to this number of a conversation is here; `server` is the server's number of the conversation.
    pub fn set_safe(&mut self, of: ConversationId, server: u64, up_to: u64) -> Result<(), StoreError> {
        let (kind, target) = key(of);
        let sql = "UPDATE conversation SET server = ?, safe = ? WHERE kind = ? AND target = ?";
        let values = params![server.cast_signed(), up_to.cast_signed(), kind, target];
        self.db.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Each conversation, by the server's number, with the number up to which everything is here.
    pub fn safe(&self) -> Result<Vec<(u64, u64)>, StoreError> {
        let sql = "SELECT server, safe FROM conversation WHERE server IS NOT NULL AND safe IS NOT NULL";
        let mut statement = self.db.prepare_cached(sql)?;
        let pair = |row: &rusqlite::Row<'_>| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned()))
        };
        Ok(statement.query_map([], pair)?.collect::<Result<_, _>>()?)
    }

    /// The smallest number of a message that is here.
    pub fn oldest_number(&self, of: ConversationId) -> Result<Option<u64>, StoreError> {
        let Some(conversation) = self.row_of(of)? else { return Ok(None) };
        let sql = "SELECT number FROM message WHERE conversation = ? AND number IS NOT NULL ORDER BY number LIMIT 1";
        let oldest: Option<i64> =
            self.db.prepare_cached(sql)?.query_row([conversation], |row| row.get(0)).optional()?;
        Ok(oldest.map(i64::cast_unsigned))
    }

    /// The numbers are worth nothing any more: the server is another one. The messages stay.
    pub fn forget_numbers(&mut self) -> Result<(), StoreError> {
        let sql = "UPDATE message SET number = NULL WHERE number IS NOT NULL; \
                   UPDATE conversation SET server = NULL, safe = NULL;";
        Ok(self.db.execute_batch(sql)?)
    }
}
