//! Somebody who chats without a window, and can say what no window would.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use super::window::PATIENCE;
use super::{Server, program};

/// `uchat-cli --json` as a process.
pub(crate) struct Peer {
    child: Child,
    input: ChildStdin,
    events: Receiver<Value>,
    _home: tempfile::TempDir,
}

impl Peer {
    /// Registers and signs in.
    pub(crate) fn join(server: &Server, name: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut child = Command::new(program("uchat-cli"))
            .args(["--json", "--no-pause", "--suite", "strong", "--server", server.address(), "--home"])
            .arg(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, events) = channel();
        std::thread::spawn(move || {
            let events = lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok());
            events.into_iter().try_for_each(|event: Value| sender.send(event))
        });
        let mut peer = Self { child, input, events, _home: home };
        let email = format!("{name}@peer.cn");
        peer.command(&json!({"command": "register", "username": name, "password": "pw1", "email": email}));
        peer.event("registered");
        peer.command(&json!({"command": "login", "username": name, "password": "pw1"}));
        peer.event("bundle");
        peer
    }

    /// One command.
    pub(crate) fn command(&mut self, command: &Value) {
        writeln!(self.input, "{command}").unwrap();
    }

    /// The next event with this name; what comes before it is not of interest.
    pub(crate) fn event(&mut self, name: &str) -> Value {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {name} has come"));
            if event["event"] == name {
                return event;
            }
        }
    }

    /// A text to a friend's name or to `#room`.
    pub(crate) fn say(&mut self, to: &str, text: &str) {
        self.command(&json!({"command": "send_text", "to": to, "text": text}));
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
