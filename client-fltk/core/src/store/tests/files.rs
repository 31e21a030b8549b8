//! Files on their way survive a restart.

use std::path::{Path, PathBuf};

use uchat_codec::chat::FileHash;

use super::*;

#[test]
fn what_is_to_be_sent_and_what_was_asked_for_is_known_after_a_restart() {
    let (dir, mut store) = store();
    let upload = |id, path: &str| Upload { id, to: BOB, time: 100 - id, path: PathBuf::from(path) };
    for upload in [upload(1, "/a/园.zip"), upload(2, "/b"), upload(3, "/c")] {
        store.put_upload(&upload).unwrap();
    }
    store.remove_upload(2).unwrap();
    let hash = |byte| FileHash([byte; 32]);
    store.put_wanted(hash(1), "a", None).unwrap();
    store.put_wanted(hash(2), "b", None).unwrap();
    store.put_wanted(hash(3), "c", None).unwrap();
    store.put_wanted(hash(1), "a", Some(Path::new("/here/a"))).unwrap();
    store.remove_wanted(hash(2)).unwrap();
    let store = reopened(&dir, store);
    assert_eq!(store.uploads().unwrap(), [upload(3, "/c"), upload(1, "/a/园.zip")]);
    let wanted = store.wanted().unwrap();
    assert_eq!(wanted[0], Wanted { sha256: hash(3), name: "c".into(), path: None });
    assert_eq!(wanted[1], Wanted { sha256: hash(1), name: "a".into(), path: Some("/here/a".into()) });
    assert_eq!(wanted.len(), 2);
}

#[test]
fn no_more_files_wait_than_may() {
    let (_dir, mut store) = store();
    let upload = |id| Upload { id, to: BOB, time: 1, path: PathBuf::from("/a") };
    for id in 1..=MAX_UPLOADS as u64 {
        store.put_upload(&upload(id)).unwrap();
    }
    assert!(matches!(store.put_upload(&upload(999)), Err(StoreError::Full { .. })));
    store.put_upload(&upload(1)).unwrap();
}
