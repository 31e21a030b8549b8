//! Finding any part of any word in every message, Chinese included.

use std::ops::Range;

use rusqlite::params;

use super::grams;
use super::rows::key;
use super::{LocalStore, StoreError, Stored};
use crate::ConversationId;

/// A longer search is cut.
const MAX_NEEDLE: usize = 100;
/// So many messages are looked at in one call.
const MAX_LOOKED_AT: usize = 4_000;
/// No call gives more.
const MAX_FOUND: usize = 1_000;
/// So many words of a search are looked up, the rarest ones; the others are left to looking at the messages.
const MAX_WORDS: usize = 4;
/// How many of a word's newest messages tell how rare it is.
const SAMPLE: i64 = 64;
/// What is shown around a find.
const AROUND: usize = 24;

/// A found message.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The message.
    pub stored: Stored,
    /// Where the first find is in its text, in bytes.
    pub range: Range<usize>,
    /// The text around the find, on one line.
    pub snippet: String,
}

/// What a search has found so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// The newest first.
    pub found: Vec<Found>,
    /// Where to go on, if there may be more.
    pub next: Option<i64>,
}

impl LocalStore {
    /// Messages whose text holds this, whatever the case of its letters; the newest first. See
    /// [`search_from`](Self::search_from).
    pub fn search(
        &self,
        needle: &str,
        within: Option<ConversationId>,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        Ok(self.search_from(None, needle, within, limit)?.found)
    }

    /// The same, with older finds when [`Hits::next`] of the call before is given. Each call does a bounded amount of
    /// work, so it can find little, or nothing, and still say that there may be more.
    ///
    /// Goes by arrival, the latest first, and puts what one call finds into order of time. These differ only for messages
    /// that came here late.
    pub fn search_from(
        &self,
        next: Option<i64>,
        needle: &str,
        within: Option<ConversationId>,
        limit: usize,
    ) -> Result<Hits, StoreError> {
        let needle: Vec<char> = needle.trim().chars().take(MAX_NEEDLE).map(grams::fold).collect();
        let Some(question) = self.question(&needle, within)? else { return Ok(Hits::default()) };
        let needle: String = needle.into_iter().collect();
        let limit = limit.clamp(1, MAX_FOUND);
        let sql = "SELECT rowid FROM gram WHERE gram MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC";
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(params![question, next.unwrap_or(i64::MAX)])?;
        let mut hits = Hits::default();
        let mut looked_at = 0;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            looked_at += 1;
            hits.found.extend(self.look(id, &needle, within)?);
            if hits.found.len() >= limit || looked_at >= MAX_LOOKED_AT {
                hits.next = Some(id);
                break;
            }
        }
        hits.found.sort_by_key(|found| std::cmp::Reverse(found.stored.position));
        Ok(hits)
    }

    /// What the index is asked, the rarest word first. `None` when there can be no find.
    fn question(
        &self,
        needle: &[char],
        within: Option<ConversationId>,
    ) -> Result<Option<String>, StoreError> {
        let mut words = Vec::new();
        for word in grams::asked(needle) {
            match self.spread(&word)? {
                Some(spread) => words.push((spread, word)),
                None => return Ok(None),
            }
        }
        if words.is_empty() {
            return Ok(None);
        }
        words.sort_by_key(|(spread, _)| std::cmp::Reverse(*spread));
        words.truncate(MAX_WORDS);
        if let Some(within) = within {
            let Some(conversation) = self.row_of(within)? else { return Ok(None) };
            words.push((0, grams::conversation_word(conversation)));
        }
        let quoted: Vec<_> = words.iter().map(|(_, word)| format!("\"{word}\"")).collect();
        Ok(Some(quoted.join(" AND ")))
    }

    /// How far back the newest messages with this word reach: the rarer, the farther. `None` when there are none.
    fn spread(&self, word: &str) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT min(rowid), max(rowid), count(*) FROM \
                   (SELECT rowid FROM gram WHERE gram MATCH ?1 ORDER BY rowid DESC LIMIT ?2)";
        let mut statement = self.db.prepare_cached(sql)?;
        let found: (Option<i64>, Option<i64>, i64) = statement
            .query_row(params![format!("\"{word}\""), SAMPLE], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        Ok(match found {
            (Some(_), Some(_), count) if count < SAMPLE => Some(i64::MAX - count),
            (Some(oldest), Some(newest), _) => Some(newest - oldest),
            _ => None,
        })
    }

    /// Whether the message holds the folded text.
    fn look(
        &self,
        row: i64,
        needle: &str,
        within: Option<ConversationId>,
    ) -> Result<Option<Found>, StoreError> {
        let Some(stored) = self.message(row)? else { return Ok(None) };
        if within.is_some_and(|within| key(within) != key(stored.conversation)) {
            return Ok(None);
        }
        let Some(text) = stored.content.text() else { return Ok(None) };
        let Some(range) = find(text, needle) else { return Ok(None) };
        let snippet = snippet(text, &range);
        Ok(Some(Found { stored, range, snippet }))
    }
}

/// Where the folded text is, in bytes of the original.
fn find(text: &str, needle: &str) -> Option<Range<usize>> {
    let folded: String = text.chars().map(grams::fold).collect();
    let at = folded.find(needle)?;
    let before = folded[..at].chars().count();
    let byte = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    Some(byte(before)..byte(before + needle.chars().count()))
}

/// The text around the find, with each blank a single space.
fn snippet(text: &str, range: &Range<usize>) -> String {
    let start =
        text[..range.start].char_indices().rev().take(AROUND / 2).last().map_or(range.start, |(at, _)| at);
    let end = text[range.end..].char_indices().nth(AROUND).map_or(text.len(), |(at, _)| range.end + at);
    let part = text[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
    if start > 0 { format!("…{part}") } else { part }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_find_is_one_in_the_original() {
        let find = |text: &'static str, needle: &str| find(text, needle).map(|range| &text[range]);
        assert_eq!(find("Hello World", "o w"), Some("o W"));
        assert_eq!(find("İstanbul ŽIŽKA", "žižka"), Some("ŽIŽKA"));
        assert_eq!(find("我们去公园", "公园"), Some("公园"));
        assert_eq!(find("one\ntwo", "one two"), Some("one\ntwo"));
        assert_eq!(find("abc", "x"), None);
    }

    #[test]
    fn a_find_is_shown_with_what_stands_around_it() {
        assert_eq!(snippet("Hello World", &(6..11)), "Hello World");
        let long = format!("{}公园{}", "前".repeat(50), "后".repeat(50));
        assert_eq!(snippet(&long, &(150..156)), format!("…{}公园{}", "前".repeat(12), "后".repeat(24)));
    }
}
