//! Files: brought in pieces, checked, stored once, for those who may have them; quotas.

#![allow(missing_docs, reason = "tests: their names say what they mean")]

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{befriend, users};
use crate::model::{
    Beginning, FileBounds, FileHash, Finishing, NewFile, NewMessage, Posting, Recall, Recalling, Target,
    UserId, Writing,
};
use crate::store::Db;

const BOUNDS: FileBounds = FileBounds { per_user: 1000, total: 2000, uploads: 3 };

fn hash(content: &[u8]) -> FileHash {
    Sha256::digest(content).into()
}

fn new(user: UserId, content: &[u8], time_ms: u64) -> NewFile {
    NewFile { user, sha256: hash(content), size: content.len() as u64, time_ms }
}

async fn begin(db: &Db, user: UserId, content: &[u8]) -> Beginning {
    db.begin_file(new(user, content, 5), BOUNDS).await.unwrap()
}

async fn write(db: &Db, user: UserId, sha256: FileHash, offset: u64, data: &[u8]) -> Writing {
    db.write_file(user, sha256, offset, Bytes::copy_from_slice(data)).await.unwrap()
}

/// A whole upload at a time.
async fn bring_at(db: &Db, user: UserId, content: &[u8], time: u64) -> FileHash {
    let file = new(user, content, time);
    assert_eq!(db.begin_file(file, BOUNDS).await.unwrap(), Beginning::Begun { have: 0 });
    write(db, user, file.sha256, 0, content).await;
    assert_eq!(db.finish_file(user, file.sha256, time).await.unwrap(), Finishing::Stored);
    file.sha256
}

async fn bring(db: &Db, user: UserId, content: &[u8]) -> FileHash {
    bring_at(db, user, content, 5).await
}

async fn fetch(db: &Db, user: UserId, sha256: FileHash) -> Option<Bytes> {
    db.read_file(user, sha256, 0, 10_000).await.unwrap().map(|part| part.data)
}

/// Sends a message that refers to a file; false if the sender may not.
async fn share(db: &Db, sender: UserId, target: Target, sha256: FileHash) -> bool {
    let letter = NewMessage { sender, target, body: Bytes::from_static(b"file"), time_ms: 1, sent: false };
    let queued = db.queue_file_message(None, letter, sha256, Box::new(|_| {})).await.unwrap();
    match queued.await.unwrap() {
        Posting::Stored(_) => true,
        Posting::NoSuchFile => false,
        other => panic!("{other:?}"),
    }
}

pub async fn a_file_comes_in_pieces_and_only_whole_and_right(db: &Db) {
    users(db, &["ann"]).await;
    let content = b"hello file";
    let sha256 = hash(content);
    assert_eq!(write(db, 1, sha256, 0, b"hello").await, Writing::NotBegun);
    assert_eq!(begin(db, 1, content).await, Beginning::Begun { have: 0 });
    assert_eq!(write(db, 1, sha256, 0, b"hello").await, Writing::Written { have: 5 });
    assert_eq!(write(db, 1, sha256, 7, b"x").await, Writing::Gap { have: 5 });
    assert_eq!(write(db, 1, sha256, 0, b"HELLO").await, Writing::Written { have: 5 }, "a repeated piece");
    assert_eq!(write(db, 1, sha256, 5, b" file and more").await, Writing::TooLong);
    assert_eq!(db.finish_file(1, sha256, 6).await.unwrap(), Finishing::Incomplete { have: 5 });
    assert_eq!(begin(db, 1, content).await, Beginning::Begun { have: 5 }, "it goes on where it was");
    write(db, 1, sha256, 5, b" file").await;
    assert_eq!(fetch(db, 1, sha256).await, None, "it is not whole yet");
    assert_eq!(db.finish_file(1, sha256, 6).await.unwrap(), Finishing::Stored);
    assert_eq!(db.finish_file(1, sha256, 6).await.unwrap(), Finishing::NotBegun);
    assert_eq!(fetch(db, 1, sha256).await.unwrap(), &content[..]);
    let part = db.read_file(1, sha256, 6, 3).await.unwrap().unwrap();
    assert_eq!((part.size, &part.data[..]), (10, &b"fil"[..]));
    assert!(db.read_file(1, sha256, 11, 3).await.unwrap().unwrap().data.is_empty(), "behind its end");
    assert_eq!(begin(db, 1, content).await, Beginning::Complete);
}

pub async fn another_content_than_announced_is_thrown_away(db: &Db) {
    users(db, &["ann"]).await;
    let sha256 = hash(b"right");
    begin(db, 1, b"right").await;
    write(db, 1, sha256, 0, b"wrong").await;
    assert_eq!(db.finish_file(1, sha256, 6).await.unwrap(), Finishing::WrongHash);
    assert_eq!(fetch(db, 1, sha256).await, None);
    assert_eq!(begin(db, 1, b"right").await, Beginning::Begun { have: 0 }, "nothing of it is left");
}

pub async fn an_upload_that_was_given_up_is_gone(db: &Db) {
    users(db, &["ann"]).await;
    let sha256 = hash(b"hello");
    begin(db, 1, b"hello").await;
    write(db, 1, sha256, 0, b"hel").await;
    assert!(db.cancel_file(1, sha256).await.unwrap());
    assert!(!db.cancel_file(1, sha256).await.unwrap());
    assert_eq!(write(db, 1, sha256, 3, b"lo").await, Writing::NotBegun);
    assert_eq!(begin(db, 1, b"hello").await, Beginning::Begun { have: 0 });
}

pub async fn a_file_is_for_who_brought_it_and_who_sees_a_message_about_it(db: &Db) {
    users(db, &["ann", "bob", "eve"]).await;
    befriend(db, 1, 2).await;
    befriend(db, 2, 3).await;
    let secret = bring(db, 1, b"secret").await;
    for other in [2, 3] {
        assert_eq!(fetch(db, other, secret).await, None, "{other}");
        assert!(
            !share(db, other, Target::User(5 - other), secret).await,
            "nobody passes on what he has not got"
        );
    }
    assert!(share(db, 1, Target::User(2), secret).await);
    assert!(fetch(db, 2, secret).await.is_some());
    assert_eq!(fetch(db, 3, secret).await, None);
    // Who only knows its SHA-256 has to bring all of it.
    assert_eq!(begin(db, 3, b"secret").await, Beginning::Begun { have: 0 });
    assert_eq!(begin(db, 2, b"secret").await, Beginning::Complete);
    assert!(share(db, 2, Target::User(3), secret).await);
    assert!(fetch(db, 3, secret).await.is_some(), "it was passed on");
}

pub async fn in_a_room_a_file_is_for_its_members_from_joining_on(db: &Db) {
    users(db, &["ann", "bob", "eve"]).await;
    db.create_room(1, "tea").await.unwrap();
    db.join_room(2, 1).await.unwrap();
    let before = bring(db, 1, b"before").await;
    assert!(share(db, 1, Target::Room(1), before).await);
    db.join_room(3, 1).await.unwrap();
    let after = bring(db, 2, b"after").await;
    assert!(share(db, 2, Target::Room(1), after).await);
    for (user, sees) in [(1, [true, true]), (2, [true, true]), (3, [false, true])] {
        let found = [fetch(db, user, before).await.is_some(), fetch(db, user, after).await.is_some()];
        assert_eq!(found, sees, "{user}");
    }
}

pub async fn the_same_content_is_stored_once_for_all_who_bring_it(db: &Db) {
    users(db, &["ann", "bob"]).await;
    let one = bring(db, 1, b"same").await;
    let other = bring(db, 2, b"same").await;
    assert_eq!(one, other);
    assert_eq!(fetch(db, 2, one).await.unwrap(), &b"same"[..]);
}

pub async fn the_oldest_files_of_a_user_make_room_for_new_ones(db: &Db) {
    users(db, &["ann", "bob"]).await;
    befriend(db, 1, 2).await;
    let contents: Vec<Vec<u8>> = (0..4_u8).map(|number| vec![number; 400]).collect();
    let mut files = Vec::new();
    for (time, content) in (10..).zip(&contents[..2]) {
        files.push(bring_at(db, 1, content, time).await);
    }
    bring_at(db, 2, &contents[1], 12).await;
    assert!(share(db, 1, Target::User(2), files[0]).await);
    files.push(bring_at(db, 1, &contents[2], 13).await);
    assert_eq!(fetch(db, 2, files[0]).await, None, "the oldest one made room, though it was shared");
    files.push(bring_at(db, 1, &contents[3], 14).await);
    assert_eq!(fetch(db, 1, files[1]).await, None);
    assert!(fetch(db, 2, files[1]).await.is_some(), "bob has brought it too");
    assert!(fetch(db, 1, files[2]).await.is_some() && fetch(db, 1, files[3]).await.is_some());
    let large = NewFile { size: 1001, ..new(1, b"large", 20) };
    assert_eq!(db.begin_file(large, BOUNDS).await.unwrap(), Beginning::UserFull);
    assert!(fetch(db, 1, files[2]).await.is_some(), "what is refused changes nothing");
}

pub async fn a_full_store_refuses_uploads_and_uploads_under_way_count(db: &Db) {
    users(db, &["ann", "bob", "eve"]).await;
    let large = |user, content: &[u8]| NewFile { size: 900, ..new(user, content, 5) };
    for user in [1, 2] {
        let begun = db.begin_file(large(user, b"x"), BOUNDS).await.unwrap();
        assert_eq!(begun, Beginning::Begun { have: 0 });
    }
    assert_eq!(db.begin_file(large(3, b"x"), BOUNDS).await.unwrap(), Beginning::StoreFull);
    assert_eq!(db.begin_file(large(1, b"y"), BOUNDS).await.unwrap(), Beginning::UserFull);
    assert_eq!(
        db.begin_file(large(1, b"x"), BOUNDS).await.unwrap(),
        Beginning::Begun { have: 0 },
        "the same one"
    );
    db.cancel_file(1, hash(b"x")).await.unwrap();
    assert_eq!(db.begin_file(large(3, b"x"), BOUNDS).await.unwrap(), Beginning::Begun { have: 0 });
}

pub async fn only_so_many_uploads_of_a_user_are_under_way(db: &Db) {
    users(db, &["ann"]).await;
    for number in 0..4_u8 {
        db.begin_file(new(1, &[number], u64::from(number)), BOUNDS).await.unwrap();
    }
    assert_eq!(write(db, 1, hash(&[0]), 0, &[0]).await, Writing::NotBegun, "the oldest one made room");
    assert_eq!(write(db, 1, hash(&[3]), 0, &[3]).await, Writing::Written { have: 1 });
}

pub async fn what_no_message_refers_to_is_swept_away_in_time(db: &Db) {
    users(db, &["ann", "bob"]).await;
    befriend(db, 1, 2).await;
    let (unused, used, fresh) = (
        bring_at(db, 1, b"unused", 10).await,
        bring_at(db, 1, b"used", 10).await,
        bring_at(db, 1, b"fresh", 20).await,
    );
    assert!(share(db, 1, Target::User(2), used).await);
    db.begin_file(new(1, b"broken off", 10), BOUNDS).await.unwrap();
    db.begin_file(new(1, b"going on", 20), BOUNDS).await.unwrap();
    let swept = db.sweep_files(15, 15).await.unwrap();
    assert_eq!((swept.files, swept.uploads), (1, 1));
    assert_eq!(fetch(db, 1, unused).await, None);
    assert!(fetch(db, 2, used).await.is_some() && fetch(db, 1, fresh).await.is_some());
    assert_eq!(write(db, 1, hash(b"broken off"), 0, b"b").await, Writing::NotBegun);
    assert_eq!(write(db, 1, hash(b"going on"), 0, b"g").await, Writing::Written { have: 1 });
    // Whoever was told just now that it is there has time to refer to it.
    assert_eq!(db.begin_file(new(1, b"fresh", 30), BOUNDS).await.unwrap(), Beginning::Complete);
    assert_eq!(db.sweep_files(25, 15).await.unwrap().files, 0);
}

pub async fn a_file_goes_with_the_message_that_is_taken_back(db: &Db) {
    users(db, &["ann", "bob"]).await;
    befriend(db, 1, 2).await;
    let oops = bring_at(db, 1, b"oops", 10).await;
    assert!(share(db, 1, Target::User(2), oops).await);
    let (emptied, notice) = (Bytes::from_static(b"gone"), Bytes::from_static(b"took it back"));
    let recall = Recall { sender: 1, conversation: 1, seq: 1, since_ms: 0, emptied, notice, time_ms: 2 };
    assert_eq!(db.recall_message(recall).await.unwrap(), Recalling::Done(vec![1, 2]));
    assert_eq!(fetch(db, 2, oops).await, None);
    assert!(fetch(db, 1, oops).await.is_some(), "she has brought it");
    assert_eq!(db.sweep_files(15, 15).await.unwrap().files, 1);
}

pub async fn a_message_about_a_file_is_stored_once_under_its_name(db: &Db) {
    users(db, &["ann", "bob"]).await;
    befriend(db, 1, 2).await;
    let sha256 = bring_at(db, 1, &[1; 600], 10).await;
    let letter = || NewMessage {
        sender: 1,
        target: Target::User(2),
        body: Bytes::from_static(b"file"),
        time_ms: 1,
        sent: false,
    };
    let send = || async {
        let queued = db.queue_file_message(Some([7; 16]), letter(), sha256, Box::new(|_| {})).await.unwrap();
        queued.await.unwrap()
    };
    let Posting::Stored(stored) = send().await else { panic!("not stored") };
    // The file makes room for another one.
    bring_at(db, 1, &[2; 600], 11).await;
    assert_eq!(fetch(db, 1, sha256).await, None);
    let Posting::Repeated(receipt) = send().await else { panic!("stored twice, or refused") };
    assert_eq!(receipt, stored.receipt());
}
