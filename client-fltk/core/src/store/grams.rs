//! What the index holds of a text: its single characters, pairs and triples, so that any part of any word is found.
//!
//! ```text
//! 去公园 ok   →   去 公 园 o k  去公 公园 ok
//! hello       →   h e l o       he el ll lo      hel ell llo
//! ```
//!
//! A pair of Chinese characters is a word already; pairs of letters are in half of all messages, so scripts with alphabets
//! have triples too. Nothing spans a blank. A search asks for the longest of these; the few messages that hold all of
//! them but not the searched text are sorted out by looking at them.

use std::collections::HashSet;

/// A longer text is not indexed beyond this many characters.
const MAX_CHARS: usize = 1_000_000;
/// From here on (CJK radicals) characters are words or syllables rather than letters.
const FIRST_WIDE: char = '\u{2e80}';
/// Where the ASCII marks are moved to, since the index's tokenizer would take them for blanks: private characters, with
/// which a message could at worst look like it might match.
const MARKS: u32 = 0xe000;
/// Begins the word that stands for a conversation.
const CONVERSATION: char = '\u{e100}';

/// A character as it is compared: in lower case where that is one character, any blank a space. A text keeps its number
/// of characters, so that a find has its place in the original too.
pub(super) fn fold(c: char) -> char {
    if c.is_whitespace() {
        return ' ';
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// The words of the index for a text of this conversation.
pub(super) fn words(text: &str, conversation: i64) -> String {
    let chars: Vec<char> = text.chars().take(MAX_CHARS).map(fold).collect();
    let mut grams = HashSet::new();
    let mut out = conversation_word(conversation);
    for run in runs(&chars) {
        for length in 1..=3 {
            for gram in run.windows(length).filter(|gram| length < 3 || is_narrow(gram)) {
                if grams.insert(gram) {
                    out.push(' ');
                    out.extend(gram.iter().copied().map(in_word));
                }
            }
        }
    }
    out
}

/// The word for a conversation, in every message of it.
pub(super) fn conversation_word(conversation: i64) -> String {
    format!("{CONVERSATION}{conversation}")
}

/// The words that a message must have to hold this folded text; none if it is blank. Each character is in one of them,
/// but single ones are left out where there are longer ones.
pub(super) fn asked(needle: &[char]) -> Vec<String> {
    let mut long = Vec::new();
    let mut single = Vec::new();
    for run in runs(needle) {
        if let [one] = run {
            single.push(word(&[*one]));
        }
        long.extend(run.windows(3).filter(|triple| is_narrow(triple)).map(word));
        for at in 0..run.len().saturating_sub(1) {
            let within =
                |triple: Option<&[char]>| triple.is_some_and(|triple| triple.len() == 3 && is_narrow(triple));
            let in_a_triple = within(run.get(at..at + 3)) || (at > 0 && within(run.get(at - 1..at + 2)));
            if !in_a_triple {
                long.push(word(&run[at..at + 2]));
            }
        }
    }
    let mut words = if long.is_empty() { single } else { long };
    words.sort();
    words.dedup();
    words
}

/// The parts between blanks.
fn runs(chars: &[char]) -> impl Iterator<Item = &[char]> {
    chars.split(|c| *c == ' ').filter(|run| !run.is_empty())
}

fn is_narrow(chars: &[char]) -> bool {
    chars.iter().all(|c| *c < FIRST_WIDE)
}

fn word(chars: &[char]) -> String {
    chars.iter().copied().map(in_word).collect()
}

fn in_word(c: char) -> char {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        char::from_u32(MARKS + u32::from(c)).unwrap_or(c)
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<char> {
        text.chars().map(fold).collect()
    }

    #[test]
    fn a_text_is_its_characters_pairs_and_triples() {
        let words = words("去公园 OK", 7);
        let words: Vec<_> = words.split(' ').collect();
        assert_eq!(words, ["\u{e100}7", "去", "公", "园", "去公", "公园", "o", "k", "ok"]);
    }

    #[test]
    fn a_search_asks_for_the_longest_words_that_cover_it() {
        assert_eq!(asked(&folded("公园")), ["公园"]);
        assert_eq!(asked(&folded("公")), ["公"]);
        assert_eq!(asked(&folded("Hell")), ["ell", "hel"]);
        assert_eq!(asked(&folded("去OK")), ["ok", "去o"]);
        assert_eq!(asked(&folded("a go")), ["go"]);
        assert_eq!(asked(&folded("a 公")), ["a", "公"]);
        assert_eq!(asked(&folded("  ")), [""; 0]);
    }

    #[test]
    fn each_word_that_a_search_asks_for_is_in_the_index_of_a_text_that_holds_it() {
        let text = "Hello，世界！ it's 100% \"ok\"* (发一个email给我)";
        let words = words(text, 1);
        let words: HashSet<_> = words.split(' ').collect();
        let chars = folded(text);
        for from in 0..chars.len() {
            for to in from + 1..=chars.len() {
                for asked in asked(&chars[from..to]) {
                    assert!(words.contains(asked.as_str()), "{asked} of {:?}", &chars[from..to]);
                }
            }
        }
    }
}
