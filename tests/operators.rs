//! `uchat user`: while the server runs, and while it doesn't.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::{Value as Json, json};
use support::cli::Cli;
use support::{PASSWORD, Server, binary};

/// Runs `uchat user` with something on its standard input; what it said, if it worked, or what was wrong.
fn user_command(data: &Path, arguments: &[&str], input: &str) -> Result<String, String> {
    let mut process = Command::new(binary("uchat"))
        .args(["user", "--data"])
        .arg(data)
        .args(["--set", "accounts.argon2_memory_kib=64", "--set", "accounts.argon2_passes=1"])
        .args(arguments)
        .current_dir(data.parent().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let written = process.stdin.take().unwrap().write_all(input.as_bytes());
    let output = process.wait_with_output().unwrap();
    if let Err(error) = written {
        // A command that refuses before it reads has closed its end; one that works has read everything.
        assert!(error.kind() == ErrorKind::BrokenPipe && !output.status.success(), "{error}: {output:?}");
    }
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn list(data: &Path) -> Vec<Json> {
    serde_json::from_str(&user_command(data, &["list", "--json"], "").unwrap()).unwrap()
}

#[test]
fn an_operator_makes_shuts_opens_and_renews_accounts_while_people_chat() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let data = server.data();
    let run = |arguments: &[&str], input: &str| user_command(&data, arguments, input);
    assert_eq!(run(&["add", " Ann ", "ann@mail.com"], "secret\n").unwrap(), "ann was made, number 1\n");
    let refused = run(&["add", "ann", "other@mail.com"], "secret\n").unwrap_err();
    assert!(refused.contains("[name_taken]"), "{refused}");
    assert!(run(&["add", "bob", "bob@mail.com"], "\n").unwrap_err().contains("[empty_password]"));

    let mut ann = Cli::start(&server, homes, "ann");
    ann.login();
    let listed = list(&data);
    assert_eq!(
        (listed.len(), &listed[0]["username"], &listed[0]["online"]),
        (1, &json!("ann"), &json!(true))
    );
    run(&["disable", "ann"], "").unwrap();
    assert!(ann.event("failure")["text"].as_str().unwrap().contains("disabled"));
    ann.event("kicked");
    ann.event("disconnected");
    let mut again = Cli::with(&server, homes, "ann", &["--account", "ann"]);
    assert!(again.event("failure")["text"].as_str().unwrap().contains("disabled"));
    run(&["enable", "ann"], "").unwrap();
    again.login();

    run(&["passwd", "ann"], "another one\n").unwrap();
    again.event("kicked");
    let mut other = Cli::start(&server, homes, "ann");
    for (password, answer) in
        [(None, "login_failed"), (Some(PASSWORD), "login_failed"), (Some("another one"), "bundle")]
    {
        let login = json!({"command": "login", "username": "ann", "password": password});
        other.command(&login);
        other.event(answer);
    }
    assert!(run(&["passwd", "nobody"], "x\n").unwrap_err().contains("[no_such_user]"));
    assert!(!server.log().contains("another one") && server.errors().is_empty(), "{}", server.log());
}

#[test]
fn what_a_deleted_user_has_said_stays_under_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let data = server.data();
    let (mut ann, mut bob) = (Cli::start(&server, homes, "ann"), Cli::start(&server, homes, "bob"));
    ann.join("ann@mail.com");
    bob.join("bob@mail.com");
    ann.command(&json!({"command": "add_friend", "username": "bob"}));
    bob.event("friend_request");
    bob.command(&json!({"command": "accept", "from": "ann"}));
    ann.event("contact_added");
    ann.say("bob", "remember me");
    bob.hears("remember me");
    let asked = user_command(&data, &["delete", "ann"], "ann\n").unwrap_err();
    assert!(asked.contains("--yes"), "{asked}");
    user_command(&data, &["delete", "ann", "--yes"], "").unwrap();
    ann.event("kicked");
    assert_eq!(bob.event("friend_deleted")["user"]["username"], "ann");
    assert_eq!(list(&data).len(), 1);
    let server = server.kill_and_restart();
    let bundle = Cli::start(&server, homes, "bob").login();
    assert_eq!(bundle["friends"], json!([]));
    let message = &bundle["messages"][0];
    assert_eq!((&message["text"], &message["sender"]["name"]), (&json!("remember me"), &json!("ann")));
    let mut new = Cli::start(&server, homes, "ann");
    new.command(&json!({"command": "register", "username": "ann", "password": "x", "email": "ann@mail.com"}));
    new.event("username_taken");
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}

#[test]
fn without_a_server_the_same_is_done_on_the_database() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    assert!(list(&data).is_empty());
    user_command(&data, &["add", "ann", "ann@mail.com"], "secret\n").unwrap();
    assert!(
        user_command(&data, &["add", "a b", "b@mail.com"], "x\n").unwrap_err().contains("[illegal_name]")
    );
    // What a server left behind that was killed is in nobody's way.
    std::fs::write(data.join("server.address"), "127.0.0.1:1\n").unwrap();
    user_command(&data, &["disable", "ann"], "").unwrap();
    let server = Server::on(Arc::clone(&folder));
    let mut ann = Cli::start(&server, folder.path(), "ann");
    let login = json!({"command": "login", "username": "ann", "password": PASSWORD});
    ann.command(&login);
    assert!(ann.event("failure")["text"].as_str().unwrap().contains("disabled"));
    user_command(&data, &["enable", "ann"], "").unwrap();
    ann.command(&login);
    ann.event("bundle");
}

#[test]
fn who_does_not_have_the_servers_key_is_no_operator() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start();
    let mut ann = Cli::start(&server, folder.path(), "ann");
    let call = json!({"command": "call", "name": "uchat.operator.list_users", "args": {}});
    for code in ["not_logged_in", "forbidden"] {
        ann.command(&call);
        assert_eq!(ann.event("call_result")["err"]["code"], code);
        if code == "not_logged_in" {
            ann.join("ann@mail.com");
        }
    }
}

#[test]
fn a_server_that_can_not_be_reached_is_said_to_be() {
    let server = Server::with(&["server.suites=[\"classic\"]"]);
    let refused = user_command(&server.data(), &["list"], "").unwrap_err();
    assert!(refused.contains("a server runs on this data") && refused.contains("server.suites"), "{refused}");
}

#[test]
fn what_failed_is_in_the_log_and_in_the_status_under_the_name_of_its_plug_in() {
    let folder = tempfile::tempdir().unwrap();
    let nobody =
        Command::new(binary("uchat")).args(["status", "--data"]).arg(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&nobody.stderr).into_owned();
    assert!(!nobody.status.success() && said.contains("no server answers"), "{said}");
    let server = Server::start();
    let (mut wire, _) = support::user(&server, "ann");
    wire.send(uchat_codec::opcode::BAD, &());
    wire.expect(uchat_codec::opcode::GENERAL_FAILURE);
    let status = server.command(&["status", "--json"]);
    let status: Json = serde_json::from_slice(&status.stdout).unwrap();
    let echo =
        status["plugins"].as_array().unwrap().iter().find(|one| one["plugin"] == "uchat-echo").unwrap();
    assert_eq!((&echo["requests"], &echo["failed"]), (&json!(1), &json!(1)), "{echo}");
    assert_eq!(echo["last_failure"]["function"], "bad");
    assert!(server.errors().iter().any(|line| line.contains("plugin=\"uchat-echo\"")), "{}", server.log());
}
