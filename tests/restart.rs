//! What survives the end of the server, clean or not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{Server, Wire, befriend, user};
use uchat_codec::{Blob, Limits, Value, opcode};

/// The texts of a login bundle with their `sent` flags.
fn texts(bundle: &Value) -> Vec<(String, u64)> {
    let messages: Vec<(Blob, u64)> = support::plain(bundle.get("messages").unwrap().clone());
    messages
        .into_iter()
        .map(|(blob, sent)| {
            let parameters = Value::decode(blob.0, &Limits::default()).unwrap();
            let text =
                parameters.get("message").and_then(|message| message.get("data")).and_then(Value::as_str);
            (text.unwrap().to_owned(), sent)
        })
        .collect()
}

#[test]
fn an_acknowledged_message_survives_a_kill() {
    let server = Server::start();
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    drop(bob);
    ann.expect(opcode::FRIEND_ON_OFF_LINE);
    for number in 0..50 {
        ann.say(0, bob_id, &number.to_string());
    }
    let acknowledged: Vec<String> = (0..50).map(|_| ann.hear().1).collect();
    let server = server.kill_and_restart();
    let bundle = Wire::connect(&server).login("bob");
    let expected: Vec<_> = acknowledged.into_iter().map(|text| (text, 0)).collect();
    assert_eq!(texts(&bundle), expected);
}

#[test]
fn what_was_missed_is_news_exactly_once() {
    let server = Server::start();
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    ann.say(0, bob_id, "live");
    ann.hear();
    bob.hear();
    drop(bob);
    ann.expect(opcode::FRIEND_ON_OFF_LINE);
    ann.say(0, bob_id, "missed");
    ann.hear();
    for missed in [0, 1, 1] {
        let mut bob = Wire::connect(&server);
        let bundle = bob.login("bob");
        assert_eq!(texts(&bundle), [("live".into(), 1), ("missed".into(), missed)]);
        ann.expect(opcode::FRIEND_ON_OFF_LINE);
        drop(bob);
        ann.expect(opcode::FRIEND_ON_OFF_LINE);
    }
}

#[test]
fn a_request_that_was_not_answered_comes_back_at_every_login() {
    let server = Server::start();
    let (mut ann, _) = user(&server, "ann");
    Wire::connect(&server).register("bob");
    ann.send(opcode::ADD_FRIEND, "bob");
    ann.settle();
    let server = server.kill_and_restart();
    for _ in 0..2 {
        let mut bob = Wire::connect(&server);
        bob.send(opcode::LOGIN, &uchat_codec::chat::Login("bob".into(), support::PASSWORD.into()));
        bob.expect(opcode::LOGIN_SUCCESSFUL);
        bob.expect(opcode::INCOMING_FRIEND_REQUEST);
        bob.expect(opcode::LOGIN_BUNDLE);
    }
}

#[test]
fn history_at_login_is_bounded_and_news_come_all_the_same() {
    let server = Server::with(&["history.max_messages=5"]);
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    for number in 0..3 {
        ann.say(0, bob_id, &number.to_string());
        bob.hear();
    }
    ann.settle();
    drop(bob);
    ann.expect(opcode::FRIEND_ON_OFF_LINE);
    for number in 3..13 {
        ann.say(0, bob_id, &number.to_string());
        ann.hear();
    }
    let mut bob = Wire::connect(&server);
    let bundle = bob.login("bob");
    assert_eq!(texts(&bundle), [("0".into(), 1), ("1".into(), 1), ("2".into(), 1)]);
    for number in 3..13 {
        assert_eq!(bob.hear(), (ann_id, number.to_string()));
    }
    assert!(bob.settle().is_empty());
}

#[cfg(unix)]
#[test]
fn sigterm_ends_the_server_cleanly_while_people_are_connected() {
    let mut server = Server::start();
    let (mut ann, _) = user(&server, "ann");
    let mut silent = Wire::connect(&server);
    assert!(server.terminate().success());
    ann.expect_closed();
    silent.expect_closed();
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}
