//! The bytes of files on the disk, over restarts.

#![allow(clippy::unwrap_used, reason = "tests")]

use bytes::Bytes;
use uchat_db::testkit::new_user;
use uchat_db::{
    Accounts, Beginning, FileBounds, Files, Finishing, NewFile, SqliteOptions, SqliteStore, Store,
};

/// Everything below a folder that is a file.
fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn uploads_outlive_the_process_and_what_nobody_knows_of_is_swept_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (path, files) = (folder.path().join("uchat.db"), folder.path().join("files"));
    let db = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    db.create_user(new_user("ann")).await.unwrap();
    // The SHA-256 of "abc".
    let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let mut sha256 = [0; 32];
    hex::decode_to_slice(hex, &mut sha256).unwrap();
    let new = NewFile { user: 1, sha256, size: 3, time_ms: 1 };
    let bounds = FileBounds { per_user: 10, total: 10, uploads: 2 };
    db.begin_file(new, bounds).await.unwrap();
    db.write_file(1, sha256, 0, Bytes::from_static(b"ab")).await.unwrap();
    db.close().await;
    drop(db);

    std::fs::create_dir_all(files.join("cd")).unwrap();
    std::fs::write(files.join("cd").join("e".repeat(62)), "no row tells of it").unwrap();
    std::fs::write(files.join("partial").join(format!("2-{hex}")), "nor of this").unwrap();
    let foreign = files.join("cd").join("holiday.txt");
    std::fs::write(&foreign, "not ours").unwrap();
    let db = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    assert!(foreign.exists(), "what has no name of ours stays");
    std::fs::remove_file(&foreign).unwrap();
    assert_eq!(files_below(&files), [files.join("partial").join(format!("1-{hex}"))]);
    assert_eq!(db.begin_file(new, bounds).await.unwrap(), Beginning::Begun { have: 2 });
    db.write_file(1, sha256, 2, Bytes::from_static(b"c")).await.unwrap();
    assert_eq!(db.finish_file(1, sha256, 2).await.unwrap(), Finishing::Stored);
    let whole = files.join("ba").join(&hex[2..]);
    assert_eq!(files_below(&files), std::slice::from_ref(&whole));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&whole).unwrap().permissions().mode() & 0o777, 0o600);
    }
    db.sweep_files(3, 3).await.unwrap();
    assert!(files_below(&files).is_empty(), "no message refers to it");
}
