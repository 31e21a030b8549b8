//! One running client.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Display, Server, pictures, program};

/// How long a state may take to come about.
const PATIENCE: Duration = Duration::from_secs(40);
const CTRL: u32 = 0xffe3;
/// Keys by their names in X.
pub(crate) const RETURN: u32 = 0xff0d;
const ESCAPE: u32 = 0xff1b;

/// A window, its home, and the display that it is on.
pub(crate) struct Window<'a> {
    display: &'a Display,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    home: Option<tempfile::TempDir>,
}

impl<'a> Window<'a> {
    /// Opens the sign-in form for this server.
    pub(crate) fn open(display: &'a Display, server: &str, options: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self::open_at(display, server, options, home)
    }

    /// The same with a home that was used before.
    pub(crate) fn open_at(
        display: &'a Display,
        server: &str,
        options: &[&str],
        home: tempfile::TempDir,
    ) -> Self {
        let mut child = Command::new(program("uchat-client"))
            .args(["--server", server, "--home"])
            .arg(home.path())
            .args(options)
            .env("DISPLAY", display.name())
            .env_remove("WAYLAND_DISPLAY")
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { display, child, input, output, home: Some(home) }
    }

    /// A window with a new account that has signed in.
    pub(crate) fn registered(display: &'a Display, server: &Server, name: &str, options: &[&str]) -> Self {
        let mut window = Self::open(display, server.address(), options);
        window.click("switch");
        window.wait("title", |_, look| control(look, "email").is_some());
        let hash = name.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        let email = format!("u{hash:x}@mail.cn");
        let fields = [("username", name), ("password", "pw1"), ("confirm", "pw1"), ("email", email.as_str())];
        for (field, value) in fields {
            window.write(field, value);
        }
        window.click("submit");
        window.wait("filter", |_, look| look["facts"]["ready"] == true);
        window
    }

    /// Gives an order and takes the answer.
    pub(crate) fn order(&mut self, order: &Value) -> Value {
        writeln!(self.input, "{order}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("the window is gone: {line:?}"))
    }

    /// What the window shows now.
    pub(crate) fn look(&mut self) -> Value {
        self.order(&json!({"do": "look"}))
    }

    /// Waits until a control is there and the state is right; gives the control.
    pub(crate) fn wait(&mut self, name: &str, is_right: impl Fn(&Value, &Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let look = self.look();
            if let Some(found) = control(&look, name)
                && is_right(found, &look)
            {
                return found.clone();
            }
            assert!(Instant::now() < until, "{name} did not come about: {}", told(&look));
        }
    }

    /// Waits for a text in a control.
    pub(crate) fn wait_text(&mut self, name: &str, part: &str) -> Value {
        self.wait(name, |found, _| found["text"].as_str().unwrap().contains(part))
    }

    /// Waits for any message, image or file in the conversation that says this; gives its name.
    pub(crate) fn wait_message(&mut self, part: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let look = self.look();
            let said = |found: &&Value| {
                let name = found["name"].as_str().unwrap();
                ["message:", "image:", "file:"].iter().any(|kind| name.starts_with(kind))
                    && found["text"].as_str().unwrap().contains(part)
            };
            if let Some(found) = look["controls"].as_array().unwrap().iter().find(said) {
                return found["name"].as_str().unwrap().to_owned();
            }
            assert!(Instant::now() < until, "no message says {part:?}: {}", told(&look));
        }
    }

    /// Waits for a fact.
    pub(crate) fn wait_fact(&mut self, name: &str, value: &Value) {
        let until = Instant::now() + PATIENCE;
        loop {
            let look = self.look();
            if look["facts"][name] == *value {
                return;
            }
            assert!(Instant::now() < until, "{name} did not become {value}: {}", told(&look));
        }
    }

    /// Moves the pointer onto a control and clicks; a click that went astray (another window was still in front) is
    /// made again by the caller's wait.
    pub(crate) fn click(&mut self, name: &str) {
        let found = self.wait(name, |found, _| found["enabled"] == true && found["w"].as_i64() > Some(0));
        self.display.activate(self.child.id());
        let look = self.look();
        let found = control(&look, name).cloned().unwrap_or(found);
        let at = |origin: &str, size: &str| {
            let half = found[size].as_i64().unwrap() / 2;
            i32::try_from(look["window"][origin].as_i64().unwrap() + found[origin].as_i64().unwrap() + half)
                .unwrap()
        };
        let (x, y) = (at("x", "w"), at("y", "h"));
        self.display.point(x, y);
        // The window must have seen the pointer before the button goes down.
        self.look();
        self.display.button(1);
        self.look();
    }

    /// Writes a text into a field, through the clipboard: a keyboard has no keys for Chinese.
    pub(crate) fn write(&mut self, name: &str, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            self.click(name);
            self.wait(name, |_, _| true);
            self.display.key(u32::from('a'), &[CTRL]);
            self.order(&json!({"do": "clipboard", "text": text}));
            self.display.key(u32::from('v'), &[CTRL]);
            for _ in 0..20 {
                let look = self.look();
                let Some(found) = control(&look, name) else { break };
                if found["text"] == text || found["role"] == "password" && found["focused"] == true {
                    return;
                }
            }
            assert!(Instant::now() < until, "{name} does not take {text:?}");
        }
    }

    /// Presses Enter in a control that has the keyboard.
    pub(crate) fn enter(&mut self) {
        self.display.key(RETURN, &[]);
    }

    /// Presses Escape.
    pub(crate) fn escape(&mut self) {
        self.display.activate(self.child.id());
        self.look();
        self.display.key(ESCAPE, &[]);
    }

    /// Writes a message into the open conversation and sends it.
    pub(crate) fn say(&mut self, text: &str) {
        self.write("message", text);
        self.enter();
        self.wait("message", |found, _| found["text"] == "");
    }

    /// Sends a file.
    pub(crate) fn attach(&mut self, name: &str, content: &[u8]) {
        let path = self.home.as_ref().unwrap().path().join(name);
        std::fs::write(&path, content).unwrap();
        self.order(&json!({"do": "attach", "path": path}));
    }

    /// Writes a picture of the window.
    pub(crate) fn picture(&mut self, name: &str) {
        let path = pictures().join(format!("{name}.png"));
        let answer = self.order(&json!({"do": "screenshot", "path": path}));
        assert!(answer["error"].is_null(), "{answer}");
    }

    /// Closes the window in order and gives back its home.
    pub(crate) fn close(mut self) -> tempfile::TempDir {
        self.order(&json!({"do": "quit"}));
        self.child.wait().unwrap();
        self.home.take().unwrap()
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A look in few words.
fn told(look: &Value) -> String {
    let controls = look["controls"].as_array().cloned().unwrap_or_default();
    let told: Vec<_> =
        controls.iter().map(|control| format!("{}={}", control["name"], control["text"])).collect();
    format!("{} {}", look["facts"], told.join(" "))
}

/// A control of a look, by its name.
pub(crate) fn control<'v>(look: &'v Value, name: &str) -> Option<&'v Value> {
    look["controls"].as_array()?.iter().find(|control| control["name"] == name)
}
