//! Lines of text: where they may break (UAX #14), how wide they are.

use std::ops::Range;

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_segmentation::UnicodeSegmentation as _;

use super::measure::Measure;

/// What ends a line in any case.
pub const LINE_ENDS: [char; 7] = ['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}', '\u{b}', '\u{c}'];

/// One line of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The bytes of the text that it shows, without blanks at the end.
    pub range: Range<usize>,
    /// How wide that is.
    pub width: f32,
}

/// Breaks a text into lines that are no wider than `most`. Words that are wider on their own break between graphemes.
pub fn wrap(text: &str, most: f32, size: i32, measure: &mut impl Measure) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut end = 0;
    let mut width = 0.0;
    // The width of the blanks that would only count if more followed on the same line.
    let mut blanks = 0.0;
    let mut from = 0;
    for (to, kind) in linebreaks(text) {
        let piece = &text[from..to];
        let shown = piece.trim_end_matches(|c: char| c.is_whitespace());
        let shown_width = if shown.is_empty() { 0.0 } else { measure.width(shown, size) };
        if width > 0.0 && width + blanks + shown_width > most {
            lines.push(Line { range: start..end, width });
            (start, end, width, blanks) = (from, from, 0.0, 0.0);
        } else if width == 0.0 && blanks + shown_width > most {
            // An indent that leaves too little room is given up.
            (start, end, blanks) = (from, from, 0.0);
        }
        if shown_width > most {
            split(text, from..from + shown.len(), most, size, measure, &mut lines);
            if let Some(last) = lines.pop() {
                (start, end, width) = (last.range.start, last.range.end, last.width);
            }
        } else if !shown.is_empty() {
            width += blanks + shown_width;
            end = from + shown.len();
            blanks = 0.0;
        }
        let rest = piece[shown.len()..].trim_end_matches(LINE_ENDS);
        if !rest.is_empty() {
            blanks += measure.width(rest, size);
        }
        if kind == BreakOpportunity::Mandatory && to < text.len() || to == text.len() {
            lines.push(Line { range: start..end, width });
            (start, end, width, blanks) = (to, to, 0.0, 0.0);
        }
        from = to;
    }
    if text.ends_with('\n') {
        lines.push(Line { range: text.len()..text.len(), width: 0.0 });
    }
    if lines.is_empty() {
        lines.push(Line { range: 0..0, width: 0.0 });
    }
    lines
}

/// Breaks one long word between graphemes.
fn split(
    text: &str,
    word: Range<usize>,
    most: f32,
    size: i32,
    measure: &mut impl Measure,
    lines: &mut Vec<Line>,
) {
    let mut start = word.start;
    let mut width = 0.0;
    for (at, grapheme) in text[word.clone()].grapheme_indices(true) {
        let at = word.start + at;
        let more = measure.width(grapheme, size);
        if width > 0.0 && width + more > most {
            lines.push(Line { range: start..at, width });
            (start, width) = (at, 0.0);
        }
        width += more;
    }
    lines.push(Line { range: start..word.end, width });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::measure::Fixed;
    use super::*;

    fn shown(text: &str, most: f32) -> Vec<&str> {
        wrap(text, most, 10, &mut Fixed).into_iter().map(|line| &text[line.range]).collect()
    }

    #[test]
    fn words_stay_whole_and_blanks_at_line_ends_vanish() {
        assert_eq!(shown("hello big world", 50.0), ["hello big", "world"]);
        assert_eq!(shown("a  b", 100.0), ["a  b"]);
        assert_eq!(shown("one\n\ntwo\n", 100.0), ["one", "", "two", ""]);
        assert_eq!(shown("", 100.0), [""]);
    }

    #[test]
    fn an_indent_stays_unless_it_leaves_too_little_room() {
        assert_eq!(shown("  ab", 50.0), ["  ab"]);
        assert_eq!(shown(" 你，", 20.0), ["你，"]);
    }

    #[test]
    fn a_chinese_comma_never_begins_a_line() {
        assert_eq!(shown("今天天气好，去公园", 50.0), ["今天天气", "好，去公园"]);
        assert_eq!(shown("你好hello世界", 50.0), ["你好hello", "世界"]);
    }

    #[test]
    fn a_word_wider_than_the_line_breaks_between_graphemes() {
        assert_eq!(shown("abcdefghij", 20.0), ["abcd", "efgh", "ij"]);
        assert_eq!(shown("xy abcdefghij z", 20.0), ["xy", "abcd", "efgh", "ij z"]);
    }

    proptest! {
        #[test]
        fn no_text_is_lost_and_no_line_is_too_wide(text in "[a-z你好， \n\u{1F600}]{0,60}", most in 20.0_f32..80.0) {
            let lines = wrap(&text, most, 10, &mut Fixed);
            let joined: String = lines.iter().map(|line| &text[line.range.clone()]).collect();
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&joined), bare(&text));
            prop_assert!(lines.is_sorted_by_key(|line| line.range.start));
            for line in &lines {
                prop_assert!(line.width <= most + 0.01 || text[line.range.clone()].chars().count() == 1);
            }
        }
    }
}
