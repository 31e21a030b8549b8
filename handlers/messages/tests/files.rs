//! A message about a file gives it to who sees the message.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use uchat_config::Settings;
use uchat_db::{FileBounds, NewFile};
use uchat_framework::codec::chat::{FileHash, FileRef, SendMessage, TARGET_USER};
use uchat_framework::codec::opcode;
use uchat_framework::testkit::TestServer;
use uchat_messages as _;

/// The SHA-256 of "abc".
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[tokio::test]
async fn a_message_about_a_file_lets_the_friend_have_it() {
    let db = uchat_db::testkit::with_users(&["ann", "bob"]).await;
    db.request_friend(1, 2).await.unwrap();
    db.accept_friend(2, 1).await.unwrap();
    let server =
        TestServer::new(|builder| builder.service(Arc::clone(&db)).service(Settings::default())).unwrap();
    let (ann, bob) = (server.user(1, "ann").await, server.user(2, "bob").await);
    let digit = |at: usize| u8::from_str_radix(&ABC[2 * at..2 * at + 2], 16).unwrap();
    let sha256: [u8; 32] = std::array::from_fn(digit);
    let name = "holiday.pdf".to_owned();
    let file = FileRef { sha256: FileHash(sha256), size: 3, name, thumbnail: Vec::new().into() };
    let message = file.into_message().unwrap();
    let send = SendMessage { target_type: TARGET_USER, target_id: 2, message };

    let refused = ann.request(opcode::SEND_MESSAGE, &send).await;
    assert!(format!("{refused:?}").contains("no such file"), "{refused:?}");
    assert!(bob.received().await.unwrap().is_empty());

    let new = NewFile { user: 1, sha256, size: 3, time_ms: 1 };
    db.begin_file(new, FileBounds { per_user: 9, total: 9, uploads: 1 }).await.unwrap();
    db.write_file(1, sha256, 0, bytes::Bytes::from_static(b"abc")).await.unwrap();
    db.finish_file(1, sha256, 1).await.unwrap();
    assert_eq!(db.read_file(2, sha256, 0, 3).await.unwrap(), None);
    ann.request(opcode::SEND_MESSAGE, &send).await.unwrap();
    assert_eq!(db.read_file(2, sha256, 0, 3).await.unwrap().unwrap().data, &b"abc"[..]);
}
