//! Files in pieces, between real clients and a real server: whole or not at all, and for those only whom they are meant for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::path::Path;

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use support::Server;
use support::cli::Cli;

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// A file of so many bytes that looks like nothing else.
fn file(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33).to_le_bytes()
    };
    let mut content = Vec::with_capacity(bytes + 8);
    while content.len() < bytes {
        content.extend(next());
    }
    content.truncate(bytes);
    content
}

fn hash(content: &[u8]) -> Json {
    json!({"$bytes": hex::encode(Sha256::digest(content))})
}

/// The answer of a call, or the code of its refusal.
fn call(who: &mut Cli, name: &str, args: &Json) -> Result<Json, String> {
    who.command(&json!({"command": "call", "name": name, "args": args}));
    let answer = who.event("call_result");
    match answer.get("err") {
        Some(err) => Err(err["code"].as_str().unwrap().to_owned()),
        None => Ok(answer["ok"].clone()),
    }
}

fn begin(who: &mut Cli, content: &[u8]) -> Result<Json, String> {
    call(who, "uchat.file.begin", &json!({"sha256": hash(content), "size": content.len()}))
}

/// Brings what is between two places of a file.
fn bring(who: &mut Cli, content: &[u8], from: usize, to: usize) {
    let mut offset = from;
    while offset < to {
        let end = (offset + PIECE).min(to);
        let data = json!({"$bytes": hex::encode(&content[offset..end])});
        let args = json!({"sha256": hash(content), "offset": offset, "data": data});
        assert_eq!(call(who, "uchat.file.chunk", &args), Ok(json!({"have": end})));
        offset = end;
    }
}

fn finish(who: &mut Cli, content: &[u8]) -> Result<Json, String> {
    call(who, "uchat.file.finish", &json!({"sha256": hash(content)}))
}

/// Fetches a file piece by piece.
fn fetch(who: &mut Cli, content: &[u8]) -> Result<Vec<u8>, String> {
    let mut got = Vec::new();
    loop {
        let args = json!({"sha256": hash(content), "offset": got.len(), "length": PIECE});
        let piece = call(who, "uchat.file.fetch", &args)?;
        got.extend(hex::decode(piece["data"]["$bytes"].as_str().unwrap()).unwrap());
        if got.len() as u64 == piece["size"].as_u64().unwrap() {
            return Ok(got);
        }
    }
}

/// Tells a friend of a file.
fn tell_of(who: &mut Cli, friend: u64, content: &[u8], name: u8) -> Result<Json, String> {
    let message = json!({"type": 2, "sha256": hash(content), "size": content.len(), "name": "garden.bin"});
    let id = json!({"$bytes": hex::encode([name; 16])});
    call(who, "uchat.send", &json!({"target_type": 0, "target_id": friend, "id": id, "message": message}))
}

/// Ann, Bob and their numbers; friends, online.
fn friends(server: &Server, homes: &std::path::Path) -> (Cli, Cli, u64) {
    let mut ann = Cli::start(server, homes, "ann");
    let mut bob = Cli::start(server, homes, "bob");
    ann.join("ann@x.org");
    let bob_id = bob.join("bob@x.org");
    ann.command(&json!({"command": "add_friend", "username": "bob"}));
    bob.event("friend_request");
    bob.command(&json!({"command": "accept", "from": "ann"}));
    for one in [&mut ann, &mut bob] {
        one.event("contact_added");
    }
    (ann, bob, bob_id)
}

#[test]
fn a_file_of_8_mb_arrives_whole_and_messages_pass_between_its_pieces() {
    let server = Server::start();
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, mut bob, bob_id) = friends(&server, homes.path());
    let content = file(8_000_000, 7);
    let half = 61 * PIECE;
    assert_eq!(begin(&mut ann, &content), Ok(json!({"have": 0, "complete": false})));
    bring(&mut ann, &content, 0, half);
    ann.say("bob", "it is on its way");
    bob.hears("it is on its way");
    assert_eq!(tell_of(&mut ann, bob_id, &content, 1), Err("no_such_file".into()), "half of it is none");
    bring(&mut ann, &content, half, content.len());
    assert_eq!(finish(&mut ann, &content), Ok(json!(true)));
    assert_eq!(fetch(&mut bob, &content), Err("no_such_file".into()), "nobody has told him of it");
    tell_of(&mut ann, bob_id, &content, 2).unwrap();
    assert!(fetch(&mut bob, &content).unwrap() == content);
}

#[test]
fn a_killed_server_and_a_client_that_vanishes_leave_an_upload_that_goes_on_where_it_was() {
    let server = Server::start();
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, bob, bob_id) = friends(&server, homes.path());
    let content = file(2_000_000, 9);
    begin(&mut ann, &content).unwrap();
    bring(&mut ann, &content, 0, 10 * PIECE);
    drop((ann, bob));
    let server = server.kill_and_restart();
    let mut ann = Cli::start(&server, homes.path(), "ann");
    ann.login();
    assert_eq!(begin(&mut ann, &content), Ok(json!({"have": 10 * PIECE, "complete": false})));
    bring(&mut ann, &content, 10 * PIECE, 20 * PIECE);
    // Without a word, as when a cable is pulled; another session of hers goes on.
    drop(ann);
    let mut ann = Cli::start(&server, homes.path(), "ann");
    ann.login();
    assert_eq!(begin(&mut ann, &content), Ok(json!({"have": 20 * PIECE, "complete": false})));
    bring(&mut ann, &content, 20 * PIECE, content.len());
    assert_eq!(finish(&mut ann, &content), Ok(json!(true)));
    tell_of(&mut ann, bob_id, &content, 1).unwrap();
    // What was said to be durable outlives another kill.
    let server = server.kill_and_restart();
    let mut bob = Cli::start(&server, homes.path(), "bob");
    bob.login();
    assert!(fetch(&mut bob, &content).unwrap() == content);
}

#[test]
fn what_is_not_what_it_was_said_to_be_is_thrown_away() {
    let server = Server::start();
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, _bob, _) = friends(&server, homes.path());
    let (said, brought) = (file(100_000, 1), file(100_000, 2));
    begin(&mut ann, &said).unwrap();
    let data = json!({"$bytes": hex::encode(&brought[..PIECE])});
    let piece = json!({"sha256": hash(&said), "offset": 0, "data": data});
    call(&mut ann, "uchat.file.chunk", &piece).unwrap();
    assert_eq!(finish(&mut ann, &said), Err("incomplete".into()));
    let data = json!({"$bytes": hex::encode(&brought[PIECE..])});
    let piece = json!({"sha256": hash(&said), "offset": PIECE, "data": data});
    call(&mut ann, "uchat.file.chunk", &piece).unwrap();
    assert_eq!(finish(&mut ann, &said), Err("wrong_hash".into()));
    assert_eq!(begin(&mut ann, &said), Ok(json!({"have": 0, "complete": false})));
}

#[test]
fn a_stranger_has_to_bring_a_file_that_is_there_before_it_is_hers() {
    let server = Server::start();
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, mut bob, _) = friends(&server, homes.path());
    let content = file(50_000, 3);
    begin(&mut ann, &content).unwrap();
    bring(&mut ann, &content, 0, content.len());
    finish(&mut ann, &content).unwrap();
    assert_eq!(begin(&mut ann, &content), Ok(json!({"have": content.len(), "complete": true})));
    assert_eq!(
        begin(&mut bob, &content),
        Ok(json!({"have": 0, "complete": false})),
        "it is not said that it is there"
    );
    assert_eq!(fetch(&mut bob, &content), Err("no_such_file".into()));
}

#[test]
fn the_limits_of_size_and_of_the_whole_store_are_told_by_name() {
    let server =
        Server::with(&["files.max_bytes=100000", "files.per_user_bytes=150000", "files.total_bytes=150000"]);
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, mut bob, _) = friends(&server, homes.path());
    assert_eq!(begin(&mut ann, &file(100_001, 4)), Err("too_large".into()));
    let content = file(100_000, 5);
    begin(&mut ann, &content).unwrap();
    assert_eq!(begin(&mut bob, &file(60_000, 6)), Err("store_full".into()), "hers is reserved");
    ann.command(&json!({"command": "call", "name": "uchat.file.cancel", "args": {"sha256": hash(&content)}}));
    assert_eq!(ann.event("call_result")["ok"], json!(true));
    assert_eq!(begin(&mut bob, &file(60_000, 6)), Ok(json!({"have": 0, "complete": false})));
}

/// Begins to send a file to a friend; the number of the transfer.
fn send(who: &mut Cli, friend: &str, path: &Path) -> Json {
    who.command(&json!({"command": "send_file", "to": friend, "file": path}));
    who.wait("send_file", |event| event["command"] == "send_file")["transfer"].clone()
}

/// Begins to fetch the file that a message is about; the number of the transfer.
fn fetch_told(who: &mut Cli, message: &Json, folder: &Path) -> Json {
    let (sha256, name) = (&message["sha256"], &message["name"]);
    who.command(&json!({"command": "fetch_file", "sha256": sha256, "name": name, "folder": folder}));
    who.wait("fetch_file", |event| event["command"] == "fetch_file")["transfer"].clone()
}

/// The next event of a transfer with this state.
fn step(who: &mut Cli, transfer: &Json, state: &str) -> Json {
    who.wait(state, |event| {
        assert!(event["transfer"] != *transfer || event["state"] != "failed" || state == "failed", "{event}");
        event["event"] == "transfer" && event["transfer"] == *transfer && event["state"] == state
    })
}

#[test]
fn a_client_brings_a_file_tells_of_it_and_the_other_one_fetches_it() {
    let server = Server::start();
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, mut bob, _) = friends(&server, homes.path());
    let (content, path) = (file(8_000_000, 11), homes.path().join("花园.bin"));
    std::fs::write(&path, &content).unwrap();
    let sent = send(&mut ann, "bob", &path);
    step(&mut ann, &sent, "sent");
    let told = bob.wait("the file", |event| event["kind"] == "file");
    assert_eq!((&told["name"], &told["bytes"]), (&json!("花园.bin"), &json!(8_000_000)));
    let folder = homes.path().join("here");
    for name in ["花园.bin", "花园 (2).bin"] {
        let fetched = fetch_told(&mut bob, &told, &folder);
        let here = step(&mut bob, &fetched, "fetched")["file"].clone();
        assert_eq!(Path::new(here.as_str().unwrap()), folder.join(name));
        assert!(std::fs::read(folder.join(name)).unwrap() == content);
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "no part is left");
    // While somebody writes into the part, nobody else does.
    let part = folder.join(format!("{}.part", told["sha256"].as_str().unwrap()));
    let writer = std::fs::File::create(&part).unwrap();
    writer.lock().unwrap();
    let second = fetch_told(&mut bob, &told, &folder);
    assert_eq!(step(&mut bob, &second, "failed")["code"], "disk");
    drop(writer);
    // What is there already is not brought again.
    let sent = send(&mut ann, "bob", &path);
    step(&mut ann, &sent, "sent");
    bob.wait("the file", |event| event["kind"] == "file");
    // A friend of nobody is told so, and nothing stays.
    let mut eve = Cli::start(&server, homes.path(), "eve");
    eve.join("eve@x.org");
    let nothing = homes.path().join("nothing");
    let refused = fetch_told(&mut eve, &told, &nothing);
    assert_eq!(step(&mut eve, &refused, "failed")["code"], "no_such_file");
    assert_eq!(std::fs::read_dir(&nothing).unwrap().count(), 0);
    let missing = send(&mut ann, "bob", &homes.path().join("not there"));
    assert_eq!(step(&mut ann, &missing, "failed")["code"], "disk");
}

#[test]
fn a_file_goes_on_by_itself_when_the_server_is_killed_in_both_directions() {
    // An address that no connection of another test is made from meanwhile.
    let host = if cfg!(target_os = "linux") { "127.83.7.1" } else { "127.0.0.1" };
    let listen = std::net::TcpListener::bind((host, 0)).unwrap().local_addr().unwrap();
    let server = Server::with(&[&format!("server.listen={listen}")]);
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, mut bob, _) = friends(&server, homes.path());
    let (content, path) = (file(60_000_000, 12), homes.path().join("film.bin"));
    std::fs::write(&path, &content).unwrap();
    let sent = send(&mut ann, "bob", &path);
    ann.wait("progress", |event| event["state"] == "moving" && event["done"].as_u64() > Some(1_000_000));
    let server = server.kill_and_restart();
    step(&mut ann, &sent, "sent");
    let told = bob.wait("the file", |event| event["kind"] == "file");
    let fetched = fetch_told(&mut bob, &told, &homes.path().join("here"));
    bob.wait("progress", |event| event["state"] == "moving" && event["done"].as_u64() > Some(1_000_000));
    let _server = server.kill_and_restart();
    let here = step(&mut bob, &fetched, "fetched")["file"].clone();
    assert!(std::fs::read(here.as_str().unwrap()).unwrap() == content);
}

#[test]
fn of_an_upload_that_is_cancelled_the_server_keeps_nothing() {
    let server = Server::with(&[
        "files.max_bytes=30000000",
        "files.per_user_bytes=30000000",
        "files.total_bytes=30000000",
        // It is still under way when it is cancelled.
        "limits.bytes_per_second=1000000",
    ]);
    let homes = tempfile::tempdir().unwrap();
    let (mut ann, mut bob, _) = friends(&server, homes.path());
    let path = homes.path().join("film.bin");
    std::fs::write(&path, file(25_000_000, 12)).unwrap();
    let other = file(10_000_000, 13);
    let number = send(&mut ann, "bob", &path);
    step(&mut ann, &number, "moving");
    assert_eq!(begin(&mut bob, &other), Err("store_full".into()), "it is reserved");
    ann.command(&json!({"command": "cancel_transfer", "transfer": number}));
    // The server hears of it behind the pieces that were under way.
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while let Err(refused) = begin(&mut bob, &other) {
        assert!(std::time::Instant::now() < until, "{refused}");
    }
}
