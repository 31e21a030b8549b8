//! The embedded engine passes the suite, survives being closed, and takes over old databases.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use bytes::Bytes;
use uchat_db::testkit::{new_user, temporary};
use uchat_db::{
    Accounts, Db, Error, Filing, Friends, Messages, NewCertificate, NewLogin, NewMessage, OldMessage,
    PasswordHash, Proof, SqliteOperator, SqliteOptions, SqliteStore, Store, Target, import_classic,
    store_suite,
};

store_suite!(Arc::new(temporary()));

mod in_memory {
    use std::sync::Arc;

    uchat_db::store_suite!(Arc::new(uchat_db::testkit::in_memory()));
}

fn letter(body: &'static str) -> NewMessage {
    NewMessage {
        sender: 1,
        target: Target::User(2),
        body: Bytes::from_static(body.as_bytes()),
        time_ms: 0,
        sent: true,
    }
}

#[tokio::test]
async fn everything_is_there_after_the_store_was_closed_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uchat.db");
    let db = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    for name in ["ann", "bob"] {
        db.create_user(new_user(name)).await.unwrap();
    }
    db.request_friend(1, 2).await.unwrap();
    db.accept_friend(2, 1).await.unwrap();
    db.post_message(letter("hello"), Box::new(|_| {})).await.unwrap();
    db.note_delivered(2, 1, 1);
    db.close().await;
    assert!(matches!(db.user_by_name("ann").await, Err(Error::Closed)));

    let again = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let history = again.login_history(2, 10, 1000).await.unwrap();
    assert_eq!(&history.messages[0].message.body[..], b"hello");
    assert!(history.messages[0].delivered, "the cursor was written at the end");
}

#[test]
fn a_second_server_on_the_same_file_is_refused_until_the_first_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uchat.db");
    let first = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let refused = SqliteStore::open(&path, SqliteOptions::default()).err().unwrap();
    assert!(matches!(refused, Error::InUse { .. }), "{refused}");
    drop(first);
    SqliteStore::open(&path, SqliteOptions::default()).unwrap();
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let _store = SqliteStore::open(&folder.path().join("uchat.db"), SqliteOptions::default()).unwrap();
    for name in ["uchat.db", "uchat.db-wal", "uchat.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} {mode:o}");
    }
}

/// The tables of the existing program.
const OLD_TABLES: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password TEXT, email TEXT, ip TEXT, port TEXT, sex TEXT, age TEXT, pk TEXT);
    CREATE TABLE friends (from_user_id INTEGER, to_user_id INTEGER, accepted TEXT, PRIMARY KEY (from_user_id, to_user_id));
    CREATE TABLE rooms (id INTEGER PRIMARY KEY, room_name TEXT);
    CREATE TABLE room_user (id INTEGER PRIMARY KEY, room_id INTEGER, user_id INTEGER);
    CREATE TABLE chat_history (id INTEGER PRIMARY KEY, user_id INTEGER, target_id INTEGER, target_type TEXT, data BLOB, sent INTEGER);
    INSERT INTO users VALUES
        (1, 'ann', 'md5-ann', 'u@mail.com', '127.0.0.1', '2333', '女', '20', NULL),
        (2, 'bob', 'md5-bob', 'U@mail.com', '127.0.0.1', '2333', '男', '保密', NULL),
        (3, 'eve', 'md5-eve', '', '', '', '', '', NULL),
        (4, 'ann', 'md5-x', 'x@mail.com', '', '', '', '', NULL);
    INSERT INTO friends VALUES (1, 2, '1'), (2, 1, '1'), (3, 1, '0'), (2, 3, '1'), (1, 99, '1');
    INSERT INTO rooms VALUES (7, 'tea'), (8, 'Tea');
    INSERT INTO room_user VALUES (1, 7, 1), (2, 7, 2), (3, 99, 1);
    INSERT INTO chat_history VALUES
        (1, 1, 2, '0', '1 0 2 10 hello', 1), (2, 2, 1, '0', '1 0 1 10 hello', 0),
        (3, 1, 7, '1', '1 1 7 11 alone', 1),
        (4, 1, 7, '1', '1 1 7 11 tea?', 1), (5, 2, 7, '1', '1 1 7 11 tea?', 1),
        (6, 1, 7, '1', '1 1 7 11 tea?', 1), (7, 2, 7, '1', '1 1 7 11 tea?', 0),
        (8, 1, 2, '0', 'garbage', 1);
";

/// Rows of this test say `sender type target time text`.
fn decode(row: &[u8]) -> Option<OldMessage> {
    let text = std::str::from_utf8(row).ok()?;
    let mut parts = text.splitn(5, ' ');
    let mut number = || parts.next()?.parse().ok();
    let (sender_id, target_type, target_id, time_ms) = (number()?, number()?, number()?, number()?);
    let body = Bytes::copy_from_slice(parts.next()?.as_bytes());
    Some(OldMessage { time_ms, sender_id, target_type, target_id, body })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_existing_program_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("database.db");
    rusqlite::Connection::open(&old).unwrap().execute_batch(OLD_TABLES).unwrap();
    let store = temporary();
    let wrap = |md5: &str| Ok(PasswordHash(format!("wrapped {md5}")));
    let (store, report) = tokio::task::spawn_blocking(move || {
        let report = import_classic(&old, &store, &wrap, &decode);
        (store, report)
    })
    .await
    .unwrap();
    let report = report.unwrap();
    assert_eq!((report.users, report.rooms, report.members, report.messages), (3, 2, 2, 4), "{report}");
    let left_out: usize = report.left_out.values().sum();
    assert_eq!(left_out, 4, "{report}");

    let db: Db = Arc::new(store);
    assert_eq!(db.credentials("bob").await.unwrap().unwrap().password.0, "wrapped md5-bob");
    assert_eq!(db.friend_ids(2).await.unwrap(), [1, 3]);
    assert_eq!(db.friend_ids(3).await.unwrap(), [2], "a friendship that lost a row is whole again");
    assert_eq!(db.pending_requests(1).await.unwrap()[0].username, "eve");
    assert_eq!(db.room_member_ids(7).await.unwrap(), [1, 2]);
    let history = db.login_history(2, 10, 1000).await.unwrap().messages;
    let seen: Vec<_> = history
        .iter()
        .map(|item| (item.message.target_for(2), item.delivered, &item.message.body[..]))
        .collect();
    // What was said in the room before bob came stays hidden; what ann said twice is there twice.
    let tea = |delivered| (Target::Room(7), delivered, &b"tea?"[..]);
    assert_eq!(seen, [(Target::User(1), false, &b"hello"[..]), tea(true), tea(false)]);
    assert_eq!(db.login_history(1, 10, 1000).await.unwrap().messages.len(), 4);
    assert!(db.create_room(1, "tea").await.unwrap().is_none());
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_into_a_store_with_users_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("database.db");
    rusqlite::Connection::open(&old).unwrap().execute_batch(OLD_TABLES).unwrap();
    let store = temporary();
    store.create_user(new_user("zoe")).await.unwrap();
    let wrap = |_: &str| Ok(PasswordHash(String::new()));
    let refused =
        tokio::task::spawn_blocking(move || import_classic(&old, &store, &wrap, &decode)).await.unwrap();
    assert!(matches!(refused, Err(Error::NotEmpty)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_revokes_keys_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uchat.db");
    assert!(SqliteOperator::open(&path).is_err(), "there is no database yet");
    let db: Db = Arc::new(SqliteStore::open(&path, SqliteOptions::default()).unwrap());
    db.create_user(new_user("ann")).await.unwrap();
    let new = |key: u8| NewCertificate {
        user: 1,
        key: [key; 32],
        der: vec![key].into(),
        not_before: u64::from(key),
        not_after: 1000,
    };
    db.add_certificate(new(1), 9).await.unwrap();
    let mut operator = SqliteOperator::open(&path).unwrap();
    assert_eq!(operator.user("ann").unwrap(), Some((1, "ann@example.com".into())));
    assert_eq!(operator.user("bob").unwrap(), None);
    assert_eq!(operator.add_certificate(&new(2), 9).unwrap(), Filing::Stored);
    assert_eq!(operator.revoke(1, 500).unwrap(), 2);
    assert_eq!(operator.revoke(1, 600).unwrap(), 0, "they are revoked already");
    let mut listed = Vec::new();
    operator.certificates(Some(1), |found| listed.push((found.key[0], found.revoked))).unwrap();
    assert_eq!(listed, [(2, Some(500)), (1, Some(500))]);
    operator.certificates(Some(2), |found| panic!("{found:?}")).unwrap();
    assert!(db.is_revoked([1; 32]).await.unwrap() && !db.is_revoked([3; 32]).await.unwrap());
    assert_eq!(db.certificate_of(1, 600).await.unwrap(), None);
    assert_eq!(db.add_certificate(new(2), 9).await.unwrap(), Filing::Revoked);
    assert_eq!(operator.add_certificate(&new(1), 9).unwrap(), Filing::Revoked);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_older_than_the_revocation_of_its_key_logs_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uchat.db");
    let db: Db = Arc::new(SqliteStore::open(&path, SqliteOptions::default()).unwrap());
    db.create_user(new_user("ann")).await.unwrap();
    let login = |proof, key: u8| NewLogin {
        user: 1,
        proof,
        ip: "10.0.0.9".into(),
        port: "4000".into(),
        device_key: Some([key; 32]),
        most_keys: 9,
        time_ms: 1,
    };
    let password = || Proof::Password(PasswordHash("none".into()));
    assert!(db.note_login(login(password(), 1)).await.unwrap());
    // There is no certificate: the key is known as that of a device.
    assert_eq!(SqliteOperator::open(&path).unwrap().revoke(1, 500).unwrap(), 1);
    assert!(!db.note_login(login(Proof::Key([1; 32]), 1)).await.unwrap());
    assert!(!db.note_login(login(password(), 1)).await.unwrap());
    assert!(db.note_login(login(password(), 2)).await.unwrap(), "with another key the password is enough");
    db.close().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_others_could_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uchat.db");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let db = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    db.close().await;
}
