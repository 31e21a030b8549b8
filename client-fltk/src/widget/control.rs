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
    /// What it says. Never what is in a password field.
    pub text: String,
    /// Whether it can be used.
    pub enabled: bool,
    /// Whether keys go to it.
    pub focused: bool,
}

impl Control {
    /// Something that can be used and has no focus.
    pub fn new(name: impl Into<String>, role: &'static str, area: Area, text: impl Into<String>) -> Self {
        Self { name: name.into(), role, area, text: text.into(), enabled: true, focused: false }
    }
}
