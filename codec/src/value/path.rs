//! Where in a value something is wrong.

use std::fmt;

/// A peer's keys can be long; this many characters tell which one is meant.
const SHOWN_KEY_CHARS: usize = 32;

/// The place of a value inside another, like `.message.data[3]`; empty for the whole.
///
/// It is put together from the inside out while an error goes up, so that it costs nothing when all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// Whether the whole value is meant.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn under_key(&mut self, key: &str) {
        let shown: String = key.chars().take(SHOWN_KEY_CHARS).flat_map(char::escape_debug).collect();
        let cut = if key.chars().nth(SHOWN_KEY_CHARS).is_some() { "…" } else { "" };
        self.0.insert_str(0, &format!(".{shown}{cut}"));
    }

    pub(crate) fn under_index(&mut self, index: usize) {
        self.0.insert_str(0, &format!("[{index}]"));
    }
}

/// The path, or `the top` when it is empty.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "the top" } else { &self.0 })
    }
}
