//! Lines of text: where they may break (UAX #14), how wide they are, where links are.

use std::ops::Range;

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_segmentation::UnicodeSegmentation as _;

/// Knows how wide a text is. Tests measure without a display.
pub trait Measure {
    /// The width of a text without line ends, in pixels, in this size.
    fn width(&mut self, text: &str, size: i32) -> f32;
}

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
        let rest = piece[shown.len()..]
            .trim_end_matches(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}', '\u{b}', '\u{c}']);
        if !rest.is_empty() {
            blanks += measure.width(&rest.replace('\t', "    "), size);
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

/// Where the links of a text are.
pub fn links(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for start in ["http://", "https://", "www."] {
        for (at, _) in text.match_indices(start) {
            let inside = found.iter().any(|link| link.contains(&at));
            let joined = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
            let length = text[at..].find(ends_link).unwrap_or(text.len() - at);
            let link = trim_link(&text[at..at + length]);
            if !inside && !joined && link.len() > start.len() + 2 {
                found.push(at..at + link.len());
            }
        }
    }
    found.sort_by_key(|link| link.start);
    found
}

fn ends_link(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '`')
        || ('\u{3000}'..='\u{ffef}').contains(&c)
}

/// A sentence's own punctuation does not belong to a link at its end; a bracket does when it was opened inside.
fn trim_link(mut link: &str) -> &str {
    loop {
        let Some(last) = link.chars().next_back() else { return link };
        let opened = match last {
            ')' => link.matches('(').count() >= link.matches(')').count(),
            ']' => link.matches('[').count() >= link.matches(']').count(),
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' => false,
            _ => true,
        };
        if opened {
            return link;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Latin letters are half as wide as Chinese ones.
    pub(crate) struct Fixed;

    impl Measure for Fixed {
        fn width(&mut self, text: &str, size: i32) -> f32 {
            let half = f32::from(i16::try_from(size).unwrap()) / 2.0;
            text.chars().map(|c| if c.is_ascii() { half } else { half * 2.0 }).sum()
        }
    }

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
    fn a_chinese_comma_never_begins_a_line() {
        assert_eq!(shown("今天天气好，去公园", 50.0), ["今天天气", "好，去公园"]);
        assert_eq!(shown("你好hello世界", 50.0), ["你好hello", "世界"]);
    }

    #[test]
    fn a_word_wider_than_the_line_breaks_between_graphemes() {
        assert_eq!(shown("abcdefghij", 20.0), ["abcd", "efgh", "ij"]);
        assert_eq!(shown("xy abcdefghij z", 20.0), ["xy", "abcd", "efgh", "ij z"]);
    }

    #[test]
    fn links_end_where_the_sentence_goes_on() {
        let found = |text: &'static str| links(text).into_iter().map(|link| &text[link]).collect::<Vec<_>>();
        assert_eq!(found("see https://a.cn/x_(y), or www.b.org."), ["https://a.cn/x_(y)", "www.b.org"]);
        assert_eq!(found("看https://a.cn/x的图"), ["https://a.cn/x"]);
        assert_eq!(found("https://"), [""; 0]);
        assert_eq!(found("xhttp://a.b nothttp"), [""; 0]);
        assert_eq!(found("(http://a.bc)"), ["http://a.bc"]);
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
