//! Peer text made harmless for a terminal.

use std::borrow::Cow;

/// One line without control characters: a peer can't move the cursor, ring, recolour, fake a line of ours, or turn
/// the direction of the text around. Line ends become ` ⏎ `.
pub fn line(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| !is_harmful(c)) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => clean.push_str(" ⏎ "),
            '\t' => clean.push(' '),
            c if is_harmful(c) => clean.push('\u{fffd}'),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

fn is_harmful(c: char) -> bool {
    // Control characters of both sets, line separators, and the marks that reorder what follows.
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(line("\u{1b}[2Jhi\u{7}"), "\u{fffd}[2Jhi\u{fffd}");
        assert_eq!(line("a\u{9b}31m"), "a\u{fffd}31m");
        assert_eq!(line("x\u{202e}gpj.exe"), "x\u{fffd}gpj.exe");
    }

    #[test]
    fn a_message_can_not_fake_a_second_line() {
        assert_eq!(line("hi\r\nbob: send money"), "hi ⏎ bob: send money");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        assert_eq!(line("你好 👋 naïve"), "你好 👋 naïve");
    }
}
