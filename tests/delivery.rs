//! Messages with numbers, between real clients: nothing is missing, nothing comes twice, and everybody knows how far it is.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use serde_json::{Value as Json, json};
use support::Server;
use support::cli::Cli;

/// Ann and Bob, friends, online.
fn friends(server: &Server, homes: &std::path::Path) -> (Cli, Cli) {
    let mut ann = Cli::start(server, homes, "ann");
    let mut bob = Cli::start(server, homes, "bob");
    ann.join("ann@x.org");
    bob.join("bob@x.org");
    ann.command(&json!({"command": "add_friend", "username": "bob"}));
    bob.event("friend_request");
    bob.command(&json!({"command": "accept", "from": "ann"}));
    for one in [&mut ann, &mut bob] {
        one.event("contact_added");
    }
    (ann, bob)
}

/// The texts of messages.
fn texts(messages: &Json) -> Vec<&str> {
    messages.as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap()).collect()
}

fn numbers(messages: &Json) -> Vec<u64> {
    messages.as_array().unwrap().iter().map(|message| message["number"].as_u64().unwrap()).collect()
}

fn status(of: &mut Cli) -> Json {
    of.command(&json!({"command": "status"}));
    of.event("status")
}

#[test]
fn what_was_said_while_somebody_was_away_comes_once_however_much_it_is() {
    let server = Server::start();
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, bob) = friends(&server, homes.path());
    assert!(bob.leave().success());
    for number in 1..=150 {
        ann.say("bob", &number.to_string());
        ann.event("message");
    }
    let mut bob = Cli::start(&server, homes.path(), "bob");
    let bundle = bob.login();
    assert_eq!(numbers(&bundle["messages"]), (51..=150).collect::<Vec<_>>(), "the newest page first");
    assert!(bundle["messages"].as_array().unwrap().iter().all(|message| message["sent"] == 0));
    let missing = bob.event("fetched");
    assert_eq!(numbers(&missing["messages"]), (1..=50).collect::<Vec<_>>());
    ann.say("bob", "and now");
    assert_eq!(bob.hears("and now")["number"], 151);
    assert!(bob.leave().success());
    let mut bob = Cli::start(&server, homes.path(), "bob");
    let bundle = bob.login();
    assert!(bundle["messages"].as_array().unwrap().iter().all(|message| message["sent"] == 1), "no news");
    assert_eq!(status(&mut bob)["unread"], 0);
    bob.command(&json!({"command": "older", "with": "ann", "limit": 3}));
    let older = bob.event("fetched");
    assert_eq!(texts(&older["messages"]), ["49", "50", "51"]);
}

#[test]
fn the_sender_hears_that_it_has_arrived_and_that_it_was_read() {
    let server = Server::start();
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, mut bob) = friends(&server, homes.path());
    ann.say("bob", "tea?");
    bob.hears("tea?");
    let arrived =
        ann.wait("that it has arrived", |event| event["event"] == "cursor" && event["received"] == 1);
    assert_eq!(arrived["read"], 0);
    bob.command(&json!({"command": "open", "to": "ann"}));
    ann.wait("that it was read", |event| event["event"] == "cursor" && event["read"] == 1);
    ann.say("bob", "now?");
    ann.wait("that it was read at once", |event| event["event"] == "cursor" && event["read"] == 2);
}

#[test]
fn a_server_that_dies_loses_neither_messages_nor_how_far_everybody_is() {
    let server = Server::start();
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, mut bob) = friends(&server, homes.path());
    ann.say("bob", "before");
    bob.hears("before");
    bob.command(&json!({"command": "open", "to": "ann"}));
    ann.wait("that it was read", |event| event["event"] == "cursor" && event["read"] == 1);
    assert!(bob.leave().success());
    // What the server was told before is durable with the next message, if not sooner.
    ann.say("bob", "again");
    ann.hears("again");
    assert!(ann.leave().success());
    let server = server.kill_and_restart();
    let mut ann = Cli::start(&server, homes.path(), "ann");
    ann.login();
    ann.say("bob", "after");
    assert_eq!(ann.hears("after")["number"], 3);
    let mut bob = Cli::start(&server, homes.path(), "bob");
    let bundle = bob.login();
    assert_eq!(texts(&bundle["messages"]), ["before", "again", "after"]);
    let sent: Vec<_> =
        bundle["messages"].as_array().unwrap().iter().map(|message| &message["sent"]).collect();
    assert_eq!(sent, [1, 0, 0]);
}
