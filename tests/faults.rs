//! What goes wrong around a server: the machine runs out of something, a disk fills, a peer is gone without a word.
//! ARCHITECTURE.md says what is promised; a kill in the middle is in `restart` and `chaos`, slow readers are in `hostile`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use support::bystander::Bystander;
use support::{Server, Wire, befriend, user};
use uchat_codec::chat::NewMessage;
use uchat_codec::{Value, opcode};

/// A user of the machine who owns nothing.
#[cfg(target_os = "linux")]
const NOBODY: u32 = 65_534;

/// A text, and whether it was stored: the sender's copy comes back, or an error.
fn stored(wire: &mut Wire, to: u64, text: &str) -> bool {
    wire.say(0, to, text);
    loop {
        match wire.recv() {
            (opcode::ON_NEW_MESSAGE, _) => return true,
            (opcode::GENERAL_FAILURE, _) => return false,
            _ => {}
        }
    }
}

/// The texts of a login bundle.
fn texts(bundle: &Value) -> Vec<String> {
    let messages: Vec<(uchat_codec::Blob, u64)> = support::plain(bundle.get("messages").unwrap().clone());
    let text = |blob: uchat_codec::Blob| {
        let value = Value::decode(blob.0, &uchat_codec::Limits::default()).unwrap();
        let message: NewMessage = support::plain(value);
        message.message.get("data").and_then(Value::as_str).unwrap().to_owned()
    };
    messages.into_iter().map(|(blob, _)| text(blob)).collect()
}

#[test]
fn without_file_descriptors_those_who_are_there_go_on_and_others_come_in_when_there_are_some_again() {
    let server = Server::after("ulimit -n 64", &[]);
    let mut others = Bystander::of(&server);
    // The operating system takes them all; the server can't.
    let crowd: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    server.wait_for_log("connections can't be accepted", 1);
    drop(crowd);
    server.wait_for_log("connections are accepted again", 1);
    others.has_noticed_nothing(&server);
    assert!(server.log().matches("can't be accepted").count() < 20, "it is not said at every try");
}

#[test]
fn while_another_process_holds_the_database_messages_are_refused_and_nothing_else_is() {
    let server = Server::start();
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    let thief = rusqlite::Connection::open(server.data().join("uchat.db")).unwrap();
    thief.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(!stored(&mut ann, bob_id, "lost"), "nobody is told that it was stored");
    assert_eq!(bob.settle(), [], "and nobody gets it");
    thief.execute_batch("ROLLBACK").unwrap();
    assert!(stored(&mut ann, bob_id, "kept"));
    assert_eq!(bob.hear().1, "kept");
}

#[test]
fn a_full_disk_refuses_messages_and_loses_none_that_was_acknowledged() {
    // No file of the server may grow beyond 2 MB (of 512 bytes each), and a write beyond it is an error, no signal.
    let server = Server::after("trap '' XFSZ; ulimit -f 4096", &[]);
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    drop(bob);
    ann.expect(opcode::FRIEND_ON_OFF_LINE);
    let long = "x".repeat(50_000);
    let mut acknowledged = Vec::new();
    let refused = (0..200).find(|number| {
        let text = format!("{number} {long}");
        let kept = stored(&mut ann, bob_id, &text);
        acknowledged.extend(kept.then_some(text));
        !kept
    });
    assert!(refused.is_some(), "the disk was never full");
    assert!(!acknowledged.is_empty(), "it was full from the beginning");
    ann.send(opcode::CLIENT_ECHO, "still there?");
    assert_eq!(ann.recv_params::<String>(opcode::SERVER_ECHO), "still there?");
    let server = server.kill_and_restart();
    let bundle = Wire::connect(&server).login("bob");
    assert_eq!(texts(&bundle), acknowledged);
    let mut ann = Wire::connect(&server);
    ann.login("ann");
    assert!(stored(&mut ann, bob_id, "there is room again"));
}

#[test]
fn a_database_that_is_none_is_told_at_the_start_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uchat.db");
    std::fs::write(&path, "this is no database, but somebody may want it back".repeat(100)).unwrap();
    let before = std::fs::read(&path).unwrap();
    let output = std::process::Command::new(support::binary("uchat"))
        .args(["serve", "--set", "server.listen=127.0.0.1:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("not a database"), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// `uchat` as somebody who may read what is in the data folder, and not write it.
#[cfg(target_os = "linux")]
fn as_nobody(folder: &std::path::Path) -> std::process::Command {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    let allow = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let (data, program) = (folder.join("data"), folder.join("uchat"));
    std::fs::copy(support::binary("uchat"), &program).unwrap();
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    for file in std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()) {
        // Root may write whatever it likes: then somebody else runs it.
        if is_root {
            chown(&file, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        allow(&file, 0o400);
    }
    if is_root {
        chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
        allow(folder, 0o755);
    }
    allow(&data, 0o500);
    let mut command =
        std::process::Command::new(if is_root { "setpriv".as_ref() } else { program.as_os_str() });
    if is_root {
        let nobody = NOBODY.to_string();
        command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]).arg(&program);
    }
    command
}

#[cfg(target_os = "linux")]
#[test]
fn a_database_that_may_not_be_written_is_told_at_the_start_and_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let mut server = Server::on(std::sync::Arc::clone(&folder));
    let (_ann, _) = user(&server, "ann");
    server.terminate();
    let path = server.data().join("uchat.db");
    let before = std::fs::read(&path).unwrap();
    let output = as_nobody(folder.path())
        .args(["serve", "--set", "server.listen=127.0.0.1:0", "--data"])
        .arg(server.data())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("uchat.db") && said.contains("Permission denied"), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    // When it may be written again, everything is there.
    std::fs::set_permissions(server.data(), std::fs::Permissions::from_mode(0o700)).unwrap();
    for file in std::fs::read_dir(server.data()).unwrap().map(|entry| entry.unwrap().path()) {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    drop(server);
    Wire::connect(&Server::on(folder)).login("ann");
}

#[test]
fn who_is_gone_without_a_word_is_offline_for_friends_after_the_limit() {
    let server = Server::with(&["limits.idle_seconds=1"]);
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, _) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    // Bob's connection stays open and silent; ann's questions keep hers alive.
    let told =
        (0..1_000_000).any(|_| ann.settle().iter().any(|(opcode, _)| *opcode == opcode::FRIEND_ON_OFF_LINE));
    assert!(told, "ann never hears that bob is gone");
    bob.expect_closed();
}

#[cfg(target_os = "linux")]
#[test]
fn a_peer_is_asked_whether_its_machine_is_still_there() {
    let server = Server::start();
    let (_ann, _) = user(&server, "ann");
    let port = format!(":{:04X}", server.address().port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    // Established connections of the server; the sixth column says which timer runs: 2 is keep-alive.
    let timers: Vec<&str> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|columns| columns[1].ends_with(&port) && columns[3] == "01")
        .map(|columns| columns[5])
        .collect();
    assert!(!timers.is_empty() && timers.iter().all(|timer| timer.starts_with("02:")), "{timers:?}");
}

#[test]
fn who_vanishes_in_the_middle_of_a_large_message_leaves_nothing_behind() {
    let server = Server::start();
    let (mut ann, ann_id) = user(&server, "ann");
    let (mut bob, bob_id) = user(&server, "bob");
    befriend(&mut ann, ann_id, &mut bob, "bob");
    let message = support::text_message(&"x".repeat(4_000_000)).into_value().unwrap();
    let asked = uchat_codec::chat::SendMessage { target_type: 0, target_id: bob_id, message };
    let frame = ann.sealed(&uchat_codec::encode_message(opcode::SEND_MESSAGE, &asked).unwrap());
    assert!(ann.send_bytes(&frame[..frame.len() / 2]));
    drop(ann);
    let heard = bob.expect(opcode::FRIEND_ON_OFF_LINE);
    assert!(heard.as_list().is_some(), "{heard:?}");
    assert_eq!(bob.settle(), [], "half a message is none");
    let mut ann = Wire::connect(&server);
    assert!(texts(&ann.login("ann")).is_empty());
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}

#[test]
fn half_closed_connections_are_served_and_then_closed() {
    let server = Server::start();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(b"no").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut rest = Vec::new();
    // Nothing can come any more that would end the handshake.
    let _ = stream.read_to_end(&mut rest);
    Bystander::of(&server).has_noticed_nothing(&server);
}
