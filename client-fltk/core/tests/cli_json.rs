//! `uchat-cli --json` as a program among programs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::{Value as Json, json};
use support::{Peer, identity};
use tokio::net::TcpListener;
use uchat_codec::chat::{FriendInfo, LoginBundle, NewMessage, RoomInfo, SendMessage};
use uchat_codec::{from_value, opcode};

/// A server that lets everybody in as ann, friend of bob, and gives every message back as bob's.
fn serve() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let mut peer = Peer::accept(stream, identity()).await;
            while let Some(message) = peer.next().await {
                match message.opcode {
                    opcode::LOGIN => {
                        peer.send(opcode::LOGIN_SUCCESSFUL, &support::ann()).await;
                        let bob = FriendInfo { id: 2, username: "bob".into(), ..FriendInfo::default() };
                        let rooms = vec![RoomInfo::new(7, "hall")];
                        let bundle = LoginBundle { rooms, friends: vec![bob], messages: vec![] };
                        peer.send(opcode::LOGIN_BUNDLE, &bundle).await;
                    }
                    opcode::SEND_MESSAGE => {
                        let SendMessage { target_type, target_id, message } =
                            from_value(message.parameters).unwrap();
                        let sender_name = "bob".to_owned();
                        let back = NewMessage {
                            message,
                            sender_id: 2,
                            sender_name,
                            target_type,
                            time: 5,
                            target_id,
                        };
                        peer.send(opcode::ON_NEW_MESSAGE, &back).await;
                    }
                    opcode::CLIENT_ECHO => peer.send(opcode::SERVER_ECHO, &message.parameters).await,
                    _ => {}
                }
            }
        });
    });
    address
}

/// The program, ended with the test.
struct Cli {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Cli {
    fn start(server: &str, home: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_uchat-cli"))
            .args(["--json", "--suite", "classic", "--server", server, "--home"])
            .arg(home)
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { stdin: child.stdin.take(), child, lines }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next event of that name; what comes before is of no interest.
    fn event(&mut self, name: &str) -> Json {
        loop {
            let line = self.lines.next().unwrap_or_else(|| panic!("it ended before {name}")).unwrap();
            let event: Json = serde_json::from_str(&line).unwrap();
            if event["event"] == name {
                return event;
            }
        }
    }

    fn exit_code(&mut self) -> Option<i32> {
        drop(self.stdin.take());
        self.lines.by_ref().for_each(drop);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Cli {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_script_logs_in_talks_by_name_and_ends_at_the_end_of_its_input() {
    let home = tempfile::tempdir().unwrap();
    let mut cli = Cli::start(&serve(), home.path(), &[]);
    // All at once, as from a file: names are known only after the login has its bundle.
    cli.say(r#"{"command":"login","username":"Ann","password":"secret","tag":1}"#);
    cli.say(r#"{"command":"send_text","to":"bob","text":"hi","tag":{"any":"thing"}}"#);
    cli.say(r#"{"command":"send_text","to":"nobody","text":"hi","tag":3}"#);
    cli.say("this is no command");
    cli.say(r#"{"command":"contacts"}"#);
    assert_eq!(cli.event("accepted")["tag"], 1);
    assert_eq!(cli.event("accepted")["tag"], json!({"any": "thing"}));
    let refused = cli.event("error");
    assert_eq!((&refused["tag"], &refused["code"]), (&json!(3), &json!("unknown_target")));
    assert_eq!(cli.event("error")["code"], "bad_command");
    let contacts = cli.event("contacts");
    let names: Vec<_> = contacts["contacts"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["hall", "bob"]);
    assert_eq!(cli.exit_code(), Some(0));
}

#[test]
fn an_image_goes_out_from_a_file_and_comes_in_as_one() {
    let home = tempfile::tempdir().unwrap();
    let picture = home.path().join("x.png");
    let content = [b"\x89PNG\r\n".as_slice(), &vec![7; 100_000]].concat();
    std::fs::write(&picture, &content).unwrap();
    let mut cli = Cli::start(&serve(), home.path(), &["--no-pause"]);
    cli.say(r#"{"command":"login","username":"Ann","password":"secret"}"#);
    cli.say(&json!({"command": "send_image", "to": "#7", "file": picture}).to_string());
    cli.say(r#"{"command":"send_image","to":7,"file":"no/such/file"}"#);
    let message = cli.event("message");
    assert_eq!(message["conversation"], json!({"type": "room", "id": 7, "name": "hall"}));
    assert_eq!((&message["kind"], &message["bytes"]), (&json!("image"), &json!(content.len())));
    let file = Path::new(message["file"].as_str().unwrap());
    assert!(file.starts_with(home.path().join("files")));
    assert_eq!(std::fs::read(file).unwrap(), content);
    assert_eq!(cli.exit_code(), Some(0));
}

#[test]
fn the_answers_to_the_last_commands_are_printed_before_it_quits() {
    let home = tempfile::tempdir().unwrap();
    let mut cli = Cli::start(&serve(), home.path(), &[]);
    cli.say(r#"{"command":"echo","value":[1,"two",{"$bytes":"00ff"}]}"#);
    cli.say(r#"{"command":"quit"}"#);
    assert_eq!(cli.event("echo")["value"], json!([1, "two", {"$bytes": "00ff"}]));
    assert_eq!(cli.exit_code(), Some(0));
}

#[test]
fn without_a_server_once_ends_with_1() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let home = tempfile::tempdir().unwrap();
    let mut cli = Cli::start(&free, home.path(), &["--once"]);
    let lost = cli.event("disconnected");
    assert_eq!((&lost["reason"], &lost["retry_in_ms"]), (&json!("unreachable"), &Json::Null));
    assert_eq!(cli.exit_code(), Some(1));
}
