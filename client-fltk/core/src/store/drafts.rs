//! Texts that were written and not sent.

use rusqlite::params;

use super::rows::{conversation, key};
use super::{LocalStore, StoreError};
use crate::ConversationId;

/// No longer draft is kept, in bytes.
pub const MAX_DRAFT: usize = 64 * 1024;
/// No more drafts are kept.
pub const MAX_DRAFTS: usize = 1_000;

impl LocalStore {
    /// Keeps a text that is written and not sent; an empty one is forgotten. One that is too long is refused, and the one
    /// before it stays.
    pub fn save_draft(&mut self, of: ConversationId, text: &str) -> Result<(), StoreError> {
        let (kind, target) = key(of);
        if text.is_empty() {
            let sql = "DELETE FROM draft WHERE kind = ? AND target = ?";
            self.db.prepare_cached(sql)?.execute(params![kind, target])?;
            return Ok(());
        }
        if text.len() > MAX_DRAFT {
            return Err(StoreError::TooLarge { what: "a draft", size: text.len(), most: MAX_DRAFT });
        }
        let sql = "SELECT count(*) FROM draft WHERE (kind, target) <> (?, ?)";
        let others: usize =
            self.db.prepare_cached(sql)?.query_row(params![kind, target], |row| row.get(0))?;
        if others >= MAX_DRAFTS {
            return Err(StoreError::Full { what: "drafts", most: MAX_DRAFTS });
        }
        let sql = "INSERT OR REPLACE INTO draft (kind, target, text) VALUES (?, ?, ?)";
        self.db.prepare_cached(sql)?.execute(params![kind, target, text])?;
        Ok(())
    }

    /// The texts that were written and not sent.
    pub fn drafts(&self) -> Result<Vec<(ConversationId, String)>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT kind, target, text FROM draft")?;
        let drafts =
            statement.query_map([], |row| Ok((conversation(row.get(0)?, row.get(1)?), row.get(2)?)))?;
        Ok(drafts.collect::<Result<_, _>>()?)
    }
}
