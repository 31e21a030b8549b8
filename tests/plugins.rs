//! The shipped plug-ins as people meet them: over sockets, with clients as processes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use serde_json::json;
use support::Server;
use support::cli::Cli;

fn befriend(ann: &mut Cli, bob: &mut Cli) {
    ann.command(&json!({"command": "add_friend", "username": "bob"}));
    bob.event("friend_request");
    bob.command(&json!({"command": "accept", "from": "ann"}));
    bob.event("contact_added");
    ann.event("contact_added");
}

#[test]
fn a_friend_is_nudged_and_a_stranger_is_not() {
    let (homes, server) = (tempfile::tempdir().unwrap(), Server::start());
    let mut ann = Cli::start(&server, homes.path(), "ann");
    let mut bob = Cli::start(&server, homes.path(), "bob");
    let (ann_id, bob_id) = (ann.join("ann@mail.com"), bob.join("bob@mail.com"));
    let nudge = json!({"command": "call", "name": "uchat.nudge", "args": {"user": bob_id}});
    ann.command(&nudge);
    assert_eq!(ann.event("call_result")["err"]["code"], "not_friends");
    befriend(&mut ann, &mut bob);
    ann.command(&nudge);
    assert_eq!(ann.event("call_result")["ok"], true);
    let nudged = bob.event("named");
    assert_eq!(nudged["name"], "uchat.nudged");
    assert_eq!(nudged["args"], json!({"from": ann_id, "name": "ann"}));
    bob.leave();
    ann.wait("bob offline", |event| event["event"] == "presence" && event["online"] == false);
    ann.command(&nudge);
    assert_eq!(ann.event("call_result")["err"]["code"], "not_there");
}

#[test]
fn dice_are_rolled_by_their_rules_and_the_best_roll_survives_a_crash() {
    let homes = tempfile::tempdir().unwrap();
    let server = Server::with(&["plugins.dice={ sides = 4, dice = 3 }"]);
    let mut ann = Cli::start(&server, homes.path(), "ann");
    let mut bob = Cli::start(&server, homes.path(), "bob");
    ann.join("ann@mail.com");
    bob.join("bob@mail.com");
    ann.command(&json!({"command": "create_room", "name": "table"}));
    ann.event("contact_added");
    bob.command(&json!({"command": "join_room", "room": 1}));
    bob.event("contact_added");
    ann.command(&json!({"command": "call", "name": "uchat.dice.roll", "args": {"room": 1}}));
    let rolled = ann.event("call_result")["ok"].clone();
    assert_eq!(rolled["dice"].as_array().unwrap().len(), 3);
    assert!((3..=12).contains(&rolled["total"].as_u64().unwrap()));
    assert_eq!(bob.event("named")["args"], rolled);
    ann.leave();
    let server = server.kill_and_restart();
    let mut ann = Cli::start(&server, homes.path(), "ann");
    ann.login();
    ann.command(&json!({"command": "call", "name": "uchat.dice.table", "args": {"room": 1}}));
    let table = ann.event("call_result")["ok"].clone();
    assert_eq!(table, json!([{"name": "ann", "rolls": 1, "best": rolled["total"]}]));
    drop(server);
}

#[test]
fn an_announcement_reaches_who_is_there_and_who_comes_later_once() {
    let (homes, server) = (tempfile::tempdir().unwrap(), Server::start());
    let mut ann = Cli::start(&server, homes.path(), "ann");
    ann.join("ann@mail.com");
    let mut bob = Cli::start(&server, homes.path(), "bob");
    bob.join("bob@mail.com");
    bob.leave();
    ann.command(&json!({"command": "call", "name": "uchat.operator.announce", "args": {"text": "x"}}));
    assert!(ann.event("call_result")["err"]["code"].is_string());
    let done = server.command(&["announce", "tea at four"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    ann.wait("the announcement", |event| event["event"] == "notice" && event["text"] == "tea at four");
    let mut bob = Cli::start(&server, homes.path(), "bob");
    bob.login();
    bob.wait("the announcement", |event| event["event"] == "notice" && event["text"] == "tea at four");
    bob.leave();
    let mut bob = Cli::start(&server, homes.path(), "bob");
    bob.login();
    bob.command(&json!({"command": "echo", "value": 1}));
    bob.event("echo");
    assert!(!bob.has(|event| event["event"] == "notice"));
}

#[test]
fn words_of_the_list_are_masked_before_anything_is_stored() {
    let homes = tempfile::tempdir().unwrap();
    let server = Server::with(&["plugins.word_filter={ words = ['damn'] }"]);
    let mut ann = Cli::start(&server, homes.path(), "ann");
    ann.join("ann@mail.com");
    ann.command(&json!({"command": "create_room", "name": "room"}));
    ann.event("contact_added");
    ann.say("#1", "Damn it");
    ann.hears("**** it");
}

#[test]
fn a_message_is_taken_back_for_who_is_there_and_for_who_was_away() {
    let (homes, server) = (tempfile::tempdir().unwrap(), Server::start());
    let mut ann = Cli::start(&server, homes.path(), "ann");
    let mut bob = Cli::start(&server, homes.path(), "bob");
    ann.join("ann@mail.com");
    bob.join("bob@mail.com");
    befriend(&mut ann, &mut bob);
    ann.say("bob", "oops");
    let said = bob.hears("oops");
    ann.say("bob", "well");
    bob.hears("well");
    let recall = |number: &serde_json::Value| {
        let place = json!({"conversation": said["conversation_number"], "number": number});
        json!({"command": "call", "name": "uchat.recall", "args": place})
    };
    let history = json!({"command": "history", "with": "ann", "limit": 10});
    let kinds = |bob: &mut Cli| {
        bob.command(&history);
        let messages = bob.event("history")["messages"].clone();
        messages.as_array().unwrap().iter().map(|one| one["kind"].clone()).collect::<Vec<_>>()
    };
    bob.command(&recall(&said["number"]));
    assert_eq!(bob.event("call_result")["err"]["code"], "no_message");
    ann.command(&recall(&said["number"]));
    assert_eq!(ann.event("call_result")["ok"], true);
    bob.wait("the notice", |event| event["takes_back"] == said["number"]);
    assert_eq!(kinds(&mut bob), ["taken_back", "text", "takes_back"]);
    bob.leave();
    ann.wait("bob offline", |event| event["event"] == "presence" && event["online"] == false);
    ann.command(&recall(&json!(said["number"].as_u64().unwrap() + 1)));
    assert_eq!(ann.event("call_result")["ok"], true);
    let mut bob = Cli::start(&server, homes.path(), "bob");
    bob.login();
    assert_eq!(kinds(&mut bob), ["taken_back", "taken_back", "takes_back", "takes_back"]);
}
