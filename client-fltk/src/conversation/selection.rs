//! Selected text, within one message or over several.

use std::ops::Range;

use uchat_client_core::state::Content;

use super::day;
use super::row::Row;

/// A place in the conversation: which row, which byte of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caret {
    /// The place of the row.
    pub row: usize,
    /// The byte of its text.
    pub byte: usize,
}

/// From where to where something is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Where it began.
    pub from: Caret,
    /// Where it is now.
    pub to: Caret,
}

impl Selection {
    /// Nothing yet, from here.
    pub fn at(caret: Caret) -> Self {
        Self { from: caret, to: caret }
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.from == self.to
    }

    fn ordered(&self) -> (Caret, Caret) {
        (self.from.min(self.to), self.from.max(self.to))
    }

    /// What is selected of a row whose text is so long.
    pub fn within(&self, row: usize, length: usize) -> Range<usize> {
        let (first, last) = self.ordered();
        if row < first.row || row > last.row {
            return 0..0;
        }
        let start = if row == first.row { first.byte.min(length) } else { 0 };
        let end = if row == last.row { last.byte.min(length) } else { length };
        start..end.max(start)
    }

    /// The selected text; with times and names when it is of several messages.
    pub fn text<'a>(&self, row: impl Fn(usize) -> Option<&'a Row>) -> String {
        let (first, last) = self.ordered();
        let part = |at: usize, row: &'a Row| match &row.content {
            Content::Text { text, .. } => {
                text.get(self.within(at, text.len())).unwrap_or_default().to_owned()
            }
            Content::File(file) => format!("[{}]", file.extension),
            Content::Other(_) => "[…]".to_owned(),
        };
        if first.row == last.row {
            return row(first.row).map(|found| part(first.row, found)).unwrap_or_default();
        }
        let mut lines = Vec::new();
        for at in first.row..=last.row {
            if let Some(found) = row(at) {
                lines.push(format!("{} {}: {}", day::clock(found.time), found.sender_name, part(at, found)));
            }
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::{Delivery, RowKey};
    use super::*;

    fn row(name: &str, text: &str) -> Row {
        Row {
            key: RowKey::Outgoing(1),
            sender_id: 1,
            sender_name: name.into(),
            own: false,
            time: 0,
            content: Content::Text { text: text.into(), size: 15, colour: String::new() },
            delivery: Delivery::Sent,
        }
    }

    #[test]
    fn one_message_gives_its_text_and_several_say_who_spoke() {
        let rows = [row("Ann", "你好 world"), row("Bob", "yes")];
        let get = |at: usize| rows.get(at);
        let caret = |row, byte| Caret { row, byte };
        let one = Selection { from: caret(0, 6), to: caret(0, 0) };
        assert_eq!(one.text(get), "你好");
        let both = Selection { from: caret(0, 7), to: caret(1, 3) };
        let text = both.text(get);
        assert!(text.contains("Ann: world\n") && text.ends_with("Bob: yes"), "{text}");
        assert!(Selection::at(caret(0, 3)).is_empty());
    }
}
