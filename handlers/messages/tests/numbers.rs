//! Clients that know the numbers of messages: what is new, live messages, cursors.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use serde::Serialize;
use uchat_config::Settings;
use uchat_db::Db;
use uchat_framework::codec::chat::{
    CURSOR_EVENT, CursorMoved, HISTORY, HistoryAsked, MESSAGE_EVENT, MessageBody, NUMBERS, Numbered, READ,
    RECEIVED, RESUME, Resume, Resumed, SendMessage, TARGET_USER, UpTo,
};
use uchat_framework::codec::{Limits, Opcode, PeerIdentity, Value, from_value, opcode};
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
    let server = TestServer::new(|builder| builder.service(Arc::clone(&db)).service(Settings::default()));
    (server.unwrap(), db)
}

/// A client that has asked for numbers, and logged in.
async fn numbered(server: &TestServer, id: u64, name: &str) -> TestClient {
    let client = strong(server);
    assert_eq!(ok(&client.call(NUMBERS, &()).await.unwrap()), &Value::Bool(true));
    client.sign_in(id, name, &[]).await;
    client
}

fn strong(server: &TestServer) -> TestClient {
    server.connect_as(PeerIdentity { identity_key: Some([7; 32]), ..PeerIdentity::default() })
}

async fn resume(client: &TestClient, have: &[(u64, u64)]) -> Resumed {
    let answer = client.call(RESUME, &Resume { have: have.to_vec(), page: 20 }).await.unwrap();
    from_value(ok(&answer).clone()).unwrap()
}

async fn say(from: &TestClient, to: u64, text: &str) -> Vec<(Opcode, Value)> {
    let message = MessageBody::text(text).into_value().unwrap();
    let said = SendMessage { target_type: TARGET_USER, target_id: to, message };
    from.request(opcode::SEND_MESSAGE, &said).await.unwrap()
}

fn result(received: &[(Opcode, Value)]) -> &Value {
    let found = received.iter().find(|(opcode, _)| *opcode == opcode::CALL_RESULT);
    &found.unwrap().1
}

fn ok(received: &[(Opcode, Value)]) -> &Value {
    result(received).get("ok").unwrap()
}

async fn code<T: Serialize>(client: &TestClient, name: &str, args: &T) -> String {
    let answer = client.call(name, args).await.unwrap();
    let error = result(&answer).get("err").and_then(|error| error.get("code")?.as_str());
    error.unwrap_or_default().to_owned()
}

/// The events of a name among what was received.
fn events<T: serde::de::DeserializeOwned>(received: &[(Opcode, Value)], name: &str) -> Vec<T> {
    let named = |value: &Value| value.get("name").and_then(Value::as_str) == Some(name);
    let args = |value: &Value| from_value(value.get("args").unwrap().clone()).unwrap();
    let all = received.iter().filter(|(opcode, value)| *opcode == opcode::NAMED_EVENT && named(value));
    all.map(|(_, value)| args(value)).collect()
}

fn texts(messages: &[Numbered]) -> Vec<(u64, String, u64)> {
    let one = |message: &Numbered| {
        let said = message.message(&Limits::default()).unwrap();
        let text = said.message.get("data").unwrap().as_str().unwrap().to_owned();
        (message.number, text, said.target_id)
    };
    messages.iter().map(one).collect()
}

fn up_to(number: u64) -> UpTo {
    UpTo { conversation: 1, number, quiet: false }
}

#[tokio::test]
async fn what_is_new_comes_with_its_numbers_and_then_what_is_said() {
    let (server, _db) = house().await;
    let ann = server.user(ANN, "ann").await;
    say(&ann, BOB, "one").await;
    say(&ann, BOB, "two").await;
    let bob = numbered(&server, BOB, "bob").await;
    say(&ann, BOB, "three").await;
    assert_eq!(bob.received().await.unwrap(), [], "nothing comes before it is asked for");
    let new = resume(&bob, &[]).await;
    let expected = [(1, "one".to_owned(), ANN), (2, "two".to_owned(), ANN), (3, "three".to_owned(), ANN)];
    assert_eq!(texts(&new.messages), expected);
    let standing = &new.conversations[0];
    assert_eq!((standing.latest, standing.received, standing.read), (3, 0, 0));
    say(&ann, BOB, "four").await;
    let live = events::<Numbered>(&bob.received().await.unwrap(), MESSAGE_EVENT);
    assert_eq!(texts(&live), [(4, "four".to_owned(), ANN)]);
    let own = events::<Numbered>(&say(&bob, ANN, "mine").await, MESSAGE_EVENT);
    assert_eq!(texts(&own), [(5, "mine".to_owned(), ANN)]);
}

#[tokio::test]
async fn what_was_not_confirmed_is_new_again_and_what_the_client_has_is_not() {
    let (server, db) = house().await;
    let ann = server.user(ANN, "ann").await;
    for text in ["one", "two", "three"] {
        say(&ann, BOB, text).await;
    }
    let bob = numbered(&server, BOB, "bob").await;
    assert_eq!(resume(&bob, &[]).await.messages.len(), 3);
    bob.call(RECEIVED, &up_to(2)).await.unwrap();
    bob.disconnect().await;
    let bob = numbered(&server, BOB, "bob").await;
    let new = resume(&bob, &[(1, 2)]).await;
    assert_eq!(texts(&new.messages), [(3, "three".to_owned(), ANN)]);
    assert_eq!((new.conversations[0].received, new.conversations[0].read), (2, 0));
    bob.call(READ, &up_to(3)).await.unwrap();
    bob.disconnect().await;
    let bundle = db.login_history(BOB, 10, 10_000).await.unwrap();
    assert!(bundle.messages.iter().all(|item| item.delivered), "also for a client without numbers");
}

#[tokio::test]
async fn older_messages_come_by_pages() {
    let (server, _db) = house().await;
    let ann = server.user(ANN, "ann").await;
    for text in ["one", "two", "three"] {
        say(&ann, BOB, text).await;
    }
    let bob = numbered(&server, BOB, "bob").await;
    let before = HistoryAsked { conversation: 1, after: None, before: Some(3), limit: 1 };
    let page: Vec<Numbered> = from_value(ok(&bob.call(HISTORY, &before).await.unwrap()).clone()).unwrap();
    assert_eq!(texts(&page), [(2, "two".to_owned(), ANN)]);
    let after = HistoryAsked { after: Some(1), before: None, limit: 10, ..before };
    let page: Vec<Numbered> = from_value(ok(&bob.call(HISTORY, &after).await.unwrap()).clone()).unwrap();
    assert_eq!(texts(&page), [(2, "two".to_owned(), ANN), (3, "three".to_owned(), ANN)]);
}

#[tokio::test]
async fn senders_hear_what_has_arrived_and_what_was_read_unless_quietly() {
    let (server, _db) = house().await;
    let ann = numbered(&server, ANN, "ann").await;
    resume(&ann, &[]).await;
    say(&ann, BOB, "one").await;
    say(&ann, BOB, "two").await;
    let bob = numbered(&server, BOB, "bob").await;
    resume(&bob, &[]).await;
    ann.received().await.unwrap();
    bob.call(RECEIVED, &up_to(1)).await.unwrap();
    bob.call(RECEIVED, &up_to(9)).await.unwrap();
    bob.call(READ, &UpTo { quiet: true, ..up_to(1) }).await.unwrap();
    bob.call(READ, &up_to(2)).await.unwrap();
    let heard = events::<CursorMoved>(&ann.received().await.unwrap(), CURSOR_EVENT);
    let at = |received, read| CursorMoved { conversation: 1, user: BOB, received, read };
    assert_eq!(heard, [at(1, 0), at(2, 0), at(2, 2)]);
    let standing = &resume(&ann, &[]).await.conversations[0];
    assert_eq!(standing.others, [(BOB, 2, 2)], "and who was away finds it");
}

#[tokio::test]
async fn numbers_are_for_strong_clients_that_ask_before_they_log_in() {
    let (server, _db) = house().await;
    let (ann, strong) = (server.user(ANN, "ann").await, strong(&server));
    assert_eq!(code(&ann, NUMBERS, &()).await, "needs_strong");
    strong.sign_in(BOB, "bob", &[]).await;
    assert_eq!(code(&strong, NUMBERS, &()).await, "too_late");
    let nothing = Resume { have: vec![], page: 1 };
    for (name, answer) in
        [(RESUME, code(&strong, RESUME, &nothing).await), (READ, code(&strong, READ, &up_to(1)).await)]
    {
        assert_eq!(answer, "needs_numbers", "{name}");
    }
    say(&ann, BOB, "one").await;
    let eve = numbered(&server, EVE, "eve").await;
    assert_eq!(code(&eve, READ, &up_to(1)).await, "no_conversation");
    let page = HistoryAsked { conversation: 1, after: Some(0), before: None, limit: 1 };
    assert_eq!(code(&eve, HISTORY, &page).await, "no_conversation");
}
