//! The local history of one account: every message that this computer has seen, searchable, shown before the network.
//!
//! One SQLite file, `history.db`, that one thread of one program uses at a time.
//!
//! # Layout
//!
//! - `schema`: the tables, and how older ones are taken over
//! - `file`: private to its owner, moved aside when damaged
//! - `record`: storing each message once; `rows`: as it is stored and comes back
//! - `recall`: forgetting what was taken back
//! - `page`: parts of a conversation; `unread`: what was read; `numbers`: up to where everything is here
//! - `search`, `grams`: finding a part of a word, Chinese included
//! - `people`, `drafts`, `outbox`: contacts, unsent texts, unconfirmed messages
//! - `files`: files that are to be sent, and where fetched ones are
//! - `prune`: the bounds

mod drafts;
mod error;
mod file;
mod files;
mod grams;
mod numbers;
mod outbox;
mod page;
mod people;
mod prune;
mod recall;
mod record;
mod rows;
mod schema;
mod search;
mod unread;

#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _};

pub use drafts::{MAX_DRAFT, MAX_DRAFTS};
pub use error::StoreError;
pub use files::{MAX_FETCHED, MAX_UPLOADS, Upload, Wanted};
pub use outbox::{MAX_OUTGOING, MAX_OUTGOING_BYTES, Unsent};
pub use page::{Around, MAX_PAGE, Page};
pub use people::Snapshot;
pub use prune::Bounds;
pub use record::Arrival;
pub use rows::{Position, Stored};
pub use search::{Found, Hits};

/// The file within an account's directory.
const FILE: &str = "history.db";
/// How long a program that is just ending is waited for.
const WAIT: Duration = Duration::from_secs(2);
/// A file up to this size is looked through whenever it is opened; a larger one would keep its user waiting.
const CHECKED_BYTES: u64 = 64 * 1024 * 1024;
/// How many kibibytes of the file are kept in memory.
const CACHE: i64 = 16 * 1024;
/// How many prepared statements are kept; more than there are.
const STATEMENTS: usize = 64;

/// The history of one account. One thread owns it.
#[derive(Debug)]
pub struct LocalStore {
    db: Connection,
    bounds: Bounds,
    damaged: Option<PathBuf>,
    /// The account's user number, known from the first login on.
    me: Option<i64>,
    /// The messages of all conversations together.
    total: u64,
}

/// How thoroughly a file is looked at before it is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    IfSmall,
    Whole,
}

impl LocalStore {
    /// Opens the history in this directory with the usual bounds. See [`open_with`](Self::open_with).
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_with(dir, Bounds::default())
    }

    /// Opens the history in this directory, making both at first use. A damaged database is moved aside and a new one
    /// begun: [`damaged`](Self::damaged) tells. In a large one not every damage is seen; see
    /// [`open_checked`](Self::open_checked).
    pub fn open_with(dir: &Path, bounds: Bounds) -> Result<Self, StoreError> {
        Self::open_or_begin(dir, &bounds, Check::IfSmall)
    }

    /// The same, but looks through the whole file first, which takes seconds if it is large. For use after an error that
    /// [is damage](StoreError::is_damage).
    pub fn open_checked(dir: &Path, bounds: Bounds) -> Result<Self, StoreError> {
        Self::open_or_begin(dir, &bounds, Check::Whole)
    }

    fn open_or_begin(dir: &Path, bounds: &Bounds, check: Check) -> Result<Self, StoreError> {
        crate::home::create_private_dir(dir).map_err(|error| StoreError::Io {
            path: dir.to_path_buf(),
            source: std::io::Error::other(error),
        })?;
        let path = dir.join(FILE);
        match Self::open_file(&path, bounds, check) {
            Err(error) if error.is_damage() => {
                let aside = file::move_aside(&path)?;
                Ok(Self { damaged: Some(aside), ..Self::open_file(&path, bounds, check)? })
            }
            Err(error) if error.is_busy() => Err(StoreError::InUse { path }),
            opened => opened,
        }
    }

    fn open_file(path: &Path, bounds: &Bounds, check: Check) -> Result<Self, StoreError> {
        file::make_private(path)?;
        let size = fs::metadata(path).map_err(StoreError::at(path))?.len();
        let mut db = Connection::open(path)?;
        db.busy_timeout(WAIT)?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        // What is kept in memory here would be wrong if another program wrote; and a file that is moved aside must be
        // nobody's.
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        // A crash of the machine may forget the last moments; the server brings them again.
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.pragma_update(None, "cache_size", -CACHE)?;
        if check == Check::Whole || size <= CHECKED_BYTES {
            let found: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if found != "ok" {
                return Err(StoreError::damage(found));
            }
        }
        schema::migrate(&mut db, path)?;
        let me = db.query_row("SELECT id FROM me", [], |row| row.get(0)).optional()?;
        let total =
            db.query_row("SELECT coalesce(sum(messages), 0) FROM conversation", [], |row| row.get(0))?;
        let mut store = Self { db, bounds: *bounds, damaged: None, me, total };
        store.prune(0)?;
        Ok(store)
    }

    /// Where a damaged history was moved when this one was opened.
    pub fn damaged(&self) -> Option<&Path> {
        self.damaged.as_deref()
    }
}
