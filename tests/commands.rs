//! The commands of the server binary, as an operator and a plug-in author use them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

fn uchat(folder: &Path, arguments: &[&str]) -> Output {
    let binary = std::env::var_os("UCHAT_BIN_DIR").map_or_else(
        || env!("CARGO_BIN_EXE_uchat").into(),
        |folder| Path::new(&folder).join(format!("uchat{}", std::env::consts::EXE_SUFFIX)),
    );
    Command::new(binary).args(arguments).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn handlers_are_listed_for_people_and_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let table = text(&uchat(folder.path(), &["handlers"]).stdout);
    assert!(
        table.lines().any(|line| line.contains("add_friend")
            && line.contains("uchat-friends")
            && line.contains("yes"))
    );
    let json: serde_json::Value =
        serde_json::from_slice(&uchat(folder.path(), &["handlers", "--json"]).stdout).unwrap();
    let rows = json.as_array().unwrap();
    let by_name = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    let codes: Vec<_> = rows.iter().filter_map(|row| row["opcode"].as_u64()).collect();
    assert_eq!(codes, (1..=11).collect::<Vec<u64>>());
    assert_eq!(by_name("login")["login"], false);
    assert_eq!(by_name("uchat.search_users")["login"], true);
    assert!(rows.iter().all(|row| row["doc"].as_str().unwrap().ends_with('.')), "{json}");
}

#[test]
fn a_wrong_configuration_is_explained_and_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(uchat(folder.path(), &["check-config"]).status.success());
    std::fs::write(folder.path().join("my.toml"), "[limits]\nmax_dept = 3\n").unwrap();
    assert!(!uchat(folder.path(), &["check-config", "--set", "log.filter=a=b=c"]).status.success());
    for command in ["check-config", "serve"] {
        let refused = uchat(folder.path(), &[command, "--config", "my.toml"]);
        assert!(!refused.status.success());
        let reason = text(&refused.stderr);
        assert!(reason.contains("my.toml:2") && reason.contains("limits.max_depth"), "{reason}");
    }
}

#[test]
fn settings_of_plug_ins_are_checked_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let check = |set: &str| uchat(folder.path(), &["check-config", "--set", set]);
    assert!(check("plugins.dice={ sides = 20 }").status.success());
    for (set, reason) in [
        ("plugins.dice={ side = 20 }", "[plugins.dice] is refused: unknown field `side`"),
        ("plugins.dice={ sides = 1 }", "dice.sides must be 2 to 1000"),
        (
            "plugins.dcie={ sides = 20 }",
            "[plugins.dcie] belongs to no plug-in; there are settings for announcements, dice",
        ),
    ] {
        let refused = check(set);
        assert!(
            !refused.status.success() && text(&refused.stderr).contains(reason),
            "{}",
            text(&refused.stderr)
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it leaves nothing behind");
}

#[test]
fn a_new_handler_is_a_crate_that_is_linked() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!uchat(folder.path(), &["new-handler", "nudge"]).status.success(), "not a workspace");
    std::fs::create_dir(folder.path().join("handlers")).unwrap();
    let manifest = "[dependencies]\n# handlers: begin\n# handlers: end\n";
    std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    assert!(uchat(folder.path(), &["new-handler", "nudge"]).status.success());
    let linked = std::fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
    assert!(linked.contains("uchat-nudge = { path = \"handlers/nudge\" }"));
    let source = std::fs::read_to_string(folder.path().join("handlers/nudge/src/lib.rs")).unwrap();
    assert!(source.contains("async fn nudge(") && source.contains("#[cfg(test)]"));
    let again = uchat(folder.path(), &["new-handler", "nudge"]);
    assert!(!again.status.success() && text(&again.stderr).contains("already"));
}
