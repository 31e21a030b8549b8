//! Changes that share a commit do not share their fate.

use std::sync::mpsc;

use super::*;

fn start(group: usize) -> (tempfile::TempDir, Connection, Arc<Writer>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection
        .execute_batch(
            "CREATE TABLE said (text TEXT UNIQUE);
             CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE child (parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
             CREATE TABLE cursors (user_id INTEGER, conversation_id INTEGER, delivered INTEGER,
                 read INTEGER, shown INTEGER);
             INSERT INTO cursors VALUES (1, 7, 0, 0, 0);
             PRAGMA foreign_keys = ON;",
        )
        .unwrap();
    let options = SqliteOptions { group, ..SqliteOptions::default() };
    let writer = Writer::start(connection, None, options).unwrap();
    (folder, Connection::open(path).unwrap(), Arc::new(writer))
}

/// Keeps the thread busy until the sender is dropped, so that what is asked for meanwhile becomes one group.
async fn hold(writer: &Arc<Writer>) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<()>>) {
    let (go, wait) = mpsc::channel::<()>();
    let (started, running) = oneshot::channel();
    let writer = Arc::clone(writer);
    let held = tokio::spawn(async move {
        let change = move |_: &Connection| {
            let _ = started.send(());
            let _ = wait.recv();
            Ok(())
        };
        writer.run("waiting", 0, change, |()| {}).await
    });
    running.await.unwrap();
    (go, held)
}

async fn say(writer: &Writer, text: &'static str) -> Result<usize> {
    let sql = "INSERT INTO said VALUES (?1)";
    writer.run("saying", 1, move |connection| connection.execute(sql, [text]), |_| {}).await
}

fn said(reader: &Connection) -> Vec<String> {
    let mut statement = reader.prepare("SELECT text FROM said ORDER BY rowid").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

fn delivered(reader: &Connection) -> i64 {
    reader.query_row("SELECT delivered FROM cursors", [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_or_panics_harms_no_other_one_of_its_group() {
    let (_folder, reader, writer) = start(256);
    let (go, held) = hold(&writer).await;
    let panics = writer.run(
        "panicking",
        0,
        |connection| -> rusqlite::Result<()> {
            connection.execute("INSERT INTO said VALUES ('undone')", [])?;
            panic!("on purpose")
        },
        |()| {},
    );
    let release = async { drop(go) };
    let (one, again, panicked, two, ()) =
        tokio::join!(say(&writer, "one"), say(&writer, "one"), panics, say(&writer, "two"), release);
    held.await.unwrap().unwrap();
    assert!(one.is_ok() && two.is_ok());
    assert!(matches!(again, Err(Error::Sqlite { what: "saying", .. })), "{again:?}");
    assert!(matches!(panicked, Err(Error::Failed { what: "panicking" })), "{panicked:?}");
    assert_eq!(said(&reader), ["one", "two"]);
    assert!(say(&writer, "three").await.is_ok(), "the thread goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_reported_as_written_when_the_commit_fails() {
    let (_folder, reader, writer) = start(256);
    let (go, held) = hold(&writer).await;
    writer.move_cursor(1, 7, Cursor { received: 5, ..Cursor::default() });
    let orphan = writer.run(
        "breaking the commit",
        0,
        |connection| connection.execute("INSERT INTO child VALUES (99)", []),
        |_| panic!("it is not committed"),
    );
    let release = async { drop(go) };
    let (one, orphan, ()) = tokio::join!(say(&writer, "one"), orphan, release);
    held.await.unwrap().unwrap();
    for refused in [&one, &orphan] {
        assert!(matches!(refused, Err(Error::Commit { .. })), "{refused:?}");
    }
    assert!(said(&reader).is_empty());
    assert!(say(&writer, "two").await.is_ok());
    assert_eq!(delivered(&reader), 5, "a cursor outlives the commit that failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_before_the_end_is_written_and_nothing_after_it() {
    let (_folder, reader, writer) = start(1);
    let (go, held) = hold(&writer).await;
    let release = async { drop(go) };
    let (one, ()) = tokio::join!(say(&writer, "one"), release);
    writer.move_cursor(1, 7, Cursor { received: 3, ..Cursor::default() });
    writer.close().await;
    assert!(one.is_ok() && held.await.unwrap().is_ok());
    assert!(matches!(say(&writer, "two").await, Err(Error::Closed)));
    assert_eq!((said(&reader), delivered(&reader)), (vec!["one".to_owned()], 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_share_one_fate_are_run_again_alone_when_one_of_them_fails() {
    let (_folder, reader, writer) = start(256);
    let say = async |text: &'static str, panics: bool| {
        let mut runs = 0;
        let change = move |connection: &Connection| {
            runs += 1;
            connection.execute("INSERT INTO said VALUES (?1)", [text])?;
            assert!(!panics, "on purpose");
            Ok(runs)
        };
        writer.queue("saying", 1, Runs::Repeatably, change, |_| {}).await.unwrap().wait().await
    };
    let together = async |texts: [(&'static str, bool); 3]| {
        let (go, held) = hold(&writer).await;
        let [one, two, three] = texts.map(|(text, panics)| say(text, panics));
        let release = async { drop(go) };
        let (one, two, three, ()) = tokio::join!(one, two, three, release);
        held.await.unwrap().unwrap();
        [one, two, three]
    };
    let all_well = together([("a", false), ("b", false), ("c", false)]).await;
    assert!(all_well.iter().all(|runs| matches!(runs, Ok(1))), "{all_well:?}");
    let [before, doubled, after] = together([("d", false), ("a", false), ("e", false)]).await;
    assert!(matches!((before, after), (Ok(2), Ok(1))), "one ran before the failure, one not");
    assert!(matches!(doubled, Err(Error::Sqlite { .. })), "{doubled:?}");
    let [panicked, one, two] = together([("x", true), ("f", false), ("g", false)]).await;
    assert!(matches!(panicked, Err(Error::Failed { .. })) && one.is_ok() && two.is_ok());
    assert_eq!(said(&reader), ["a", "b", "c", "d", "e", "f", "g"]);
}
