//! What the database knows of files, in SQL.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{FileBounds, FileHash, NewFile, Stored, UserId};
use crate::sqlite::{id, limit};

/// How many files or uploads one step of a sweep takes.
const STEP: usize = 256;

/// The length of a file, if a user may have it: who has brought it, and who sees a message that refers to it.
pub(in crate::sqlite) const VISIBLE: &str = "SELECT f.size FROM files f WHERE f.sha256 = ?2 AND (
    EXISTS (SELECT 1 FROM file_owners o WHERE o.file_id = f.id AND o.user_id = ?1)
    OR EXISTS (SELECT 1 FROM file_uses u
        CROSS JOIN conversations v ON v.id = u.conversation_id
        CROSS JOIN cursors c ON c.user_id = ?1 AND c.conversation_id = u.conversation_id AND u.seq > c.first
        WHERE u.file_id = f.id AND (v.target_type = 0 OR EXISTS
            (SELECT 1 FROM room_user m WHERE m.room_id = v.low AND m.user_id = ?1))))";

pub(super) fn visible(
    connection: &Connection,
    user: UserId,
    sha256: &FileHash,
) -> rusqlite::Result<Option<u64>> {
    connection.prepare_cached(VISIBLE)?.query_row(params![id(user), sha256], |row| row.get(0)).optional()
}

/// What came of an upload's beginning, and what is to be taken off the disk for it.
#[derive(Debug, Default)]
pub(super) struct Begun {
    pub(super) outcome: Outcome,
    pub(super) uploads_gone: Vec<FileHash>,
    pub(super) files_gone: Vec<FileHash>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Outcome {
    #[default]
    Begun,
    Complete,
    UserFull,
    StoreFull,
}

/// Makes room for an upload and takes note of it. What is refused changes nothing.
pub(super) fn begin(connection: &Connection, new: &NewFile, bounds: &FileBounds) -> rusqlite::Result<Begun> {
    let refused = |outcome| Ok(Begun { outcome, ..Begun::default() });
    if visible(connection, new.user, &new.sha256)?.is_some() {
        // Whoever is told so gets the time to refer to it.
        let sql = "UPDATE files SET time = max(time, ?2) WHERE sha256 = ?1";
        connection.prepare_cached(sql)?.execute(params![new.sha256, id(new.time_ms)])?;
        return refused(Outcome::Complete);
    }
    let mut begun = Begun::default();
    let uploads = uploads_of(connection, new.user)?;
    let mut others: Vec<_> = uploads.iter().filter(|(sha256, _)| *sha256 != new.sha256).collect();
    let surplus = (others.len() + 1).saturating_sub(bounds.uploads.max(1));
    begun.uploads_gone.extend(others.drain(..surplus).map(|(sha256, _)| *sha256));
    if uploads.iter().any(|(sha256, size)| *sha256 == new.sha256 && *size != new.size) {
        begun.uploads_gone.push(new.sha256);
    }
    let reserved: u64 = others.iter().map(|(_, size)| size).sum();
    if reserved.saturating_add(new.size) > bounds.per_user {
        return refused(Outcome::UserFull);
    }
    let already = uploads.iter().map(|(_, size)| size).sum::<u64>() - reserved;
    let all: u64 = connection.prepare_cached(ALL)?.query_row([], |row| row.get(0))?;
    if all.saturating_sub(already).saturating_add(new.size) > bounds.total {
        return refused(Outcome::StoreFull);
    }
    for sha256 in &begun.uploads_gone {
        forget_upload(connection, new.user, sha256)?;
    }
    begun.files_gone = make_room(connection, new.user, bounds.per_user - reserved - new.size)?;
    let sql = "INSERT INTO file_uploads (user_id, sha256, size, time) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET time = max(time, excluded.time)";
    let values = params![id(new.user), new.sha256, id(new.size), id(new.time_ms)];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(begun)
}

/// Bytes of all there is.
const ALL: &str =
    "SELECT (SELECT coalesce(sum(size), 0) FROM files) + (SELECT coalesce(sum(size), 0) FROM file_uploads)";

/// The uploads of a user with their lengths, the oldest first.
fn uploads_of(connection: &Connection, user: UserId) -> rusqlite::Result<Vec<(FileHash, u64)>> {
    let sql = "SELECT sha256, size FROM file_uploads WHERE user_id = ?1 ORDER BY time, sha256";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    connection.prepare_cached(sql)?.query_map([id(user)], row)?.collect()
}

/// Takes the oldest files from a user until the others have no more than `left` bytes; gives those that are nobody's now.
fn make_room(connection: &Connection, user: UserId, left: u64) -> rusqlite::Result<Vec<FileHash>> {
    let sql = "SELECT f.id, f.size FROM file_owners o JOIN files f ON f.id = o.file_id
               WHERE o.user_id = ?1 ORDER BY o.time DESC, f.id DESC";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, u64>(1)?));
    let owned: Vec<(i64, u64)> =
        connection.prepare_cached(sql)?.query_map([id(user)], row)?.collect::<Result<_, _>>()?;
    let mut kept: u64 = 0;
    let mut gone = Vec::new();
    for (file, size) in owned {
        kept = kept.saturating_add(size);
        if kept <= left {
            continue;
        }
        let sql = "DELETE FROM file_owners WHERE user_id = ?1 AND file_id = ?2";
        connection.prepare_cached(sql)?.execute(params![id(user), file])?;
        let sql =
            "DELETE FROM files WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM file_owners WHERE file_id = ?1)
                   RETURNING sha256";
        gone.extend(
            connection.prepare_cached(sql)?.query_row([file], |row| row.get::<_, FileHash>(0)).optional()?,
        );
    }
    Ok(gone)
}

/// Forgets an upload; false if there was none.
pub(super) fn forget_upload(
    connection: &Connection,
    user: UserId,
    sha256: &FileHash,
) -> rusqlite::Result<bool> {
    let sql = "DELETE FROM file_uploads WHERE user_id = ?1 AND sha256 = ?2";
    Ok(connection.prepare_cached(sql)?.execute(params![id(user), sha256])? > 0)
}

/// An upload has become a file; false if it was forgotten meanwhile.
pub(super) fn finish(connection: &Connection, new: &NewFile) -> rusqlite::Result<bool> {
    if !forget_upload(connection, new.user, &new.sha256)? {
        return Ok(false);
    }
    let sql = "INSERT INTO files (sha256, size, time) VALUES (?1, ?2, ?3)
               ON CONFLICT DO UPDATE SET time = max(time, excluded.time) RETURNING id";
    let values = params![new.sha256, id(new.size), id(new.time_ms)];
    let file: i64 = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    let sql = "INSERT INTO file_owners (user_id, file_id, time) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![id(new.user), file, id(new.time_ms)])?;
    Ok(true)
}

/// A message refers to a file.
pub(super) fn refer(connection: &Connection, message: &Stored, sha256: &FileHash) -> rusqlite::Result<()> {
    let sql = "INSERT INTO file_uses (file_id, message_id, conversation_id, seq)
               SELECT id, ?2, ?3, ?4 FROM files WHERE sha256 = ?1";
    let values = params![sha256, id(message.id), id(message.conversation), id(message.seq)];
    connection.prepare_cached(sql)?.execute(values).map(|_| ())
}

/// Forgets some files to which no message refers, and that nobody has touched since `before`.
pub(super) fn unused(connection: &Connection, before: u64) -> rusqlite::Result<Vec<FileHash>> {
    let sql = "DELETE FROM files WHERE id IN (SELECT f.id FROM files f WHERE f.time < ?1
                   AND NOT EXISTS (SELECT 1 FROM file_uses u WHERE u.file_id = f.id) LIMIT ?2)
               RETURNING sha256";
    connection.prepare_cached(sql)?.query_map(params![id(before), limit(STEP)], |row| row.get(0))?.collect()
}

/// Forgets some uploads that nobody has gone on with since `before`.
pub(super) fn broken_off(connection: &Connection, before: u64) -> rusqlite::Result<Vec<(UserId, FileHash)>> {
    let sql = "DELETE FROM file_uploads WHERE (user_id, sha256) IN
                   (SELECT user_id, sha256 FROM file_uploads WHERE time < ?1 LIMIT ?2) RETURNING user_id, sha256";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    connection.prepare_cached(sql)?.query_map(params![id(before), limit(STEP)], row)?.collect()
}

/// Whether there is such a file.
pub(super) fn is_file(connection: &Connection, sha256: &FileHash) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM files WHERE sha256 = ?1")?.exists([sha256])
}

/// Whether there is such an upload.
pub(super) fn is_upload(connection: &Connection, user: UserId, sha256: &FileHash) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM file_uploads WHERE user_id = ?1 AND sha256 = ?2";
    connection.prepare_cached(sql)?.exists(params![id(user), sha256])
}
