//! Which messages are loaded, where each one is, and what the place in them is.
//!
//! Heights are estimated first and measured when a message comes into sight. Whatever changes above or below, the
//! message in the middle of the view stays where it is.
//!
//! - `change`: messages come and go
//! - `place`: what is in sight, moving the view

mod change;
mod place;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use change::Said;

use super::bubble::{Around, Bubble, FIRST_BYTES, estimate, lay_out};
use super::day;
use super::measure::Measure;
use super::row::{Row, RowKey};

/// So many messages are loaded at once; the far ones go and are asked for again.
pub const MAX_ROWS: usize = 1_500;
/// The free line above the first and below the last message.
const MARGIN: i32 = 12;
/// The place above the first message when older ones exist.
pub const ABOVE: i32 = 44;
/// Newly laid out rows may bring others into sight so many times within one drawing.
const MAX_PASSES: usize = 12;
/// The narrowest layout; a narrower view is cut at the right.
const MIN_WIDTH: i32 = 200;

/// What a layout needs to know from outside.
pub trait Surroundings: Measure {
    /// The size at which an image is drawn, once it is known.
    fn image(&mut self, row: &Row) -> Option<(i32, i32)>;
    /// The width of the time with the mark of its delivery.
    fn time_width(&mut self, row: &Row) -> i32;
    /// The width of the words for what can't be shown.
    fn other_width(&mut self) -> i32;
    /// What a line of the server says; empty for any other message.
    fn line(&mut self, row: &Row) -> String;
}

/// One message and what is known about its look.
#[derive(Debug)]
struct Slot {
    row: Row,
    /// As measured, or estimated while there is no `bubble`.
    height: i32,
    bubble: Option<Bubble>,
}

/// The loaded messages and the place in them.
#[derive(Debug, Default)]
pub struct Timeline {
    /// The stored messages, then the `outgoing` ones.
    slots: Vec<Slot>,
    stored: usize,
    /// Own messages that are not confirmed; among the slots only when the newest stored message is there too.
    outgoing: Vec<Row>,
    /// The upper edge of each slot, and the end of the last one.
    tops: Vec<i32>,
    /// How much of long texts is shown.
    grown: HashMap<RowKey, usize>,
    fresh: Option<RowKey>,
    names: bool,
    width: i32,
    height: i32,
    offset: i32,
    /// Whether the view stays at the newest message when others come.
    follows: bool,
    more: More,
}

/// Whether there are messages beyond the loaded ones.
#[derive(Clone, Copy, Debug, Default)]
struct More {
    before: bool,
    after: bool,
}

impl Timeline {
    /// How many messages there are, with those on their way.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether there are older messages than the loaded ones.
    pub fn more_before(&self) -> bool {
        self.more.before
    }

    /// Whether there are newer messages than the loaded ones.
    pub fn more_after(&self) -> bool {
        self.more.after
    }

    /// A message by its place.
    pub fn row(&self, at: usize) -> Option<&Row> {
        self.slots.get(at).map(|slot| &slot.row)
    }

    /// How it is laid out, once it has been in sight.
    pub fn bubble(&self, at: usize) -> Option<&Bubble> {
        self.slots.get(at)?.bubble.as_ref()
    }

    /// The place of a message.
    pub fn index(&self, key: RowKey) -> Option<usize> {
        let stored = self.slots.get(..self.stored)?;
        stored
            .binary_search_by_key(&key, |slot| slot.row.key)
            .ok()
            .or_else(|| (self.stored..self.len()).find(|at| self.slots[*at].row.key == key))
    }

    /// The first and the last loaded message of the history.
    pub fn ends(&self) -> Option<(RowKey, RowKey)> {
        let last = self.stored.checked_sub(1)?;
        Some((self.slots.first()?.row.key, self.slots.get(last)?.row.key))
    }

    /// All messages from one to another, with both.
    pub fn between(&self, first: RowKey, last: RowKey) -> impl Iterator<Item = &Row> {
        self.slots.iter().map(|slot| &slot.row).filter(move |row| (first..=last).contains(&row.key))
    }

    /// Whether senders are named.
    pub fn names(&self) -> bool {
        self.names
    }

    fn lay_out(&mut self, at: usize, outside: &mut impl Surroundings) {
        let before = at.checked_sub(1).and_then(|before| self.row(before));
        let Some(row) = self.row(at) else { return };
        let line = outside.line(row);
        let around = Around {
            width: self.width.max(MIN_WIDTH),
            before,
            names: self.names,
            fresh: self.fresh == Some(row.key),
            shown: self.grown.get(&row.key).copied().unwrap_or(FIRST_BYTES),
            image: outside.image(row),
            day: before.is_none_or(|before| day::number(before.time) != day::number(row.time)),
            time_width: outside.time_width(row),
            other_width: outside.other_width(),
            line: &line,
        };
        let bubble = lay_out(row, around, outside);
        self.slots[at].height = bubble.height;
        self.slots[at].bubble = Some(bubble);
    }

    /// Forgets how a message is laid out; its height stays as the estimate.
    fn forget(&mut self, at: usize) {
        if let Some(slot) = self.slots.get_mut(at) {
            slot.bubble = None;
        }
    }

    fn slot(&self, row: Row) -> Slot {
        let height = estimate(&row, self.width.max(MIN_WIDTH));
        Slot { row, height, bubble: None }
    }

    fn add_up(&mut self) {
        let mut top = if self.more.before { ABOVE } else { MARGIN };
        self.tops.clear();
        self.tops.push(top);
        for slot in &self.slots {
            top = top.saturating_add(slot.height);
            self.tops.push(top);
        }
    }
}
