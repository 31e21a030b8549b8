//! `uchat-cli --json` as a process.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests, and not each uses all"
)]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{PASSWORD, Server, binary};

/// A test that waits for longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// One person with a client.
pub struct Cli {
    process: Child,
    input: Option<ChildStdin>,
    events: Receiver<Json>,
    /// Came while something else was waited for.
    passed: VecDeque<Json>,
    name: String,
}

impl Cli {
    /// Starts a client with a home of its own below `homes`.
    pub fn start(server: &Server, homes: &Path, name: &str) -> Self {
        Self::with(server, homes, name, &[])
    }

    /// The same with some arguments more.
    pub fn with(server: &Server, homes: &Path, name: &str, arguments: &[&str]) -> Self {
        Self::to(&server.address().to_string(), homes, name, arguments)
    }

    /// The same to any address.
    pub fn to(address: &str, homes: &Path, name: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(binary("uchat-cli"))
            .args(["--json", "--no-pause", "--server", address, "--home"])
            .arg(homes.join(name))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("uchat-cli is built: `cargo build -p uchat-client-core`");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let event =
                    serde_json::from_str(&line).unwrap_or_else(|_| json!({"event": "garbage", "line": line}));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        let input = process.stdin.take();
        Self { process, input, events, passed: VecDeque::new(), name: name.to_owned() }
    }

    /// One command.
    pub fn command(&mut self, command: &Json) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{command}").unwrap();
        input.flush().unwrap();
    }

    /// The first event that fits, now or later; what doesn't fit is kept for other questions.
    pub fn wait(&mut self, what: &str, fits: impl Fn(&Json) -> bool) -> Json {
        if let Some(at) = self.passed.iter().position(&fits) {
            return self.passed.remove(at).unwrap();
        }
        loop {
            match self.events.recv_timeout(PATIENCE) {
                Ok(event) if fits(&event) => return event,
                Ok(event) => self.passed.push_back(event),
                Err(ended) => {
                    panic!("{} waited in vain for {what} ({ended}); there came {:#?}", self.name, self.passed)
                }
            }
        }
    }

    /// The first event with this name.
    pub fn event(&mut self, name: &str) -> Json {
        self.wait(name, |event| event["event"] == name)
    }

    /// The next message, whose text is this.
    pub fn hears(&mut self, text: &str) -> Json {
        self.wait(text, |event| event["event"] == "message" && event["text"] == text)
    }

    /// Forgets what has come so far without being asked for.
    pub fn forget(&mut self) {
        self.passed.clear();
    }

    /// Whether something has come that fits, so far.
    pub fn has(&mut self, fits: impl Fn(&Json) -> bool) -> bool {
        self.passed.extend(self.events.try_iter());
        self.passed.iter().any(fits)
    }

    /// Registers and logs in; the answer is the number.
    pub fn join(&mut self, email: &str) -> u64 {
        let name = self.name.clone();
        self.command(&json!({"command": "register", "username": name, "password": PASSWORD, "email": email}));
        let id = self.event("registered")["id"].as_u64().unwrap();
        self.login();
        id
    }

    /// Logs in; the answer is the bundle.
    pub fn login(&mut self) -> Json {
        let name = self.name.clone();
        self.command(&json!({"command": "login", "username": name, "password": PASSWORD}));
        self.event("logged_in");
        self.event("bundle")
    }

    /// A text to a friend's name or to `#room`.
    pub fn say(&mut self, to: &str, text: &str) {
        self.command(&json!({"command": "send_text", "to": to, "text": text}));
    }

    /// Ends the client as a script does: no more input.
    pub fn leave(mut self) -> ExitStatus {
        self.input.take();
        self.process.wait().unwrap()
    }
}

impl Drop for Cli {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
