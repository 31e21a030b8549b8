//! The embedded engine: SQLite in WAL mode, one thread that writes in groups, a few that read beside it.
//!
//! # Layout
//!
//! - `schema`: the tables, as numbered migrations
//! - `writer`, `readers`: the threads
//! - `cursors`: what has been received and is not written yet
//! - `lock`: one process to a file
//! - `accounts`, `logins`, `certificates`, `friends`, `rooms`, `messages`, `plugin_values`: the traits, in SQL
//! - `plugin_tables`: databases of plug-ins
//! - `room_changes`: what members and owners do with a room
//! - `files`: who may have which file, and their bytes in a folder beside the database
//! - `operator`: certificates from another process
//! - `history`: what a user sees of the messages

mod accounts;
mod certificates;
mod circle;
mod cursors;
mod delivery;
mod files;
mod friends;
mod history;
mod lock;
mod logins;
pub(crate) mod messages;
mod operator;
#[cfg(test)]
mod plans;
mod plugin_tables;
mod plugin_values;
mod readers;
mod room_changes;
mod rooms;
mod schema;
mod writer;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags, Row};

use crate::error::{Error, Result};
use crate::model::User;
use crate::store::Store;
pub use operator::SqliteOperator;
pub use plugin_tables::{PluginDatabase, PluginTables};
use readers::Readers;
use writer::Writer;

/// How the engine works.
#[derive(Clone, Copy, Debug)]
pub struct SqliteOptions {
    /// Whether a commit survives a power cut (or only a crash of the process).
    pub survive_power_cut: bool,
    /// Threads that read.
    pub readers: usize,
    /// Operations that may wait for a thread, for writing and for reading each.
    pub queue: usize,
    /// Writes that are committed together at most.
    pub group: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { survive_power_cut: true, readers: 2, queue: 4096, group: 1024 }
    }
}

/// How the connections that only read are opened.
const READING: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX).union(OpenFlags::SQLITE_OPEN_URI);
/// How long one connection waits for another one's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What the write-ahead log may keep of the disk once its content is in the database.
const WAL_BYTES: i64 = 64 << 20;
/// Pages that the write-ahead log holds before they go into the database. Conversations share pages, so the fewer times they are
/// copied, the better; a start after a crash reads no more than this.
const CHECKPOINT_PAGES: i64 = 4096;
/// What the connection that writes keeps of the database in memory, in KiB.
const WRITER_CACHE_KIB: i64 = 16 << 10;
/// The folder beside the database in which the bytes of files are.
const FILES: &str = "files";
/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 64;

/// The embedded store.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    files: files::FileStore,
    /// What has to outlive the threads, such as the folder of a temporary store.
    #[cfg(feature = "testkit")]
    pub(crate) keep: Option<tempfile::TempDir>,
}

impl SqliteStore {
    /// Opens or makes the file, brings it up to date (with a copy beside it first), and starts the threads. Only one
    /// process at a time may have it open.
    pub fn open(path: &Path, options: SqliteOptions) -> Result<Self> {
        let lock = lock::take(path)?;
        lock::make_private(path)?;
        Self::start(path, &path.with_file_name(FILES), lock, options)
    }

    /// A store that is nowhere but in memory, and gone when it is dropped; for tests.
    #[cfg(feature = "testkit")]
    pub(crate) fn open_in_memory(options: SqliteOptions) -> Result<Self> {
        // The bytes of files need a disk, even so.
        let folder = tempfile::tempdir().map_err(|source| Error::Io { what: "making a folder", source })?;
        let store = Self::start(Path::new(&memory_name()), &folder.path().join(FILES), None, options)?;
        Ok(Self { keep: Some(folder), ..store })
    }

    /// Brings the database up to date and starts the threads.
    fn start(path: &Path, files: &Path, lock: Option<std::fs::File>, options: SqliteOptions) -> Result<Self> {
        let mut connection = connect(path, OpenFlags::default(), options)?;
        schema::migrate(&mut connection, path)?;
        let files = files::FileStore::open(files, &connection);
        let readers = (0..options.readers.max(1))
            .map(|_| connect(path, READING, options))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            writer: Writer::start(connection, lock, options)?,
            readers: Readers::start(readers, options.queue)?,
            files,
            #[cfg(feature = "testkit")]
            keep: None,
        })
    }

    /// Runs a query on a reading thread; it sees everything that was reported as written before.
    async fn read<T: Send + 'static>(
        &self,
        what: &'static str,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.run(what, query).await
    }

    /// Runs changes on the writing thread; they are durable when this returns, or have not happened.
    async fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(what, 0, change, |_| {}).await
    }

    /// The same, from a thread that may block.
    pub(crate) fn write_blocking<T: Send + 'static>(
        &self,
        what: &'static str,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run_blocking(what, change)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn close(&self) {
        self.writer.close().await;
        self.readers.close();
    }
}

/// A database in memory; connections in this process that use the same name share it.
fn memory_name() -> String {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("file:/uchat-{number}?vfs=memdb")
}

fn connect(path: &Path, flags: OpenFlags, options: SqliteOptions) -> Result<Connection> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        if !flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            let synchronous = if options.survive_power_cut { "FULL" } else { "NORMAL" };
            connection.pragma_update(None, "synchronous", synchronous)?;
            connection.pragma_update(None, "foreign_keys", true)?;
            // After a burst of large messages the log shrinks again.
            connection.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
            connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        }
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    };
    open().map_err(Error::sqlite("opening the database"))
}

/// A number as SQLite holds it. No row has one beyond its range.
pub(crate) fn id(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A limit on rows or bytes as SQLite takes it.
fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The columns of a user, in the order that `user_row` reads.
const USER: &str = "u.id, u.username, u.email, u.ip, u.port, u.sex, u.age";

fn user_row(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        username: row.get(1)?,
        email: row.get(2)?,
        ip: row.get(3)?,
        port: row.get(4)?,
        sex: row.get(5)?,
        age: row.get(6)?,
    })
}

/// All users that a query selects with [`USER`].
fn users(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> rusqlite::Result<Vec<User>> {
    connection.prepare_cached(sql)?.query_map(parameters, user_row)?.collect()
}
