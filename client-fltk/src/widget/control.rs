//! A control as tests and screen readers see it.

use crate::design::paint::Area;

/// One thing in the window that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// What it is called, always the same: `send`, `contact:Bob`.
    pub name: String,
    /// What it is: `button`, `field`, `password`, `text`, `row`, `message`, `image`.
    pub role: &'static str,
    /// Where it is, in the window.
    pub area: Area,
    /// What it is called for people, where that is not what it says: the label of a field.
    pub label: String,
    /// What it is known by where its name only counts what is in sight: the number of a message. Else empty.
    pub key: String,
    /// Whether it is the chosen one of several; `None` where there is nothing to choose.
    pub chosen: Option<bool>,
    /// What it says. Never what is in a password field.
    pub text: String,
    /// Whether there is anything in it: of a password all that is told, and to tests alone.
    pub filled: bool,
    /// Whether it can be used.
    pub enabled: bool,
    /// Whether keys go to it.
    pub focused: bool,
}

impl Control {
    /// Something that can be used and has no focus.
    pub fn new(name: impl Into<String>, role: &'static str, area: Area, text: impl Into<String>) -> Self {
        let (name, text) = (name.into(), text.into());
        let (label, key, filled) = (String::new(), String::new(), !text.is_empty());
        Self { name, role, area, label, key, chosen: None, text, filled, enabled: true, focused: false }
    }
}
