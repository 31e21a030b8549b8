//! A row of a list.

/// One row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// Its name for tests and screen readers: `contact:Bob`.
    pub name: String,
    /// What a click means to the owner of the list.
    pub key: u64,
    /// Whose avatar is drawn; `None` for a headline.
    pub avatar: Option<String>,
    /// Whether the avatar is that of a room.
    pub is_room: bool,
    /// A dot at the avatar: online or not.
    pub presence: Option<bool>,
    /// The first line.
    pub title: String,
    /// The name's own colour.
    pub coloured: bool,
    /// A quiet word after the title: an address, a number.
    pub aside: String,
    /// The second line.
    pub note: String,
    /// At the right of the first line.
    pub time: String,
    /// At the right of the second line.
    pub unread: u64,
    /// Whether this row is the open one.
    pub selected: bool,
    /// What is drawn without words, in words for screen readers: who is online, what is unread.
    pub spoken: Vec<String>,
    /// Buttons below the lines: key, text, whether it is the one to press, name for tests.
    pub actions: Vec<(u64, String, bool, String)>,
}

impl Item {
    /// How high it is.
    pub fn height(&self) -> i32 {
        match (self.avatar.is_some(), self.actions.is_empty()) {
            (false, _) => 34,
            (true, true) => crate::design::theme::size::ROW,
            (true, false) => crate::design::theme::size::ROW + 40,
        }
    }
}

impl Item {
    /// What tells it from the others: a friend and a room may have the same name.
    pub(super) fn known_by(&self) -> String {
        format!("{}{}", self.name, if self.is_room { " room" } else { "" })
    }

    /// All of it in words.
    pub(super) fn words(&self) -> String {
        let mut words = vec![self.title.as_str()];
        words.extend(self.spoken.iter().map(String::as_str));
        words.extend([self.aside.as_str(), self.note.as_str(), self.time.as_str()]);
        words.retain(|part| !part.is_empty());
        words.join(", ")
    }
}

/// What was clicked in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picked {
    /// A row, by its key.
    Row(u64),
    /// A button of a row: the row's key, the button's key.
    Action(u64, u64),
}
