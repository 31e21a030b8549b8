//! A message with an id is stored once, however often it is sent.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use uchat_config::Settings;
use uchat_db::Db;
use uchat_framework::codec::chat::{Blob, MessageBody, SEND, SendOnce, TARGET_USER};
use uchat_framework::codec::{Opcode, PeerIdentity, Value, opcode};
use uchat_framework::testkit::{TestClient, TestServer};
use uchat_messages as _;

/// The numbers of the users.
const ANN: u64 = 1;
const BOB: u64 = 2;
const EVE: u64 = 3;

async fn house() -> (TestServer, Db) {
    let db = uchat_db::testkit::with_users(&["ann", "bob", "eve"]).await;
    db.request_friend(ANN, BOB).await.unwrap();
    db.accept_friend(BOB, ANN).await.unwrap();
    (TestServer::new(|builder| builder.service(Arc::clone(&db)).service(Settings::default())).unwrap(), db)
}

async fn strong(server: &TestServer, id: u64, name: &str) -> TestClient {
    let identity = PeerIdentity { identity_key: Some([7; 32]), ..PeerIdentity::default() };
    let client = server.connect_as(identity);
    client.sign_in(id, name, &[]).await;
    client
}

async fn send(from: &TestClient, to: u64, id: &[u8], text: &str) -> Vec<(Opcode, Value)> {
    let message = MessageBody::text(text).into_value().unwrap();
    let id = Blob::from(id.to_vec());
    from.call(SEND, &SendOnce { target_type: TARGET_USER, target_id: to, id, message }).await.unwrap()
}

/// What a call was answered with, which stands behind everything else.
fn answer(received: &[(Opcode, Value)]) -> &Value {
    let (opcode, result) = received.last().unwrap();
    assert_eq!(*opcode, opcode::CALL_RESULT);
    result
}

fn code(received: &[(Opcode, Value)]) -> &str {
    answer(received).get("err").and_then(|error| error.get("code")?.as_str()).unwrap_or_default()
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_answered_alike_and_kept_once() {
    let (server, db) = house().await;
    let ann = strong(&server, ANN, "ann").await;
    let first = send(&ann, BOB, &[1; 16], "tea?").await;
    let ok = answer(&first).get("ok").unwrap();
    assert_eq!(ok.get("number").and_then(Value::as_u64), Some(1));
    assert_eq!(send(&ann, BOB, &[1; 16], "tea?").await, first);
    let next = send(&ann, BOB, &[2; 16], "tea?").await;
    let ok = answer(&next).get("ok").unwrap();
    assert_eq!(ok.get("number").and_then(Value::as_u64), Some(2), "the same text, but another message");
    assert_eq!(db.login_history(BOB, 10, 10_000).await.unwrap().messages.len(), 2);
}

#[tokio::test]
async fn a_session_that_comes_back_repeats_what_it_has_no_answer_for() {
    let (server, db) = house().await;
    let ann = strong(&server, ANN, "ann").await;
    send(&ann, BOB, &[1; 16], "tea?").await;
    ann.disconnect().await;
    let ann = strong(&server, ANN, "ann").await;
    assert_eq!(code(&send(&ann, BOB, &[1; 16], "tea?").await), "");
    assert_eq!(db.login_history(BOB, 10, 10_000).await.unwrap().messages.len(), 1);
}

#[tokio::test]
async fn what_is_refused_says_why_and_leaves_the_id_free() {
    let (server, _db) = house().await;
    let ann = strong(&server, ANN, "ann").await;
    assert_eq!(code(&send(&ann, EVE, &[1; 16], "psst").await), "not_friends");
    assert_eq!(code(&send(&ann, BOB, &[1; 15], "short").await), "bad_id");
    let sent = send(&ann, BOB, &[1; 16], "tea?").await;
    let ok = answer(&sent).get("ok").unwrap();
    assert_eq!(ok.get("number").and_then(Value::as_u64), Some(1));
    let classic = server.user(BOB, "bob").await;
    assert_eq!(code(&send(&classic, ANN, &[1; 16], "hm").await), "needs_strong");
}
