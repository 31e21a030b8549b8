//! The bounds of a history: the oldest messages go first.

use rusqlite::{Connection, Transaction, params};

use super::{LocalStore, StoreError};

/// How many messages and bytes a history may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Messages of all conversations together.
    pub messages_total: u64,
    /// Bytes of the database. It is looked at after each call that stores something, so it can be exceeded by what one
    /// call brings.
    pub bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { messages_total: 5_000_000, bytes: 4 * 1024 * 1024 * 1024 }
    }
}

/// So many messages are removed in one transaction.
const BATCH: u64 = 10_000;
/// When there are too many bytes, this part of the messages goes, one in so many...
const PART: u64 = 50;
/// ... and at least so many.
const LEAST: u64 = 64;
/// How much of the index is put in order after that, in pages: only then does it become smaller.
const MERGED_PAGES: i64 = 2_000;

impl LocalStore {
    /// Removes the oldest messages beyond the bounds; `added` have just come.
    pub(super) fn prune(&mut self, added: usize) -> Result<(), StoreError> {
        while self.total > self.bounds.messages_total {
            let beyond = self.total - self.bounds.messages_total;
            if self.remove_oldest(beyond.min(BATCH))? == 0 {
                break;
            }
        }
        if added > 0 && used_bytes(&self.db)? > self.bounds.bytes {
            let part = (self.total / PART).max(LEAST).max(2 * added as u64);
            // The newest stay, however large they are.
            self.remove_oldest(part.min(self.total.saturating_sub(LEAST)).min(BATCH))?;
            self.db
                .prepare_cached("INSERT INTO gram (gram, rank) VALUES ('merge', ?)")?
                .execute([MERGED_PAGES])?;
        }
        Ok(())
    }

    fn remove_oldest(&mut self, count: u64) -> Result<u64, StoreError> {
        let transaction = self.db.transaction()?;
        let oldest: Vec<i64> = transaction
            .prepare_cached("SELECT id FROM message ORDER BY time, id LIMIT ?")?
            .query_map([i64::try_from(count).unwrap_or(i64::MAX)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in &oldest {
            remove(&transaction, *id)?;
        }
        transaction.prepare_cached("DELETE FROM conversation WHERE messages = 0")?.execute([])?;
        transaction.commit()?;
        let removed = oldest.len() as u64;
        self.total = self.total.saturating_sub(removed);
        Ok(removed)
    }
}

/// Removes one message from all tables and counts.
fn remove(transaction: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE conversation SET messages = messages - 1, \
             unread = unread - (message.quiet = 0 AND (time, message.id) > (read_time, read_id)) \
             FROM message WHERE message.id = ? AND conversation.id = message.conversation",
        )?
        .execute([id])?;
    transaction.prepare_cached("DELETE FROM gram WHERE rowid = ?")?.execute([id])?;
    transaction.prepare_cached("DELETE FROM message WHERE id = ?")?.execute(params![id])?;
    Ok(())
}

/// The bytes of the database that are in use; what was removed is used again before the file grows.
pub(super) fn used_bytes(db: &Connection) -> Result<u64, StoreError> {
    let pragma = |name: &str| db.pragma_query_value::<u64, _>(None, name, |row| row.get(0));
    let pages = pragma("page_count")?.saturating_sub(pragma("freelist_count")?);
    Ok(pages * pragma("page_size")?)
}
