//! What members and owners do with rooms, with `uchat-cli` over the strong suite: what each of them is told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::path::Path;

use serde_json::{Value as Json, json};
use support::Server;
use support::cli::Cli;

/// The room of these tests.
const ROOM: u64 = 1;

/// Somebody with an account.
fn person(server: &Server, homes: &Path, name: &str) -> Cli {
    let mut person = Cli::start(server, homes, name);
    person.join(&format!("{name}@mail.com"));
    person.event("room_requests");
    person.forget();
    person
}

fn befriend(one: &mut Cli, other: &mut Cli, other_name: &str, one_name: &str) {
    one.command(&json!({"command": "add_friend", "username": other_name}));
    other.event("friend_request");
    other.command(&json!({"command": "accept", "from": one_name}));
    one.event("contact_added");
    other.event("contact_added");
}

/// Ann with her room.
fn ann_in_tea(server: &Server, homes: &Path) -> Cli {
    let mut ann = person(server, homes, "ann");
    ann.command(&json!({"command": "create_room", "name": "tea"}));
    assert_eq!(ann.event("contact_added")["contact"]["id"], ROOM);
    ann
}

fn join(person: &mut Cli) {
    person.command(&json!({"command": "join_room", "room": ROOM}));
    person.event("contact_added");
}

/// Does something with the room; the answer is that of the server.
fn act(person: &mut Cli, command: &str, more: &Json) -> Json {
    let mut line = json!({"command": command, "room": ROOM});
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    person.command(&line);
    let accepted = person.wait(command, |event| event["command"] == command);
    assert_eq!(accepted["event"], "accepted", "{accepted}");
    person.wait("the answer", |event| event["event"] == "call_result" && event["id"] == accepted["id"])
}

fn told(person: &mut Cli, what: &str) -> Json {
    person.wait(what, |event| event["event"] == "room_changed" && event["what"] == what)
}

/// The line that the members read; it is no text of a member.
fn reads(person: &mut Cli, what: &str) -> Json {
    let line = person.wait(what, |event| event["event"] == "message" && event["what"] == what);
    assert_eq!(line["kind"], "system");
    line
}

fn contacts(person: &mut Cli) -> Vec<Json> {
    person.command(&json!({"command": "contacts"}));
    person.event("contacts")["contacts"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect()
}

#[test]
fn the_owner_renames_invites_hands_over_and_closes_and_everybody_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let mut ann = ann_in_tea(&server, homes);
    let (mut bob, mut eve) = (person(&server, homes, "bob"), person(&server, homes, "eve"));
    join(&mut bob);
    assert_eq!(act(&mut bob, "rename_room", &json!({"name": "x"}))["err"]["code"], "not_owner");

    assert_eq!(act(&mut ann, "rename_room", &json!({"name": "下午茶"}))["ok"], true);
    let line = reads(&mut bob, "renamed");
    assert_eq!((&line["sender"]["name"], &line["detail"]), (&json!("ann"), &json!("下午茶")));
    told(&mut bob, "renamed");
    assert_eq!(contacts(&mut bob), ["下午茶"]);

    // Into a room that is shut, by invitation.
    act(&mut ann, "set_entry", &json!({"entry": "invitation"}));
    assert_eq!(reads(&mut bob, "entry")["detail"], "invitation");
    befriend(&mut bob, &mut eve, "eve", "bob");
    act(&mut bob, "invite", &json!({"user": "eve"}));
    let invited = eve.event("invited");
    assert_eq!((&invited["name"], &invited["by_name"]), (&json!("下午茶"), &json!("bob")));
    act(&mut eve, "answer_invitation", &json!({"accept": true}));
    assert_eq!(told(&mut eve, "joined")["name"], "下午茶");
    // Which of them is first depends on whether the line about it has come already.
    let there = contacts(&mut eve);
    assert!(
        there.len() == 2 && there.contains(&json!("下午茶")) && there.contains(&json!("bob")),
        "{there:?}"
    );
    assert_eq!(reads(&mut ann, "joined")["name"], "eve");

    // Names of members are known once the room was asked for.
    ann.command(&json!({"command": "room", "room": ROOM}));
    assert_eq!(ann.event("room_details")["entry"], "invitation");
    act(&mut ann, "hand_over", &json!({"user": "eve"}));
    assert_eq!(reads(&mut bob, "handed_over")["name"], "eve");
    eve.command(&json!({"command": "room", "room": ROOM}));
    let details = eve.wait("the room", |event| event["event"] == "room_details");
    let owners: Vec<_> =
        details["members"].as_array().unwrap().iter().filter(|member| member["owner"] == true).collect();
    assert_eq!((owners.len(), &owners[0]["username"]), (1, &json!("eve")));

    act(&mut eve, "close_room", &json!({}));
    for person in [&mut ann, &mut bob] {
        told(person, "closed");
        assert!(!contacts(person).contains(&json!("下午茶")));
    }
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}

#[test]
fn who_is_removed_is_told_loses_the_room_and_keeps_what_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let mut ann = ann_in_tea(&server, homes);
    let mut bob = person(&server, homes, "bob");
    join(&mut bob);
    ann.say("#1", "before");
    bob.hears("before");
    ann.command(&json!({"command": "room", "room": ROOM}));
    ann.event("room_details");
    act(&mut ann, "remove_member", &json!({"user": "bob"}));
    assert_eq!(reads(&mut ann, "removed")["name"], "bob");
    told(&mut bob, "removed");
    assert!(contacts(&mut bob).is_empty());
    bob.command(&json!({"command": "history", "with": "#1"}));
    assert_eq!(bob.event("history")["messages"][0]["text"], "before");
    bob.say("#1", "hello?");
    bob.wait("a refusal", |event| event["event"] == "failure");
}

#[test]
fn who_asks_to_come_in_is_found_by_the_owner_also_at_the_next_login() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let mut ann = ann_in_tea(&server, homes);
    let (mut bob, mut eve) = (person(&server, homes, "bob"), person(&server, homes, "eve"));
    act(&mut ann, "set_entry", &json!({"entry": "approval"}));
    bob.command(&json!({"command": "join_room", "room": ROOM}));
    assert_eq!(ann.event("room_requested")["username"], "bob");
    assert!(ann.leave().success());
    eve.command(&json!({"command": "join_room", "room": ROOM}));
    eve.event("notice");

    let mut ann = Cli::start(&server, homes, "ann");
    ann.login();
    let waiting = ann.event("room_requests");
    let names: Vec<_> =
        waiting["requests"].as_array().unwrap().iter().map(|request| &request["username"]).collect();
    assert_eq!(names, ["bob", "eve"]);
    act(&mut ann, "answer_request", &json!({"user": "eve", "accept": false}));
    act(&mut ann, "answer_request", &json!({"user": "bob", "accept": true}));
    assert_eq!(bob.event("contact_added")["contact"]["room_name"], "tea");
    assert_eq!(reads(&mut ann, "joined")["name"], "bob");
    ann.command(&json!({"command": "requests"}));
    assert_eq!(ann.event("requests")["room_requests"], json!([]));
    ann.say("#1", "welcome");
    bob.hears("welcome");
    assert!(!eve.has(|event| event["event"] == "contact_added"));
}

#[test]
fn an_invitation_and_the_silence_of_a_room_are_there_after_a_login() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let mut ann = ann_in_tea(&server, homes);
    let mut bob = person(&server, homes, "bob");
    befriend(&mut ann, &mut bob, "bob", "ann");
    assert!(bob.leave().success());
    act(&mut ann, "set_muted", &json!({"muted": true}));
    act(&mut ann, "invite", &json!({"user": "bob"}));

    let mut bob = Cli::start(&server, homes, "bob");
    bob.login();
    assert_eq!(bob.event("invitations")["invitations"][0]["name"], "tea");
    act(&mut bob, "answer_invitation", &json!({"accept": true}));
    told(&mut bob, "joined");
    bob.command(&json!({"command": "room", "room": ROOM}));
    assert_eq!(bob.event("room_details")["muted"], true);
    bob.say("#1", "but");
    bob.wait("a refusal", |event| event["event"] == "failure");
    act(&mut ann, "set_voice", &json!({"user": "bob", "voice": true}));
    assert_eq!(told(&mut bob, "voice")["detail"], "on");
    bob.say("#1", "now");
    ann.hears("now");
    act(&mut bob, "leave_room", &json!({}));
    assert_eq!(reads(&mut ann, "left")["sender"]["name"], "bob");
    assert_eq!(contacts(&mut bob), ["ann"]);
}
