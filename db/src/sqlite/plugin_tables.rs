//! Tables of plug-ins: a database of its own for each that wants one, with migrations of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};

use super::readers::Readers;
use super::writer::Writer;
use super::{READING, SqliteOptions, connect, lock, memory_name, schema};
use crate::error::{Error, Result};

/// Threads that read a database of a plug-in.
const READERS: usize = 1;
/// Bytes of a plug-in's name, which is that of a file.
const LONGEST_NAME: usize = 32;

/// Where the databases of plug-ins are; a service. For what is more than the small values of `Keep`.
///
/// A plug-in opens its own once, in a service builder, and says how its tables came to be: one string a version, of which a
/// released one never changes. What is new is done at the start; a copy is kept beside it first.
///
/// ```
/// # #[cfg(feature = "testkit")] {
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let tables = uchat_db::PluginTables::in_memory();
/// let scores = tables.open("dice", &["CREATE TABLE scores (name TEXT PRIMARY KEY, best INTEGER NOT NULL) STRICT"])?;
/// scores.write("noting a score", |db| db.execute("INSERT INTO scores VALUES ('ann', 12)", [])).await?;
/// let best: u64 = scores
///     .read("reading a score", |db| db.query_one("SELECT best FROM scores WHERE name = 'ann'", [], |row| row.get(0)))
///     .await?;
/// assert_eq!(best, 12);
/// # Ok::<(), uchat_db::Error>(()) }).unwrap();
/// # }
/// ```
#[derive(Debug)]
pub struct PluginTables {
    /// None for databases in memory.
    folder: Option<PathBuf>,
    options: SqliteOptions,
}

/// The database of one plug-in. A copy is cheap.
#[derive(Clone)]
pub struct PluginDatabase {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Writer,
    readers: Readers,
}

impl PluginTables {
    /// Databases in this folder, which is made when the first one is opened.
    pub fn new(folder: PathBuf, options: SqliteOptions) -> Self {
        Self { folder: Some(folder), options }
    }

    /// Databases that are nowhere but in memory, for tests.
    pub fn in_memory() -> Self {
        Self { folder: None, options: SqliteOptions::default() }
    }

    /// Opens or makes the database of a plug-in and brings it up to its last version.
    ///
    /// # Errors
    ///
    /// If the name is none of `a-z`, `0-9`, `_`, the versions don't lead from what is there to what is wanted, or another
    /// process has it open.
    pub fn open(&self, plugin: &str, versions: &[&str]) -> Result<PluginDatabase> {
        let legal = plugin.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !legal || plugin.is_empty() || plugin.len() > LONGEST_NAME {
            return Err(Error::Schema {
                path: plugin.into(),
                reason: format!("a plug-in is named with a-z, 0-9 and _, at most {LONGEST_NAME} of them"),
            });
        }
        let Some(folder) = &self.folder else { return self.start(Path::new(&memory_name()), None, versions) };
        let io = |source| Error::Io { what: "making the folder of the plug-ins' tables", source };
        std::fs::create_dir_all(folder).map_err(io)?;
        let path = folder.join(format!("{plugin}.db"));
        let lock = lock::take(&path)?;
        lock::make_private(&path)?;
        self.start(&path, lock, versions)
    }

    fn start(&self, path: &Path, lock: Option<std::fs::File>, versions: &[&str]) -> Result<PluginDatabase> {
        let mut connection = connect(path, OpenFlags::default(), self.options)?;
        schema::bring_up_to_date(&mut connection, path, versions)?;
        let readers =
            (0..READERS).map(|_| connect(path, READING, self.options)).collect::<Result<Vec<_>>>()?;
        let writer = Writer::start(connection, lock, self.options)?;
        let readers = Readers::start(readers, self.options.queue)?;
        Ok(PluginDatabase { inner: Arc::new(Inner { writer, readers }) })
    }
}

impl PluginDatabase {
    /// Runs a query on a reading thread; it sees everything that was reported as written before.
    ///
    /// # Errors
    ///
    /// If SQLite refuses; `what` says in the log what was being done.
    pub async fn read<T: Send + 'static>(
        &self,
        what: &'static str,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.readers.run(what, query).await
    }

    /// Runs changes in a transaction; they are durable when this returns, or have not happened.
    ///
    /// # Errors
    ///
    /// If SQLite refuses; `what` says in the log what was being done.
    pub async fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.writer.run(what, 0, change, |_| {}).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE scores (name TEXT PRIMARY KEY, best INTEGER NOT NULL) STRICT";
    const SECOND: &str = "ALTER TABLE scores ADD COLUMN games INTEGER NOT NULL DEFAULT 1";

    #[tokio::test]
    async fn what_was_written_is_there_in_the_next_version_and_an_older_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let tables = PluginTables::new(folder.path().join("plugins"), SqliteOptions::default());
        let dice = tables.open("dice", &[FIRST]).unwrap();
        dice.write("noting", |db| db.execute("INSERT INTO scores VALUES ('ann', 12)", [])).await.unwrap();
        assert!(matches!(tables.open("dice", &[FIRST]), Err(Error::InUse { .. })));
        drop(dice);
        let dice = tables.open("dice", &[FIRST, SECOND]).unwrap();
        let row = dice
            .read("reading", |db| {
                db.query_one("SELECT best, games FROM scores", [], |row| Ok((row.get(0)?, row.get(1)?)))
            })
            .await
            .unwrap();
        assert_eq!(row, (12_u64, 1_u64));
        assert!(folder.path().join("plugins/dice.before-v2.db").exists(), "a copy was kept");
        drop(dice);
        assert!(matches!(tables.open("dice", &[FIRST]), Err(Error::Schema { .. })));
    }

    #[tokio::test]
    async fn a_change_that_fails_leaves_nothing_and_plug_ins_do_not_see_each_other() {
        let tables = PluginTables::in_memory();
        let (one, other) = (
            tables.open("one", &[FIRST]).unwrap(),
            tables.open("other", &["CREATE TABLE things (id INTEGER) STRICT"]).unwrap(),
        );
        let half = one.write("half", |db| {
            db.execute("INSERT INTO scores VALUES ('ann', 12)", [])?;
            db.execute("INSERT INTO nothing VALUES (1)", [])
        });
        assert!(half.await.is_err());
        let count =
            |db: &Connection| db.query_one("SELECT count(*) FROM scores", [], |row| row.get::<_, u64>(0));
        assert_eq!(one.read("counting", count).await.unwrap(), 0);
        assert!(other.read("counting", count).await.is_err());
        for wrong in ["", "../x", "A", "a-b"] {
            assert!(tables.open(wrong, &[]).is_err(), "{wrong}");
        }
    }
}
