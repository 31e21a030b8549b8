//! Why the local history can't do something.

use std::io;
use std::path::{Path, PathBuf};

/// Why the local history can't be used, or does not take something.
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
    /// Another program has this history open.
    #[error("{path} is in use by another program")]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The database was made by a newer program. It is left as it is.
    #[error("{path} has version {found}, this program knows up to {newest}")]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version of this program.
        newest: i64,
    },
    /// The database can't be brought up to date.
    #[error("upgrading the local history: {0}")]
    Version(#[from] rusqlite_migration::Error),
    /// One thing is larger than what is kept.
    #[error("{what} has {size} bytes, at most {most} are kept")]
    TooLarge {
        /// What it is.
        what: &'static str,
        /// How large it is, in bytes.
        size: usize,
        /// How large it may be, in bytes.
        most: usize,
    },
    /// There are too many of these already.
    #[error("no more than {most} {what} are kept")]
    Full {
        /// What they are.
        what: &'static str,
        /// How many, or how many bytes of them, there may be.
        most: usize,
    },
}

impl StoreError {
    /// Whether the database is damaged: [`LocalStore::open_checked`](super::LocalStore::open_checked) begins a new one.
    pub fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        matches!(self.code(), Some(DatabaseCorrupt | NotADatabase))
    }

    /// Whether another program holds the database.
    pub(super) fn is_busy(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        matches!(self.code(), Some(DatabaseBusy | DatabaseLocked))
    }

    fn code(&self) -> Option<rusqlite::ErrorCode> {
        match self {
            Self::Database(error) => error.sqlite_error_code(),
            Self::Version(rusqlite_migration::Error::RusqliteError { err, .. }) => err.sqlite_error_code(),
            _ => None,
        }
    }

    /// An error of the file system at this path.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }

    /// What a damaged database would say.
    pub(super) fn damage(found: String) -> Self {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        Self::Database(rusqlite::Error::SqliteFailure(code, Some(found)))
    }
}
