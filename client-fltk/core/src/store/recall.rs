//! Messages that were taken back: what they said is forgotten here, too.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::rows::{COLUMNS, Columns, read};
use super::{StoreError, Stored};
use crate::state::Content;

/// Empties the message with this number of a conversation, if this user has sent it; gives it as it is from now on. Nothing
/// if it is not here, or was emptied before.
pub(super) fn empty(
    transaction: &Transaction<'_>,
    conversation: i64,
    number: u64,
    sender: u64,
) -> Result<Option<Stored>, StoreError> {
    let Some(mut found) = message(transaction, conversation, number)? else { return Ok(None) };
    if found.sender_id != sender || found.content.taken_back().is_some() {
        return Ok(None);
    }
    found.content = Content::emptied();
    let Columns { kind, text, size, style, value } = Columns::of(&found.content);
    let row = found.position.row;
    transaction
        .prepare_cached("UPDATE message SET kind = ?, text = ?, size = ?, style = ?, value = ? WHERE id = ?")?
        .execute(params![kind, text, size, style, value, row])?;
    transaction.prepare_cached("DELETE FROM gram WHERE rowid = ?")?.execute([row])?;
    Ok(Some(found))
}

/// Whether the message with this number is here and empty.
pub(super) fn is_empty(
    transaction: &Transaction<'_>,
    conversation: i64,
    number: u64,
) -> Result<bool, StoreError> {
    let found = message(transaction, conversation, number)?;
    Ok(found.is_some_and(|found| found.content.taken_back().is_some()))
}

fn message(
    transaction: &Transaction<'_>,
    conversation: i64,
    number: u64,
) -> Result<Option<Stored>, StoreError> {
    let sql = format!("SELECT {COLUMNS} WHERE conversation = ? AND number = ?");
    let mut statement = transaction.prepare_cached(&sql)?;
    Ok(statement.query_row(params![conversation, number.cast_signed()], read).optional()?)
}
