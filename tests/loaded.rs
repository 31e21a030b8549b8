//! Plug-ins that are loaded while the real server runs: by an operator's command, for clients that stay connected.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::Server;
use support::cli::Cli;

/// Puts a module that was built into the server's folder: the one of `UCHAT_MODULES`, else the copy that comes with the source.
fn drop_in(server: &Server, name: &str) {
    let copies = Path::new(env!("CARGO_MANIFEST_DIR")).join("hot/modules");
    let built = std::env::var_os("UCHAT_MODULES").map_or(copies, Into::into);
    let folder = server.data().join("hot");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(built.join(format!("{name}.wasm")), folder.join(format!("{name}.wasm"))).unwrap();
}

/// What a command of the operator says, whether it worked or not.
fn says(server: &Server, command: &[&str]) -> (bool, String) {
    let done = server.command(command);
    let text = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8(text).unwrap())
}

/// What the server answers to a call of `hot.echo`.
fn echo(client: &mut Cli) -> Value {
    client.command(&json!({"command": "call", "name": "hot.echo", "args": "还在"}));
    client.event("call_result")
}

#[test]
fn a_plug_in_comes_and_goes_while_people_stay_connected() {
    let (homes, server) = (tempfile::tempdir().unwrap(), Server::with(&["hot.watch_seconds=0"]));
    let mut ann = Cli::start(&server, homes.path(), "ann");
    ann.join("ann@mail.com");
    assert_eq!(echo(&mut ann)["err"]["code"], "unknown_operation");

    let (worked, text) = says(&server, &["plugin", "load", "echo"]);
    assert!(!worked && text.contains("echo.wasm"), "{text}");
    drop_in(&server, "echo");
    let (worked, text) = says(&server, &["plugin", "load", "echo"]);
    assert!(worked && text.contains("hot.echo"), "{text}");
    assert_eq!(echo(&mut ann)["ok"], "还在");

    let (_, text) = says(&server, &["handlers", "--json"]);
    let table: Vec<Value> = serde_json::from_str(&text).unwrap();
    let row = table.iter().find(|row| row["name"] == "hot.echo").unwrap();
    assert_eq!((&row["crate"], &row["login"]), (&json!("echo.wasm"), &json!(false)));
    assert!(says(&server, &["handlers"]).1.contains("echo.wasm"));

    assert!(says(&server, &["plugin", "replace", "echo"]).0);
    assert_eq!(echo(&mut ann)["ok"], "还在");
    assert!(says(&server, &["plugin", "unload", "echo"]).0);
    assert_eq!(echo(&mut ann)["err"]["code"], "unknown_operation");
    assert_eq!(says(&server, &["plugin", "list"]), (true, String::new()));

    // What lies in the folder when the server starts is loaded then.
    let server = server.kill_and_restart();
    let mut bob = Cli::start(&server, homes.path(), "bob");
    bob.join("bob@mail.com");
    assert_eq!(echo(&mut bob)["ok"], "还在");
}

#[test]
fn a_module_that_is_dropped_into_the_folder_is_loaded_and_goes_with_its_file() {
    let (homes, server) = (tempfile::tempdir().unwrap(), Server::with(&["hot.watch_seconds=1"]));
    let mut ann = Cli::start(&server, homes.path(), "ann");
    ann.join("ann@mail.com");
    drop_in(&server, "echo");
    server.wait_for_log("a plug-in is loaded", 1);
    assert_eq!(echo(&mut ann)["ok"], "还在");
    // The same once more, by somebody who does not know that it is there.
    assert!(says(&server, &["plugin", "load", "echo"]).0);
    fs::write(server.data().join("hot/broken.wasm"), "no module").unwrap();
    server.wait_for_log("broken.wasm", 1);
    assert_eq!(echo(&mut ann)["ok"], "还在");
    fs::remove_file(server.data().join("hot/echo.wasm")).unwrap();
    server.wait_for_log("a plug-in is unloaded", 1);
    assert_eq!(echo(&mut ann)["err"]["code"], "unknown_operation");
}

#[test]
fn a_module_of_what_is_linked_in_is_refused_with_both_owners() {
    let server = Server::start();
    drop_in(&server, "nudge");
    let (worked, text) = says(&server, &["plugin", "load", "nudge"]);
    assert!(!worked && text.contains("uchat.nudge"), "{text}");
    assert!(text.contains("nudge.wasm") && text.contains("of uchat-nudge"), "{text}");
}
