//! The hand on keyboard and pointer: real events, aimed by the names of controls.

use std::time::Instant;

use serde_json::{Value, json};

use super::window::{PATIENCE, Window, control};

const CTRL: u32 = 0xffe3;
const SHIFT: u32 = 0xffe1;

/// Keys, by their names in X.
pub(crate) mod key {
    pub(crate) const RETURN: u32 = 0xff0d;
    pub(crate) const ESCAPE: u32 = 0xff1b;
    pub(crate) const TAB: u32 = 0xff09;
    pub(crate) const HOME: u32 = 0xff50;
    pub(crate) const RIGHT: u32 = 0xff53;
    pub(crate) const DOWN: u32 = 0xff54;
    pub(crate) const DELETE: u32 = 0xffff;
}

impl Window<'_> {
    /// Where a part of a control is on the display: (0.5, 0.5) is its middle.
    fn spot(&self, look: &Value, found: &Value, (right, down): (f64, f64)) -> Option<(i32, i32)> {
        let scale = look["window"]["scale"].as_f64()?;
        let within = |start: &str, size: &str, part: f64| {
            let (start, size) = (found[start].as_f64().unwrap(), found[size].as_f64().unwrap());
            #[expect(clippy::cast_possible_truncation, reason = "a display has some thousand pixels")]
            let pixels = ((start + size * part) * scale).round() as i32;
            pixels
        };
        let (x, y) = self.display.place_of(self.process())?;
        Some((x + within("x", "w", right), y + within("y", "h", down)))
    }

    /// Brings the window to the front and gives the keyboard to it.
    pub(crate) fn activate(&mut self) {
        self.display.activate(self.process());
        self.look();
    }

    /// Moves the pointer onto a control that can be used; gives where that is.
    fn aim(&mut self, name: &str, part: (f64, f64)) -> (i32, i32) {
        let usable = |found: &&Value| found["enabled"] == true && found["h"].as_i64() > Some(0);
        self.wait(name, |found, _| usable(&found));
        self.activate();
        let until = Instant::now() + PATIENCE;
        loop {
            let look = self.look();
            if let Some(found) = control(&look, name).filter(usable)
                && let Some((x, y)) = self.spot(&look, found, part)
            {
                self.display.point(x, y);
                // The window must have seen the pointer, and must not have changed, before the button goes down.
                if self.display.points_at(self.process()) && self.look()["controls"] == look["controls"] {
                    return (x, y);
                }
            }
            assert!(Instant::now() < until, "the pointer does not come to {name}");
        }
    }

    /// Moves the pointer onto a control and clicks.
    pub(crate) fn click(&mut self, name: &str) {
        self.aim(name, (0.5, 0.5));
        self.display.press(1);
        self.display.release(1);
        self.look();
    }

    /// Turns the wheel over a control, so many notches: down if positive.
    pub(crate) fn wheel(&mut self, name: &str, notches: i32) {
        self.aim(name, (0.5, 0.5));
        for _ in 0..notches.unsigned_abs() {
            let button = if notches > 0 { 5 } else { 4 };
            self.display.press(button);
            self.display.release(button);
        }
        self.look();
    }

    /// Drags the pointer over a control, from one part of it to another one.
    pub(crate) fn drag(&mut self, name: &str, from: (f64, f64), to: (f64, f64)) {
        let (to_x, to_y) = self.aim(name, to);
        let (x, y) = self.aim(name, from);
        self.display.press(1);
        self.look();
        self.display.point(i32::midpoint(x, to_x), i32::midpoint(y, to_y));
        self.look();
        self.display.point(to_x, to_y);
        self.look();
        self.display.release(1);
        self.look();
    }

    /// Writes a text into a field, through the clipboard: a keyboard has no keys for Chinese.
    pub(crate) fn write(&mut self, name: &str, text: &str) {
        self.order(&json!({"do": "clipboard", "text": text}));
        let is_secret = self.wait(name, |_, _| true)["role"] == "password";
        let until = Instant::now() + PATIENCE;
        loop {
            self.click(name);
            if self.soon(name, |found| found["focused"] == true) {
                self.ctrl('a');
                // What is in a password field is not told, only whether anything is: so it is emptied first.
                let is_ready = !is_secret || {
                    self.key(key::DELETE);
                    self.soon(name, |found| found["filled"] == false)
                };
                self.ctrl('v');
                let taken =
                    |found: &Value| if is_secret { found["filled"] == true } else { found["text"] == text };
                if is_ready && self.soon(name, taken) {
                    return;
                }
            }
            let shown: String = text.chars().take(60).collect();
            assert!(Instant::now() < until, "{name} does not take {shown:?}");
        }
    }

    /// Whether a control comes to a state within a few changes of the window.
    fn soon(&mut self, name: &str, is_right: impl Fn(&Value) -> bool) -> bool {
        let mut look = self.look();
        for _ in 0..20 {
            if control(&look, name).is_some_and(&is_right) {
                return true;
            }
            look = self.order(&json!({"do": "look", "unlike": look["seen"]}));
        }
        false
    }

    /// Presses a key.
    pub(crate) fn key(&mut self, symbol: u32) {
        self.display.key(symbol, &[]);
        self.look();
    }

    /// Presses the keys of this text, one by one: letters and digits.
    pub(crate) fn type_keys(&mut self, text: &str) {
        for c in text.chars() {
            self.display.key(u32::from(c), &[]);
        }
        self.look();
    }

    /// Presses a key with Ctrl held.
    pub(crate) fn ctrl(&mut self, c: char) {
        self.display.key(u32::from(c), &[CTRL]);
        self.look();
    }

    /// Presses a key with Shift held.
    pub(crate) fn shift(&mut self, symbol: u32) {
        self.display.key(symbol, &[SHIFT]);
        self.look();
    }

    /// Presses Enter in the control that has the keyboard.
    pub(crate) fn enter(&mut self) {
        self.key(key::RETURN);
    }

    /// Presses Escape.
    pub(crate) fn escape(&mut self) {
        self.activate();
        self.key(key::ESCAPE);
    }

    /// Writes a message into the open conversation and sends it.
    pub(crate) fn say(&mut self, text: &str) {
        self.write("message", text);
        self.enter();
        self.wait("message", |found, _| found["text"] == "");
    }
}
