//! Lines for the user in the bar: of what did not work, and of what did.

use super::App;

/// A line in the bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What is said.
    pub text: String,
    /// How.
    pub tone: Tone,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something has happened as it should.
    Well,
    /// Something did not work.
    Trouble,
}

impl App {
    /// Says in the bar that something did not work.
    pub(crate) fn tell(&mut self, text: impl Into<String>) {
        self.say(text.into(), Tone::Trouble);
    }

    /// Says something in the bar.
    pub(super) fn say(&mut self, text: String, tone: Tone) {
        self.notice = Some(Notice { text, tone });
        self.changes.bar = true;
    }
}
