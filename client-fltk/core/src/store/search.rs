//! Finding a part of a word in every message, Chinese included.
//!
//! Every text is indexed by its pairs of neighbouring characters: a word of any language is a chain of pairs, so a
//! message that holds the word holds all its pairs. The few messages that hold the pairs but not the word are sorted out
//! by looking at them.

use rusqlite::params;

use super::messages::key;
use super::{LocalStore, StoreError, Stored};
use crate::ConversationId;

/// A longer text is not indexed beyond this many characters.
const MAX_CHARS: usize = 20_000;
/// A longer search is cut.
const MAX_NEEDLE: usize = 100;
/// So many messages are looked at for one search; the newest first.
const MAX_LOOKED_AT: i64 = 20_000;
/// What is shown around a find.
const AROUND: usize = 24;

/// A found message.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The message.
    pub stored: Stored,
    /// The text around the find, on one line.
    pub snippet: String,
}

/// The words of the index for a text: each pair of neighbouring letters, and the last letter of each run.
pub(super) fn pairs(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut out = String::with_capacity(lower.len() * 3);
    let mut before: Option<char> = None;
    for c in lower.chars().take(MAX_CHARS).chain(std::iter::once(' ')) {
        let letter = c.is_alphanumeric();
        if let Some(first) = before {
            out.push(first);
            if letter {
                out.push(c);
            }
            out.push(' ');
        }
        before = letter.then_some(c);
    }
    out
}

/// What the index is asked: every pair must be there; a letter that stands alone must begin some pair. `None` when there
/// is no letter at all.
fn question(needle: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = needle.to_lowercase().chars().collect();
    for run in chars.split(|c| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        if run.len() == 1 {
            words.push(format!("\"{}\"*", run[0]));
        }
        words.extend(run.windows(2).map(|pair| format!("\"{}{}\"", pair[0], pair[1])));
    }
    words.sort();
    words.dedup();
    (!words.is_empty()).then(|| words.join(" AND "))
}

impl LocalStore {
    /// Messages whose text holds this, whatever the case of its letters; the newest first.
    pub fn search(
        &self,
        needle: &str,
        within: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let needle: String = needle.trim().chars().take(MAX_NEEDLE).collect();
        if needle.is_empty() {
            return Ok(Vec::new());
        }
        let lower = needle.to_lowercase();
        let Some(question) = question(&needle) else { return self.scan(&lower, within, limit) };
        let sql = "SELECT pairs.rowid, text, kind, target FROM pairs JOIN message ON message.id = pairs.rowid \
                   WHERE pairs MATCH ?1 ORDER BY pairs.rowid DESC LIMIT ?2";
        self.collect(sql, params![question, MAX_LOOKED_AT], &lower, within, limit)
    }

    /// A search without letters looks at the newest messages one by one.
    fn scan(
        &self,
        lower: &str,
        within: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let sql = "SELECT id, text, kind, target FROM message ORDER BY id DESC LIMIT ?1";
        self.collect(sql, params![MAX_LOOKED_AT], lower, within, limit)
    }

    fn collect(
        &self,
        sql: &str,
        args: &[&dyn rusqlite::ToSql],
        lower: &str,
        within: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(args)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let Some(text) = row.get::<_, Option<String>>(1)? else { continue };
            let place: (u8, i64) = (row.get(2)?, row.get(3)?);
            if within.is_some_and(|within| key(within) != place) {
                continue;
            }
            let Some(snippet) = snippet(&text, lower) else { continue };
            if let Some(stored) = self.message(row.get(0)?)? {
                found.push(Found { stored, snippet });
            }
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }
}

/// The text around the find; `None` when it is not there.
fn snippet(text: &str, lower: &str) -> Option<String> {
    // Lower case may be longer than the text itself, so places are counted in characters of the lower case.
    let folded = text.to_lowercase();
    let at = folded.find(lower)?;
    let before = folded[..at].chars().count();
    let source: &str = if folded.chars().count() == text.chars().count() { text } else { &folded };
    let start = before.saturating_sub(AROUND / 2);
    let part: String = source.chars().skip(start).take(AROUND + lower.chars().count() + AROUND).collect();
    let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(if start > 0 { format!("…{part}") } else { part })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_its_pairs() {
        assert_eq!(pairs("你好 Ab!"), "你好 好 ab b ");
        assert_eq!(question("好吗 x"), Some("\"x\"* AND \"好吗\"".into()));
        assert_eq!(question("?!"), None);
    }

    #[test]
    fn a_find_is_shown_with_what_stands_around_it() {
        assert_eq!(snippet("Hello World", "world").unwrap(), "Hello World");
        assert!(
            snippet(&format!("{}公园{}", "前".repeat(50), "后".repeat(50)), "公园").unwrap().starts_with('…')
        );
        assert_eq!(snippet("abc", "x"), None);
    }
}
