//! Files on their way and where fetched ones are, kept over a restart.

use std::path::{Path, PathBuf};

use rusqlite::params;
use uchat_codec::chat::FileHash;

use super::rows::{conversation, key, stored_time};
use super::{LocalStore, StoreError};
use crate::ConversationId;

/// No more files wait to be sent.
pub const MAX_UPLOADS: usize = 64;
/// Of so many files it is remembered where they are; then those that were wanted longest ago are forgotten.
pub const MAX_FETCHED: usize = 10_000;

/// A file that is to be sent, and of which no message tells yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Which one, by the number that its sender gave it.
    pub id: u64,
    /// The conversation.
    pub to: ConversationId,
    /// When it was chosen, by our clock, in milliseconds since 1970 UTC.
    pub time: u64,
    /// Where it is.
    pub path: PathBuf,
}

/// A file of a message that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which file.
    pub sha256: FileHash,
    /// What its sender calls it.
    pub name: String,
    /// Where it is, once it is here.
    pub path: Option<PathBuf>,
}

impl LocalStore {
    /// Keeps a file that is to be sent. One whose path is no text is not kept.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`] beyond [`MAX_UPLOADS`].
    pub fn put_upload(&mut self, upload: &Upload) -> Result<(), StoreError> {
        let Some(path) = upload.path.to_str() else { return Ok(()) };
        let others: usize = self
            .db
            .prepare_cached("SELECT count(*) FROM upload WHERE id <> ?")?
            .query_row([upload.id.cast_signed()], |row| row.get(0))?;
        if others >= MAX_UPLOADS {
            return Err(StoreError::Full { what: "files to be sent", most: MAX_UPLOADS });
        }
        let (kind, target) = key(upload.to);
        let sql = "INSERT OR REPLACE INTO upload (id, kind, target, time, path) VALUES (?, ?, ?, ?, ?)";
        let values = params![upload.id.cast_signed(), kind, target, stored_time(upload.time), path];
        self.db.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Forgets a file that is to be sent: a message tells of it, or it was given up.
    pub fn remove_upload(&mut self, id: u64) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM upload WHERE id = ?")?.execute([id.cast_signed()])?;
        Ok(())
    }

    /// The files that are to be sent, the oldest first.
    pub fn uploads(&self) -> Result<Vec<Upload>, StoreError> {
        let sql = "SELECT id, kind, target, time, path FROM upload ORDER BY time, id";
        let mut statement = self.db.prepare_cached(sql)?;
        let uploads = statement.query_map([], |row| {
            let (id, time): (i64, i64) = (row.get(0)?, row.get(3)?);
            Ok(Upload {
                id: id.cast_unsigned(),
                to: conversation(row.get(1)?, row.get(2)?),
                time: time.cast_unsigned(),
                path: PathBuf::from(row.get::<_, String>(4)?),
            })
        })?;
        Ok(uploads.collect::<Result<_, _>>()?)
    }

    /// A file is to be fetched, or is here: at `path`.
    pub fn put_wanted(
        &mut self,
        sha256: FileHash,
        name: &str,
        path: Option<&Path>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO wanted_file (sha256, name, path) VALUES (?, ?, ?)";
        self.db.prepare_cached(sql)?.execute(params![sha256.0, name, path.and_then(Path::to_str)])?;
        let most = i64::try_from(MAX_FETCHED).unwrap_or(i64::MAX);
        let sql = "DELETE FROM wanted_file WHERE rowid <= (SELECT max(rowid) FROM wanted_file) - ?";
        self.db.prepare_cached(sql)?.execute([most])?;
        Ok(())
    }

    /// A file is not to be fetched after all, or is not where it was.
    pub fn remove_wanted(&mut self, sha256: FileHash) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM wanted_file WHERE sha256 = ?")?.execute([sha256.0])?;
        Ok(())
    }

    /// The files that were asked for, the longest ago first.
    pub fn wanted(&self) -> Result<Vec<Wanted>, StoreError> {
        let sql = "SELECT sha256, name, path FROM wanted_file ORDER BY rowid";
        let mut statement = self.db.prepare_cached(sql)?;
        let wanted = statement.query_map([], |row| {
            let path: Option<String> = row.get(2)?;
            Ok(Wanted { sha256: FileHash(row.get(0)?), name: row.get(1)?, path: path.map(PathBuf::from) })
        })?;
        Ok(wanted.collect::<Result<_, _>>()?)
    }
}
