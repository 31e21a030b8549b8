//! The strong suite between real processes: on the same port as the classic one, with the server's key remembered.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;
use support::cli::Cli;
use support::{Server, Wire};
use uchat_codec::opcode;

#[test]
fn one_port_serves_both_suites_and_their_users_talk_to_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    // Nothing needs to be said for the strong one.
    let mut ann = Cli::start(&server, homes, "ann");
    let connected = ann.event("connected");
    assert_eq!(connected["suite"], "strong");
    ann.join("ann@mail.com");
    let mut bob = Cli::with(&server, homes, "bob", &["--suite", "classic"]);
    assert_eq!(bob.event("connected")["suite"], "classic");
    bob.join("bob@mail.com");
    ann.command(&json!({"command": "add_friend", "username": "bob"}));
    bob.event("friend_request");
    bob.command(&json!({"command": "accept", "from": "ann"}));
    ann.event("contact_added");
    for number in 0..50 {
        ann.say("bob", &format!("a{number}"));
        bob.event("message");
        bob.say("ann", &format!("b{number}"));
    }
    ann.hears("b49");
    bob.hears("b49");
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}

#[test]
fn a_server_with_another_key_than_the_known_one_is_refused_and_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let homes = folder.path();
    let server = Server::start();
    let known = Cli::start(&server, homes, "ann").event("connected")["fingerprint"].clone();
    // The same server after a restart has the same key, though another port.
    let server = server.kill_and_restart();
    let fingerprint = known.as_str().unwrap().replace(' ', "");
    let pinned = ["--fingerprint", &fingerprint];
    assert_eq!(Cli::with(&server, homes, "ann", &pinned).event("connected")["fingerprint"], known);
    let impostor = Server::start();
    let mut ann = Cli::with(&impostor, homes, "ann", &pinned);
    let refused = ann.event("disconnected");
    assert_eq!((&refused["reason"], &refused["retry_in_ms"]), (&json!("wrong_server_key"), &json!(null)));
    // What a server has shown first is what it must show again.
    Cli::start(&impostor, homes, "bob").event("connected");
    let known_servers = homes.join("bob/known_servers.txt");
    let line = std::fs::read_to_string(&known_servers).unwrap();
    let (name, key) = line.trim().split_once(' ').unwrap();
    let other: String = key.chars().rev().collect();
    std::fs::write(&known_servers, format!("{name} {other}\n")).unwrap();
    assert_eq!(Cli::start(&impostor, homes, "bob").event("disconnected")["reason"], "wrong_server_key");
}

#[test]
fn a_suite_that_is_not_offered_is_not_served() {
    let folder = tempfile::tempdir().unwrap();
    let strong_only = Server::with(&["server.suites=[\"strong\"]"]);
    let mut classic = TcpStream::connect(strong_only.address()).unwrap();
    classic.write_all(b"127.0.0.1").unwrap();
    let mut nothing = Vec::new();
    let _ = classic.read_to_end(&mut nothing);
    assert!(nothing.is_empty(), "not even a certificate");
    Cli::start(&strong_only, folder.path(), "ann").event("connected");
    let classic_only = Server::with(&["server.suites=[\"classic\"]"]);
    let mut ann = Cli::start(&classic_only, folder.path(), "ann");
    assert_eq!(ann.event("disconnected")["reason"], "handshake");
    let mut wire = Wire::connect(&classic_only);
    wire.send(opcode::CLIENT_ECHO, "x");
    wire.expect(opcode::SERVER_ECHO);
}

#[test]
fn an_account_that_has_used_the_strong_suite_is_refused_over_the_classic_one() {
    let folder = tempfile::tempdir().unwrap();
    for (setting, refused) in [("false", true), ("true", false)] {
        let server = Server::with(&[&format!("accounts.classic_after_strong={setting}")]);
        let home = folder.path().join(setting);
        let mut ann = Cli::start(&server, &home, "ann");
        ann.join("ann@mail.com");
        let mut wire = Wire::connect(&server);
        wire.send(opcode::LOGIN, &uchat_codec::chat::Login("ann".into(), support::PASSWORD.into()));
        let (answer, value) = wire.recv();
        assert_eq!(answer == opcode::GENERAL_FAILURE, refused, "{value:?}");
        if refused {
            assert!(value.as_str().unwrap().contains("strong"));
            ann.say("nobody", "I am still here");
            ann.event("error");
        } else {
            ann.event("kicked");
        }
    }
}

#[test]
fn a_byte_that_changes_on_the_way_ends_a_strong_connection() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start();
    // A listener in between that changes one byte of the first frame that the server sends.
    let between = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, real) = (between.local_addr().unwrap(), server.address());
    std::thread::spawn(move || {
        let (client, _) = between.accept().unwrap();
        let upstream = TcpStream::connect(real).unwrap();
        let (mut from_client, mut to_server) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
        tamper(upstream, client);
    });
    let mut ann = Cli::to(&address.to_string(), folder.path(), "ann", &["--once"]);
    ann.event("connected");
    ann.command(&json!({"command": "echo", "value": "x"}));
    assert_eq!(ann.event("disconnected")["reason"], "bad_frame");
}

#[test]
fn whoever_rewrites_the_suite_on_the_way_gets_no_word_from_a_strong_client() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start();
    // An older version, one that is not there yet, and a classic client's address in place of the preamble.
    for preamble in [b"UCHAT/1\n", b"UCHAT/9\n", b"127.0.0."] {
        let between = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, real) = (between.local_addr().unwrap(), server.address());
        let rewriter = std::thread::spawn(move || rewrite(&between, real, preamble));
        let mut ann = Cli::to(&address.to_string(), folder.path(), "ann", &["--once"]);
        let ended = ann.event("disconnected");
        assert_eq!(ended["reason"], "handshake", "{ended}");
        assert!(!ann.has(|event| event["event"] == "connected"));
        assert_eq!(rewriter.join().unwrap(), 32 + 2, "after its first message the client says nothing more");
    }
    // Without anybody in between it is served, strongly.
    assert_eq!(Cli::start(&server, folder.path(), "ann").event("connected")["suite"], "strong");
}

/// Takes one client, puts another beginning in the place of its own, and passes everything on in both directions; says
/// how many bytes the client has sent behind its beginning.
fn rewrite(between: &std::net::TcpListener, server: std::net::SocketAddr, beginning: &[u8]) -> u64 {
    let (mut client, _) = between.accept().unwrap();
    let mut upstream = TcpStream::connect(server).unwrap();
    client.read_exact(&mut vec![0; beginning.len()]).unwrap();
    upstream.write_all(beginning).unwrap();
    let (mut from_server, mut to_client) = (upstream.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(std::net::Shutdown::Write);
    });
    let (mut chunk, mut sent) = ([0; 1024], 0);
    while let Ok(count @ 1..) = client.read(&mut chunk) {
        sent += count as u64;
        // The server may have gone already.
        let _ = upstream.write_all(&chunk[..count]);
    }
    sent
}

/// Passes on what the server sends; the server's one handshake message whole, the last byte of what follows changed.
fn tamper(mut from: TcpStream, mut to: TcpStream) {
    let mut length = [0; 2];
    from.read_exact(&mut length).unwrap();
    let mut handshake = vec![0; usize::from(u16::from_be_bytes(length))];
    from.read_exact(&mut handshake).unwrap();
    to.write_all(&length).unwrap();
    to.write_all(&handshake).unwrap();
    let mut chunk = [0; 4096];
    while let Ok(count) = from.read(&mut chunk) {
        if count == 0 {
            return;
        }
        chunk[count - 1] ^= 1;
        if to.write_all(&chunk[..count]).is_err() {
            return;
        }
    }
}
