//! Links in texts: where they begin and end.

use std::ops::Range;

/// More links of one text are not found.
const MAX_LINKS: usize = 200;
/// A link ends after so many bytes.
const MAX_LENGTH: usize = 2_000;
/// What a link begins with.
const STARTS: [&str; 3] = ["http://", "https://", "www."];

/// Where the links of a text are, in their order.
pub fn links(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(at) = next_start(text, from) {
        let joined = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let link = trim_link(whole_link(&text[at..]));
        from = at + 4;
        if !joined && link.len() > link.find("//").map_or(4, |slashes| slashes + 2) + 2 {
            from = at + link.len();
            found.push(at..from);
            if found.len() == MAX_LINKS {
                break;
            }
        }
    }
    found
}

/// The next place where a link may begin.
fn next_start(text: &str, mut from: usize) -> Option<usize> {
    loop {
        let at = from + text.get(from..)?.find(['h', 'w'])?;
        if STARTS.iter().any(|start| text[at..].starts_with(start)) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// As far as a link may go.
fn whole_link(text: &str) -> &str {
    let end = text.char_indices().find(|(at, c)| *at >= MAX_LENGTH || ends_link(*c));
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

fn ends_link(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '`')
        || ('\u{3000}'..='\u{ffef}').contains(&c)
}

/// A sentence's own punctuation does not belong to a link at its end; a bracket does when it was opened inside.
fn trim_link(mut link: &str) -> &str {
    let count = |bracket: char| link.matches(bracket).count();
    let mut surplus = [(')', count(')'), count('(')), (']', count(']'), count('['))];
    while let Some(last) = link.chars().next_back() {
        let foreign = match surplus.iter_mut().find(|(bracket, ..)| *bracket == last) {
            Some((_, closed, opened)) if *closed > *opened => {
                *closed -= 1;
                true
            }
            Some(_) => false,
            None => matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\''),
        };
        if !foreign {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    link
}

/// The address that a link opens.
pub fn address(link: &str) -> String {
    if link.starts_with("www.") { format!("https://{link}") } else { link.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_end_where_the_sentence_goes_on() {
        let found = |text: &'static str| links(text).into_iter().map(|link| &text[link]).collect::<Vec<_>>();
        assert_eq!(found("see https://a.cn/x_(y), or www.b.org."), ["https://a.cn/x_(y)", "www.b.org"]);
        assert_eq!(found("看https://a.cn/x的图"), ["https://a.cn/x"]);
        assert_eq!(found("https://"), [""; 0]);
        assert_eq!(found("xhttp://a.b nothttp"), [""; 0]);
        assert_eq!(found("(http://a.bc)"), ["http://a.bc"]);
    }

    #[test]
    fn a_text_made_of_links_alone_has_a_bounded_number_of_them() {
        assert_eq!(links(&"http://a.bc ".repeat(10_000)).len(), MAX_LINKS);
        assert!(links(&"http://".repeat(20_000)).len() <= MAX_LINKS);
        assert!(links(&format!("http://a{}", ")".repeat(50_000))).len() <= 1);
    }

    #[test]
    fn a_link_without_a_scheme_opens_securely() {
        assert_eq!(address("www.rust-lang.org"), "https://www.rust-lang.org");
        assert_eq!(address("http://a.bc"), "http://a.bc");
    }
}
