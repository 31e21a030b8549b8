//! How wide texts are: measured with the font of the window, or by a rule in tests.

use std::collections::HashMap;

use crate::design::paint::FACE;

/// So many widths are remembered; then all are forgotten.
const MAX_WIDTHS: usize = 16_000;
/// Longer pieces, in bytes, are not worth remembering.
const MAX_PIECE: usize = 48;

/// Knows how wide a text is. Tests measure without a display.
pub trait Measure {
    /// The width of a text without line ends, in pixels, in this size.
    fn width(&mut self, text: &str, size: i32) -> f32;
}

/// Measures with the font of the window, and remembers.
#[derive(Debug, Default)]
pub struct Ruler {
    sizes: HashMap<i32, HashMap<Box<str>, f32>>,
    kept: usize,
}

impl Ruler {
    /// Forgets all widths: the font is another now.
    pub fn clear(&mut self) {
        self.sizes.clear();
        self.kept = 0;
    }
}

impl Measure for Ruler {
    fn width(&mut self, text: &str, size: i32) -> f32 {
        if text.len() > MAX_PIECE {
            return drawn_width(text, size);
        }
        if let Some(width) = self.sizes.get(&size).and_then(|widths| widths.get(text)) {
            return *width;
        }
        if self.kept >= MAX_WIDTHS {
            self.clear();
        }
        let width = drawn_width(text, size);
        self.sizes.entry(size).or_default().insert(text.into(), width);
        self.kept += 1;
        width
    }
}

fn drawn_width(text: &str, size: i32) -> f32 {
    fltk::draw::set_font(FACE, size);
    #[expect(clippy::cast_possible_truncation, reason = "widths of texts on a screen")]
    let width = fltk::draw::width(&printable(text)) as f32;
    width
}

/// The text as it is drawn: tabs are blanks, other control characters are nothing.
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.into()
}

/// Latin letters are half as wide as Chinese ones.
#[cfg(test)]
pub(crate) struct Fixed;

#[cfg(test)]
impl Measure for Fixed {
    fn width(&mut self, text: &str, size: i32) -> f32 {
        let half = f32::from(i16::try_from(size).unwrap()) / 2.0;
        printable(text).chars().map(|c| if c.is_ascii() { half } else { half * 2.0 }).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_not_drawn() {
        assert_eq!(printable("a\tb\u{0}\u{7}c"), "a    bc");
        assert_eq!(printable("你好"), "你好");
    }
}
