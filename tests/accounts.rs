//! Accounts as their owners use them: devices that are known, passwords that change.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use serde_json::json;
use support::cli::Cli;
use support::{PASSWORD, Server};

#[test]
fn a_known_device_needs_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let by_key = ["--account", "ann"];
    let mut ann = Cli::start(&server, homes, "ann");
    ann.join("ann@mail.com");
    assert!(ann.leave().success());
    let mut again = Cli::with(&server, homes, "ann", &by_key);
    // Commands wait for the login as they do for one that was asked for.
    again.command(&json!({"command": "status"}));
    assert_eq!(again.event("status")["me"]["username"], "ann");
    // A second one by key kicks the first, as any login does.
    let mut second = Cli::start(&server, homes, "ann");
    second.command(&json!({"command": "login", "username": "ann"}));
    second.event("bundle");
    again.event("kicked");
    let mut stranger = Cli::with(&server, homes, "eve", &by_key);
    stranger.event("login_failed");
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}

#[test]
fn after_a_restart_of_the_server_a_client_is_back_by_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::with(&[&format!("server.listen={port}"), "log.filter=info,uchat_accounts=debug"]);
    let mut ann = Cli::start(&server, folder.path(), "ann");
    ann.join("ann@mail.com");
    let server = server.kill_and_restart();
    ann.event("disconnected");
    ann.event("bundle");
    assert!(server.log().contains("by key"), "the password was asked: {}", server.log());
}

#[test]
fn a_changed_password_is_the_one_that_counts_and_is_nowhere_to_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with(&["log.filter=debug"]);
    let mut ann = Cli::start(&server, folder.path(), "ann");
    ann.join("ann@mail.com");
    ann.command(&json!({"command": "change_password", "old": "a wrong guess", "new": "x"}));
    assert_eq!(ann.event("call_result")["err"]["code"], "wrong_password");
    ann.command(&json!({"command": "change_password", "old": PASSWORD, "new": "correct horse"}));
    assert_eq!(ann.event("call_result")["ok"], true);
    let mut elsewhere = Cli::start(&server, folder.path(), "other");
    for (password, answer) in [(PASSWORD, "login_failed"), ("correct horse", "bundle")] {
        elsewhere.command(&json!({"command": "login", "username": "ann", "password": password}));
        elsewhere.event(answer);
    }
    for secret in [PASSWORD, "correct horse", "a wrong guess"] {
        assert!(!server.log().contains(secret), "{}", server.log());
        for entry in std::fs::read_dir(server.data()).unwrap() {
            let content = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!content.windows(secret.len()).any(|part| part == secret.as_bytes()));
        }
    }
}
