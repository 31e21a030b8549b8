//! Files that are new, old, newer, damaged, or somebody else's.

use rusqlite::{Connection, params};
use uchat_codec::Value;

use super::*;
use crate::state::Content;

/// A history with enough in it to have something in its middle.
fn filled(dir: &Path) {
    let mut store = LocalStore::open(dir).unwrap();
    let messages: Vec<_> = (0..500).map(|n| from_bob(n, &format!("message {n}"))).collect();
    store.record_bundle(&messages).unwrap();
}

#[test]
fn a_file_that_is_no_database_is_moved_aside_and_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let text = b"this is no database at all, but long enough to look";
    fs::write(dir.path().join(FILE), text).unwrap();
    let mut store = LocalStore::open(dir.path()).unwrap();
    assert_eq!(fs::read(store.damaged().unwrap()).unwrap(), text);
    store.record_live(&from_bob(1, "works")).unwrap();
    assert_eq!(reopened(&dir, store).damaged(), None);
}

#[test]
fn a_history_with_a_hole_is_moved_aside_and_said_so() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let path = dir.path().join(FILE);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    let store = LocalStore::open(dir.path()).unwrap();
    assert!(store.damaged().is_some());
    assert_eq!(store.count(BOB).unwrap(), 0);
}

#[test]
fn a_history_that_was_cut_off_is_moved_aside_and_said_so() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let path = dir.path().join(FILE);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(LocalStore::open_checked(dir.path(), Bounds::default()).unwrap().damaged().is_some());
}

#[test]
fn damaged_files_do_not_pile_up_and_the_first_one_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..6 {
        fs::write(dir.path().join(FILE), format!("no database, number {number}, but long enough")).unwrap();
        // What belongs to the damaged one must not get into the new one.
        fs::write(dir.path().join("history.db-wal"), "part of it").unwrap();
        let mut store = LocalStore::open(dir.path()).unwrap();
        store.record_live(&from_bob(1, "works")).unwrap();
        drop(store);
    }
    let mut names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| !name.ends_with("-wal"));
    names.sort();
    assert_eq!(names, ["history.db", "history.db.damaged-1", "history.db.damaged-2", "history.db.damaged-3"]);
    let first = fs::read_to_string(dir.path().join("history.db.damaged-1")).unwrap();
    assert!(first.contains("number 0"), "{first}");
}

#[test]
fn a_history_of_a_newer_program_is_refused_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let version = |number: i64| {
        let db = Connection::open(dir.path().join(FILE)).unwrap();
        db.pragma_update(None, "user_version", number).unwrap();
    };
    version(99);
    let error = LocalStore::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    version(4);
    assert_eq!(LocalStore::open(dir.path()).unwrap().count(BOB).unwrap(), 500);
}

#[test]
fn a_history_that_another_program_uses_is_refused_and_not_taken_for_damaged() {
    let (dir, mut first) = store();
    first.record_live(&from_bob(1, "mine")).unwrap();
    let error = LocalStore::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    assert_eq!(reopened(&dir, first).count(BOB).unwrap(), 1);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_history_and_what_belongs_to_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, mut store) = store();
    store.record_live(&from_bob(1, "secret")).unwrap();
    for file in fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    drop(store);
    let path = dir.path().join(FILE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    LocalStore::open(dir.path()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

/// A history as the first version wrote it: two messages of Bob, an own one, an image; the first one read, a draft.
fn of_the_first_version(dir: &Path) {
    let db = Connection::open(dir.join(FILE)).unwrap();
    db.execute_batch(schema::FIRST).unwrap();
    let image = format!("\0file\0{} 13 png", "ab".repeat(32)).into_bytes();
    let encoded = |text: &str| {
        let mut bytes = bytes::BytesMut::new();
        MessageBody::Text { data: text.into(), fontsize: 15, fontcolor: "#112233".into() }
            .into_value()
            .unwrap()
            .encode(&mut bytes)
            .unwrap();
        bytes.to_vec()
    };
    let hash = |text: &str| {
        let body = MessageBody::Text { data: text.into(), fontsize: 15, fontcolor: "#112233".into() };
        let message = NewMessage { message: body.into_value().unwrap(), ..from_bob(1, "") };
        crate::state::Entry::of(message, None).0.fingerprint().cast_signed()
    };
    let sql = "INSERT INTO message (id, kind, target, time, sender, sender_name, hash, nth, content, text) \
               VALUES (?, 0, 2, ?, ?, 'somebody', ?, 0, ?, ?)";
    let rows = [(3, 2, "去公园"), (5, 1, "mine"), (7, 2, "new one")];
    for (id, sender, text) in rows {
        db.execute(sql, params![id, id * 10, sender, hash(text), encoded(text), text]).unwrap();
    }
    db.execute(sql, params![9, 90, 2, 77, image, None::<String>]).unwrap();
    db.execute("INSERT INTO me VALUES (1, 1, 'ann')", []).unwrap();
    db.execute("INSERT INTO contact VALUES (0, 2, 'bob', '', '')", []).unwrap();
    db.execute("INSERT INTO conversation VALUES (0, 2, 30, 3, 'half a')", []).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
}

#[test]
fn a_history_of_the_first_version_is_taken_over_whole() {
    let dir = tempfile::tempdir().unwrap();
    of_the_first_version(dir.path());
    let mut store = LocalStore::open(dir.path()).unwrap();
    let page = store.newest(BOB, 10).unwrap();
    assert_eq!(texts(&page.rows), ["去公园", "mine", "new one"]);
    assert_eq!(page.rows[0].position, Position { time: 30, row: 3 });
    assert!(matches!(&page.rows[0].content, Content::Text { size: 15, colour, .. } if colour == "#112233"));
    assert!(matches!(&page.rows[3].content, Content::File(file) if file.bytes == 13));
    assert_eq!(found(&store, "公园"), ["去公园"]);
    let snapshot = store.load().unwrap();
    assert_eq!(
        (snapshot.me.unwrap().id, snapshot.contacts[0].unread),
        (1, 2),
        "the last one of Bob, and the image"
    );
    assert_eq!(snapshot.drafts, [(BOB, "half a".to_owned())]);
    let body = MessageBody::Text { data: "new one".into(), fontsize: 15, fontcolor: "#112233".into() };
    let again = NewMessage { message: body.into_value().unwrap(), ..from_bob(70, "") };
    assert_eq!(store.record_bundle(&[again]).unwrap(), [], "it is the same message still");
    assert_eq!(store.count(BOB).unwrap(), 4);
    let other = NewMessage { message: Value::None, ..from_bob(100, "") };
    assert!(store.record_live(&other).unwrap().is_some());
}
