//! Selected text, within one message or over several.

use std::ops::Range;

use super::row::{Row, RowKey};

/// A place in the conversation: which message, which byte of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caret {
    /// The message.
    pub key: RowKey,
    /// The byte of its text; beyond its end means the end.
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

    /// Everything of these messages.
    pub fn all(first: RowKey, last: RowKey) -> Self {
        Self { from: Caret { key: first, byte: 0 }, to: Caret { key: last, byte: usize::MAX } }
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.from == self.to
    }

    /// Where it begins and ends, in the order of the conversation.
    pub fn ordered(&self) -> (Caret, Caret) {
        (self.from.min(self.to), self.from.max(self.to))
    }

    /// What is selected of a message whose text is so long.
    pub fn within(&self, key: RowKey, length: usize) -> Range<usize> {
        let (first, last) = self.ordered();
        if key < first.key || key > last.key {
            return 0..0;
        }
        let start = if key == first.key { first.byte.min(length) } else { 0 };
        let end = if key == last.key { last.byte.min(length) } else { length };
        start..end.max(start)
    }

    /// Whether a message without text is among what is selected.
    pub fn covers(&self, key: RowKey) -> bool {
        !self.within(key, 1).is_empty()
    }

    /// The selected text of these messages; with times and names when it is of several.
    pub fn text<'a>(
        &self,
        rows: impl Iterator<Item = &'a Row>,
        clock: impl Fn(u64) -> String,
        describe: impl Fn(&Row) -> String,
    ) -> String {
        let parts: Vec<(&Row, String)> = rows
            .filter_map(|row| {
                let part = match row.content.text() {
                    Some(text) => text.get(self.within(row.key, text.len())).unwrap_or_default().to_owned(),
                    None if self.covers(row.key) => describe(row),
                    None => String::new(),
                };
                (!part.is_empty()).then_some((row, part))
            })
            .collect();
        match parts.as_slice() {
            [(_, only)] => only.clone(),
            several => several
                .iter()
                .map(|(row, part)| format!("{} {}: {part}", clock(row.time), row.sender_name))
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use uchat_client_core::attachment::Attachment;
    use uchat_client_core::state::Content;

    use super::super::row::Delivery;
    use super::*;

    fn row(number: u64, name: &str, content: Content) -> Row {
        Row {
            key: RowKey::Stored { time: number, row: 1 },
            sender_id: 1,
            sender_name: name.into(),
            own: false,
            time: number,
            content,
            delivery: Delivery::Sent,
            number: None,
        }
    }

    fn text(words: &str) -> Content {
        Content::Text { text: words.into(), size: 15, colour: String::new() }
    }

    fn three() -> [Row; 3] {
        let image = Attachment { sha256: String::new(), bytes: 1, extension: "png", name: String::new() };
        [row(1, "Ann", text("你好 world")), row(2, "Ann", Content::File(image)), row(3, "Bob", text("yes"))]
    }

    fn copied(from: (u64, usize), to: (u64, usize)) -> String {
        let caret = |(time, byte)| Caret { key: RowKey::Stored { time, row: 1 }, byte };
        let selection = Selection { from: caret(from), to: caret(to) };
        selection.text(three().iter(), |time| format!("12:0{time}"), |_| "[Image]".into())
    }

    #[test]
    fn a_part_of_one_message_is_copied_bare_whichever_way_it_was_drawn() {
        assert_eq!(copied((1, 6), (1, 0)), "你好");
        assert_eq!(copied((1, 7), (1, usize::MAX)), "world");
        assert_eq!(copied((1, 3), (1, 3)), "");
    }

    #[test]
    fn several_messages_are_copied_with_times_and_names() {
        let all = "12:01 Ann: world\n12:02 Ann: [Image]\n12:03 Bob: yes";
        assert_eq!(copied((1, 7), (3, 3)), all);
        assert_eq!(copied((3, 3), (1, 7)), all);
    }

    #[test]
    fn a_message_of_which_nothing_is_selected_is_not_copied() {
        assert_eq!(copied((2, 1), (3, 1)), "y", "the pointer began beyond the image");
    }
}
