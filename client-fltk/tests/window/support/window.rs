//! One running client: what it shows, and waiting until it shows what it should.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Display, Server, pictures};

/// How long a state may take to come about, and a window to answer: one that is silent for longer is frozen.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// Where a window's last words go, within its home.
const COMPLAINTS: &str = "stderr.txt";

/// A window, its home, and the display that it is on.
pub(crate) struct Window<'a> {
    pub(super) display: &'a Display,
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
    home: Option<tempfile::TempDir>,
}

impl<'a> Window<'a> {
    /// Opens the sign-in form for this server.
    pub(crate) fn open(display: &'a Display, server: &str, options: &[&str]) -> Self {
        Self::open_at(display, server, options, tempfile::tempdir().unwrap())
    }

    /// The same with a home that was used before; whoever was signed in has to do so again.
    pub(crate) fn open_at(
        display: &'a Display,
        server: &str,
        options: &[&str],
        home: tempfile::TempDir,
    ) -> Self {
        Self::start(display, server, &[options, &["--sign-in"]].concat(), home, ("1", None))
    }

    /// Opens the window again as its user does: whoever was signed in still is.
    pub(crate) fn reopen(
        display: &'a Display,
        server: &str,
        options: &[&str],
        home: tempfile::TempDir,
    ) -> Self {
        Self::start(display, server, options, home, ("1", None))
    }

    /// The same on a display with smaller points: all is drawn so many times as large.
    pub(crate) fn open_scaled(display: &'a Display, server: &str, options: &[&str], scale: &str) -> Self {
        Self::start(display, server, options, tempfile::tempdir().unwrap(), (scale, None))
    }

    /// The same on a session bus: desktop notices go there, and screen readers come from there.
    pub(crate) fn on_bus(display: &'a Display, server: &str, options: &[&str], bus: &str) -> Self {
        Self::start(display, server, options, tempfile::tempdir().unwrap(), ("1", Some(bus)))
    }

    fn start(
        display: &'a Display,
        server: &str,
        options: &[&str],
        home: tempfile::TempDir,
        (scale, bus): (&str, Option<&str>),
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_uchat-client"))
            .args(["--server", server, "--home"])
            .arg(home.path())
            .args(options)
            .env("DISPLAY", display.name())
            .env("FLTK_SCALING_FACTOR", scale)
            .env("TZ", "UTC")
            // Nobody's own folder for downloads.
            .env("XDG_CONFIG_HOME", home.path())
            .env_remove("WAYLAND_DISPLAY")
            // No notices on the desktop of who runs the tests.
            .env("DBUS_SESSION_BUS_ADDRESS", bus.unwrap_or("disabled:"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(home.path().join(COMPLAINTS)).unwrap())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, answers) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { display, child, input, answers, home: Some(home) }
    }

    /// A window with a new account that has signed in.
    pub(crate) fn registered(display: &'a Display, server: &Server, name: &str, options: &[&str]) -> Self {
        let mut window = Self::open(display, server.address(), options);
        window.fill_registration(name);
        window.click("submit");
        window.wait("filter", |_, look| look["facts"]["ready"] == true);
        window
    }

    /// Turns to the form of registration and fills it in, with the password of all tests.
    pub(crate) fn fill_registration(&mut self, name: &str) {
        self.click("switch");
        self.wait("email", |_, _| true);
        let hash = name.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        let email = format!("u{hash:x}@mail.cn");
        for (field, value) in [("username", name), ("password", "pw1"), ("confirm", "pw1"), ("email", &email)]
        {
            self.write(field, value);
        }
    }

    /// Signs in with the password of all tests.
    pub(crate) fn sign_in(&mut self, name: &str) {
        self.write("username", name);
        self.write("password", "pw1");
        self.click("submit");
        self.wait("filter", |_, look| look["facts"]["ready"] == true);
    }

    /// Gives an order and takes the answer.
    pub(crate) fn order(&mut self, order: &Value) -> Value {
        writeln!(self.input, "{order}").expect("the window has ended");
        let line = self.answers.recv_timeout(PATIENCE).expect("the window has ended, or it is frozen");
        serde_json::from_str(&line).unwrap()
    }

    /// What the window shows now.
    pub(crate) fn look(&mut self) -> Value {
        self.order(&json!({"do": "look"}))
    }

    /// Looks until something is there.
    pub(crate) fn until<T>(&mut self, what: &str, found: impl Fn(&Value) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        let mut look = self.look();
        loop {
            if let Some(found) = found(&look) {
                return found;
            }
            assert!(Instant::now() < until, "{what} did not come about: {}", told(&look));
            look = self.order(&json!({"do": "look", "unlike": look["seen"]}));
        }
    }

    /// Waits until a control is there and the state is right; gives the control.
    pub(crate) fn wait(&mut self, name: &str, is_right: impl Fn(&Value, &Value) -> bool) -> Value {
        self.until(name, |look| control(look, name).filter(|found| is_right(found, look)).cloned())
    }

    /// Waits for a text in a control.
    pub(crate) fn wait_text(&mut self, name: &str, part: &str) -> Value {
        self.until(&format!("{name} with {part:?}"), |look| {
            control(look, name).filter(|found| found["text"].as_str().unwrap().contains(part)).cloned()
        })
    }

    /// Waits until a control has gone.
    pub(crate) fn wait_gone(&mut self, name: &str) {
        self.until(&format!("the end of {name}"), |look| control(look, name).is_none().then_some(()));
    }

    /// Waits for any message, image or file in the conversation that says this; gives its name.
    pub(crate) fn wait_message(&mut self, part: &str) -> String {
        let said = |found: &&Value| {
            let name = found["name"].as_str().unwrap();
            ["message:", "image:", "file:"].iter().any(|kind| name.starts_with(kind))
                && found["text"].as_str().unwrap().contains(part)
        };
        self.until(&format!("a message with {part:?}"), |look| {
            let found = look["controls"].as_array().unwrap().iter().find(said)?;
            Some(found["name"].as_str().unwrap().to_owned())
        })
    }

    /// Waits for a fact.
    pub(crate) fn wait_fact(&mut self, name: &str, value: &Value) {
        self.until(&format!("{name} = {value}"), |look| (look["facts"][name] == *value).then_some(()));
    }

    /// Sends a file, as choosing it in the system's dialog does.
    pub(crate) fn attach(&mut self, name: &str, content: &[u8]) {
        let path = self.home().join(name);
        std::fs::write(&path, content).unwrap();
        self.order(&json!({"do": "attach", "path": path}));
    }

    /// Where this client keeps its things.
    pub(crate) fn home(&self) -> &std::path::Path {
        self.home.as_ref().unwrap().path()
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Writes a picture of the window for people.
    pub(crate) fn picture(&mut self, name: &str) {
        self.screenshot(&pictures().join(format!("{name}.png")));
    }

    fn screenshot(&mut self, path: &std::path::Path) {
        self.activate();
        let answer = self.order(&json!({"do": "screenshot", "path": path}));
        assert!(answer["error"].is_null(), "{answer}");
    }

    /// What is drawn where a control is.
    pub(crate) fn pixels(&mut self, name: &str) -> image::RgbImage {
        let path = self.home().join("pixels.png");
        self.screenshot(&path);
        let whole = image::open(path).unwrap().into_rgb8();
        let found = self.wait(name, |_, _| true);
        let side = |key: &str| u32::try_from(found[key].as_i64().unwrap().max(0)).unwrap();
        image::imageops::crop_imm(&whole, side("x"), side("y"), side("w"), side("h")).to_image()
    }

    /// Closes the window in order and gives back its home.
    pub(crate) fn close(mut self) -> tempfile::TempDir {
        self.order(&json!({"do": "quit"}));
        assert!(self.child.wait().unwrap().success(), "the client ends well");
        self.must_be_sound();
        self.home.take().unwrap()
    }

    /// FLTK swallows a panic in a callback: the window lives on, half done. That is a failure all the same.
    fn must_be_sound(&self) {
        let Some(home) = &self.home else { return };
        let said = std::fs::read_to_string(home.path().join(COMPLAINTS)).unwrap_or_default();
        assert!(!said.contains("panicked at"), "a window panicked: {said}");
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            self.must_be_sound();
        }
    }
}

/// A look in few words.
fn told(look: &Value) -> String {
    let short = |value: &Value| value.as_str().unwrap_or_default().chars().take(80).collect::<String>();
    let controls = look["controls"].as_array().cloned().unwrap_or_default();
    let told: Vec<_> =
        controls.iter().map(|control| format!("{}={:?}", control["name"], short(&control["text"]))).collect();
    format!("{} {}", look["facts"], told.join(" "))
}

/// A control of a look, by its name.
pub(crate) fn control<'v>(look: &'v Value, name: &str) -> Option<&'v Value> {
    look["controls"].as_array()?.iter().find(|control| control["name"] == name)
}
