//! Dicts that keep their order.

use std::collections::HashMap;
use std::fmt;

use bytestring::ByteString;

use super::Value;

/// Up to this many entries a key is found by looking at each: cheaper than an index.
const INDEX_ABOVE: usize = 16;

/// Pairs of text and value in the order in which they were first inserted (PROTOCOL.md §2.6).
///
/// Two dicts are equal when they hold the same pairs in the same order.
#[derive(Clone, Default)]
pub struct Dict {
    entries: Vec<(ByteString, Value)>,
    /// Where each key is, so that huge dicts don't take quadratic time. `None` while they are small.
    #[expect(clippy::box_collection, reason = "most dicts are small: this keeps every value small")]
    index: Option<Box<HashMap<ByteString, usize>>>,
}

impl Dict {
    /// A dict without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// A dict without entries, and with room for so many.
    pub fn with_capacity(entries: usize) -> Self {
        Self { entries: Vec::with_capacity(entries), index: None }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).map(|position| &self.entries[position].1)
    }

    /// Sets a key. A key that is there already keeps its position; the value that it had is returned.
    pub fn insert(&mut self, key: impl Into<ByteString>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        if let Some(position) = self.position(&key) {
            return Some(std::mem::replace(&mut self.entries[position].1, value));
        }
        let position = self.entries.len();
        match &mut self.index {
            Some(index) => {
                index.insert(key.clone(), position);
            }
            None if position >= INDEX_ABOVE => {
                let mut index = HashMap::with_capacity(self.entries.capacity());
                index.extend(self.entries.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)));
                index.insert(key.clone(), position);
                self.index = Some(Box::new(index));
            }
            None => {}
        }
        self.entries.push((key, value));
        None
    }

    /// The entries in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (&**key, value))
    }

    fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|(have, _)| &**have == key),
        }
    }
}

impl IntoIterator for Dict {
    type Item = (ByteString, Value);
    type IntoIter = std::vec::IntoIter<(ByteString, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Into<ByteString>, V: Into<Value>> FromIterator<(K, V)> for Dict {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut dict = Self::new();
        for (key, value) in pairs {
            dict.insert(key, value);
        }
        dict
    }
}

impl PartialEq for Dict {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl fmt::Debug for Dict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
