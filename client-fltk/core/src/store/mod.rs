//! The local history of one account: every message that this computer has seen, searchable, shown before the network.
//!
//! One SQLite file, `history.db`:
//!
//! - `messages`: storing each message once, and pages of a conversation
//! - `search`: finding a part of a word, Chinese included
//! - `people`: contacts, drafts and what was read

mod messages;
mod people;
mod search;

#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

pub use messages::{Page, Position, Stored};
pub use people::Snapshot;
pub use search::Found;

/// The file within an account's directory.
const FILE: &str = "history.db";
/// So many damaged files are kept beside it.
const MAX_DAMAGED: u32 = 5;
/// A page has no more messages.
pub const MAX_PAGE: usize = 500;

const FIRST: &str = "
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    target INTEGER NOT NULL,
    time INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    sender_name TEXT NOT NULL,
    hash INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    content BLOB NOT NULL,
    text TEXT
) STRICT;
CREATE UNIQUE INDEX message_once ON message (kind, target, time, sender, hash, nth);
CREATE INDEX message_place ON message (kind, target, time, id);
CREATE VIRTUAL TABLE pairs USING fts5 (words, content='', detail='none', prefix='1', tokenize=\"unicode61 remove_diacritics 0\");
CREATE TABLE contact (
    kind INTEGER NOT NULL,
    target INTEGER NOT NULL,
    name TEXT NOT NULL,
    ip TEXT NOT NULL,
    port TEXT NOT NULL,
    PRIMARY KEY (kind, target)
) STRICT;
CREATE TABLE conversation (
    kind INTEGER NOT NULL,
    target INTEGER NOT NULL,
    read_time INTEGER NOT NULL DEFAULT 0,
    read_id INTEGER NOT NULL DEFAULT 0,
    draft TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, target)
) STRICT;
CREATE TABLE me (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id INTEGER NOT NULL,
    name TEXT NOT NULL
) STRICT;
";

/// Why the local history can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Reading or writing the directory failed.
    #[error("{path}: {source}")]
    Io {
        /// What was read or written.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The database said no.
    #[error("the local history: {0}")]
    Database(#[from] rusqlite::Error),
    /// The database was made by a newer program, or can't be brought up to date.
    #[error("the local history is of another version: {0}")]
    Version(#[from] rusqlite_migration::Error),
}

/// The history of one account. One thread owns it.
#[derive(Debug)]
pub struct LocalStore {
    db: Connection,
    damaged: Option<PathBuf>,
}

impl LocalStore {
    /// Opens the history in this directory, making both at first use. A damaged database is moved aside and a new one
    /// begun: [`damaged`](Self::damaged) tells.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        crate::home::create_private_dir(dir)
            .map_err(|error| StoreError::Io { path: dir.to_path_buf(), source: io::Error::other(error) })?;
        let path = dir.join(FILE);
        match Self::open_file(&path) {
            Err(StoreError::Database(error)) if is_damage(&error) => {
                let aside = move_aside(&path)?;
                Ok(Self { damaged: Some(aside), ..Self::open_file(&path)? })
            }
            opened => opened,
        }
    }

    fn open_file(path: &Path) -> Result<Self, StoreError> {
        let mut db = Connection::open(path)?;
        restrict(path);
        db.pragma_update(None, "journal_mode", "WAL")?;
        // A crash of the machine may forget the last moments; the server brings them again.
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.pragma_update(None, "cache_size", -4_000)?;
        let found: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if found != "ok" {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            return Err(rusqlite::Error::SqliteFailure(code, Some(found)).into());
        }
        Migrations::new(vec![M::up(FIRST)]).to_latest(&mut db)?;
        Ok(Self { db, damaged: None })
    }

    /// Where a damaged history was moved when this one was opened.
    pub fn damaged(&self) -> Option<&Path> {
        self.damaged.as_deref()
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

fn move_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let free = |number: &u32| !path.with_extension(format!("db.damaged-{number}")).exists();
    let number = (1..MAX_DAMAGED).find(free).unwrap_or(MAX_DAMAGED);
    let aside = path.with_extension(format!("db.damaged-{number}"));
    for ending in ["-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(ending);
        let _ = fs::remove_file(beside);
    }
    fs::rename(path, &aside).map_err(|source| StoreError::Io { path: path.to_path_buf(), source })?;
    Ok(aside)
}

#[cfg(unix)]
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    // The directory is closed to others already; this is for one that was copied.
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o600));
}

#[cfg(not(unix))]
fn restrict(_path: &Path) {}
