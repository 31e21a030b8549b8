//! Why an engine can't answer.

use std::path::PathBuf;

/// The result of every store operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an engine can't answer. What can happen in the domain (a name is taken) is a value, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// SQLite refused.
    #[error("{what}: {source}")]
    Sqlite {
        /// What was being done.
        what: &'static str,
        /// Why not.
        source: rusqlite::Error,
    },
    /// The group of writes could not be committed; none of it has happened.
    #[error("{what}: the commit failed: {reason}")]
    Commit {
        /// What was being done.
        what: &'static str,
        /// Why not.
        reason: String,
    },
    /// The operation panicked; the store goes on.
    #[error("{what}: failed inside")]
    Failed {
        /// What was being done.
        what: &'static str,
    },
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// Another process has the file open.
    #[error("{path} is in use by another process, such as a running server")]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// The file can't be brought to the schema of this program.
    #[error("the schema of {path} can't be brought up to date: {reason}")]
    Schema {
        /// Which file.
        path: PathBuf,
        /// Why not, such as a file of a newer program.
        reason: String,
    },
    /// A thread or a copy could not be made.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// An import goes into an empty store only.
    #[error("the store is not empty: an import would mix two sets of users")]
    NotEmpty,
    /// A password hash could not be wrapped.
    #[error("the password of user {user} can't be taken over: {reason}")]
    Password {
        /// Whose.
        user: u64,
        /// Why not.
        reason: String,
    },
}

impl Error {
    /// Wraps an error of SQLite with what was being done.
    pub(crate) fn sqlite(what: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { what, source }
    }
}
