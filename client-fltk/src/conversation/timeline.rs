//! Which messages are loaded, where each one is, and what the place in them is.

use std::collections::HashMap;

use super::bubble::{Around, Bubble, FIRST_BYTES, lay_out};
use super::day;
use super::row::{Row, RowKey};
use super::wrap::Measure;

/// So many messages are loaded at once; the far ones go and are asked for again.
pub const MAX_ROWS: usize = 600;

/// What a layout needs to know from outside.
pub trait Surroundings: Measure {
    /// The size at which an image is drawn, once it is known.
    fn image(&mut self, row: &Row) -> Option<(i32, i32)>;
    /// The width of the time with the mark of its delivery.
    fn time_width(&mut self, row: &Row) -> i32;
}

/// The loaded messages and the place in them.
#[derive(Debug, Default)]
pub struct Timeline {
    rows: Vec<Row>,
    outgoing: Vec<Row>,
    bubbles: Vec<Bubble>,
    /// The upper edge of each row, and the end of the last one.
    tops: Vec<i32>,
    expanded: HashMap<RowKey, usize>,
    fresh: Option<RowKey>,
    names: bool,
    width: i32,
    height: i32,
    offset: i32,
    /// Whether there are older messages than the loaded ones.
    pub more_before: bool,
    /// Whether there are newer ones.
    pub more_after: bool,
}

/// The free line above the first and below the last message.
const MARGIN: i32 = 12;

impl Timeline {
    /// Another conversation, or the same one loaded again. Shows the first new message, else the newest.
    pub fn show(
        &mut self,
        rows: Vec<Row>,
        more: (bool, bool),
        names: bool,
        fresh: Option<RowKey>,
        outside: &mut impl Surroundings,
    ) {
        (self.rows, self.names, self.fresh) = (rows, names, fresh);
        (self.more_before, self.more_after) = more;
        self.outgoing.clear();
        self.expanded.clear();
        self.lay_out_from(0, outside);
        self.offset = self.bottom();
        if let Some(at) = fresh.and_then(|key| self.index(key)) {
            self.offset = self.offset.min(self.tops[at]);
        }
    }

    /// Older messages above. What is in sight stays in sight.
    pub fn prepend(&mut self, mut rows: Vec<Row>, more: bool, outside: &mut impl Surroundings) {
        let known = self.rows.first().map(|row| row.key);
        rows.retain(|row| known.is_none_or(|known| row.key < known));
        self.more_before = more;
        let anchor = self.anchor();
        rows.append(&mut self.rows);
        self.rows = rows;
        if self.rows.len() > MAX_ROWS {
            self.rows.truncate(MAX_ROWS);
            self.more_after = true;
        }
        self.lay_out_from(0, outside);
        self.restore(anchor);
    }

    /// Newer messages of the past below.
    pub fn append(&mut self, mut rows: Vec<Row>, more: bool, outside: &mut impl Surroundings) {
        let known = self.rows.last().map(|row| row.key);
        rows.retain(|row| known.is_none_or(|known| row.key > known));
        self.more_after = more;
        self.extend(rows, outside);
    }

    /// Messages that have just come. While older ones are in sight and newer ones are not loaded they are not added.
    /// True when they are in their place now.
    pub fn arrived(&mut self, rows: Vec<Row>, outside: &mut impl Surroundings) -> bool {
        if self.more_after {
            return false;
        }
        let follow = self.is_at_newest();
        self.extend(rows, outside);
        if follow {
            self.offset = self.bottom();
        }
        follow
    }

    fn extend(&mut self, rows: Vec<Row>, outside: &mut impl Surroundings) {
        let anchor = self.anchor();
        let sorted =
            self.rows.last().is_none_or(|last| rows.first().is_none_or(|first| last.key <= first.key));
        let from = if sorted { self.rows.len() } else { 0 };
        self.rows.extend(rows);
        if !sorted {
            self.rows.sort_by_key(|row| row.key);
        }
        self.rows.dedup_by_key(|row| row.key);
        let surplus = self.rows.len().saturating_sub(MAX_ROWS);
        if surplus > 0 {
            self.rows.drain(..surplus);
            self.more_before = true;
        }
        self.lay_out_from(if surplus > 0 { 0 } else { from.saturating_sub(1) }, outside);
        self.restore(anchor);
    }

    /// Own messages that are not confirmed stand below all others.
    pub fn set_outgoing(&mut self, rows: Vec<Row>, outside: &mut impl Surroundings) {
        let (follow, grown) = (self.is_at_newest(), rows.len() > self.outgoing.len());
        self.outgoing = rows;
        self.lay_out_from(self.rows.len(), outside);
        if follow || grown {
            self.offset = self.bottom();
        }
        self.scroll_by(0);
    }

    /// The size of the view.
    pub fn resize(&mut self, width: i32, height: i32, outside: &mut impl Surroundings) {
        let follow = self.is_at_newest();
        let anchor = self.anchor();
        let again = width != self.width;
        (self.width, self.height) = (width, height);
        if again {
            self.lay_out_from(0, outside);
            self.restore(anchor);
        }
        if follow {
            self.offset = self.bottom();
        }
        self.scroll_by(0);
    }

    /// Lays everything out again: an image is known now, the texts are others.
    pub fn refresh(&mut self, outside: &mut impl Surroundings) {
        let (follow, anchor) = (self.is_at_newest(), self.anchor());
        self.lay_out_from(0, outside);
        self.restore(anchor);
        if follow {
            self.offset = self.bottom();
        }
    }

    /// Shows more of a long text.
    pub fn expand(&mut self, at: usize, outside: &mut impl Surroundings) {
        let Some(key) = self.row(at).map(|row| row.key) else { return };
        let shown = self.expanded.entry(key).or_insert(FIRST_BYTES);
        *shown = shown.saturating_mul(4);
        self.lay_out_from(at, outside);
        self.scroll_by(0);
    }

    fn lay_out_from(&mut self, from: usize, outside: &mut impl Surroundings) {
        let from = from.min(self.bubbles.len());
        self.bubbles.truncate(from);
        self.tops.truncate(from + 1);
        if self.tops.is_empty() {
            self.tops.push(MARGIN);
        }
        for at in from..self.len() {
            let Some(row) = self.row(at) else { break };
            let before = at.checked_sub(1).and_then(|before| self.row(before));
            let day = before.is_none_or(|before| day::number(before.time) != day::number(row.time));
            let around = Around {
                width: self.width.max(200),
                before,
                names: self.names,
                fresh: self.fresh == Some(row.key),
                shown: self.expanded.get(&row.key).copied().unwrap_or(FIRST_BYTES),
                image: outside.image(row),
                day,
                time_width: outside.time_width(row),
            };
            let bubble = lay_out(row, around, outside);
            let end = self.tops[at] + bubble.height;
            self.bubbles.push(bubble);
            self.tops.push(end);
        }
    }

    /// How many messages there are, with those on their way.
    pub fn len(&self) -> usize {
        self.rows.len() + self.outgoing.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A message by its place.
    pub fn row(&self, at: usize) -> Option<&Row> {
        self.rows.get(at).or_else(|| self.outgoing.get(at.checked_sub(self.rows.len())?))
    }

    /// How it is laid out.
    pub fn bubble(&self, at: usize) -> Option<&Bubble> {
        self.bubbles.get(at)
    }

    /// The upper edge of a row, relative to the view.
    pub fn top(&self, at: usize) -> i32 {
        self.tops.get(at).copied().unwrap_or(0) - self.offset + self.lift()
    }

    /// A short conversation stands at the bottom of its view.
    fn lift(&self) -> i32 {
        (self.height - self.content()).max(0)
    }

    /// The place of a message.
    pub fn index(&self, key: RowKey) -> Option<usize> {
        (0..self.len()).find(|at| self.row(*at).is_some_and(|row| row.key == key))
    }

    /// The first and the last loaded message of the history.
    pub fn ends(&self) -> Option<(RowKey, RowKey)> {
        Some((self.rows.first()?.key, self.rows.last()?.key))
    }

    /// The height of everything.
    pub fn content(&self) -> i32 {
        self.tops.last().copied().unwrap_or(MARGIN) + MARGIN
    }

    /// The height of the view.
    pub fn height(&self) -> i32 {
        self.height
    }

    fn bottom(&self) -> i32 {
        (self.content() - self.height).max(0)
    }

    /// How far down the view is.
    pub fn offset(&self) -> i32 {
        self.offset
    }

    /// Whether the newest message is in sight.
    pub fn is_at_newest(&self) -> bool {
        !self.more_after && self.offset >= self.bottom() - 24
    }

    /// Moves the view. True when it moved.
    pub fn scroll_by(&mut self, by: i32) -> bool {
        let before = self.offset;
        self.offset = self.offset.saturating_add(by).clamp(0, self.bottom());
        self.offset != before
    }

    /// The rows in sight.
    pub fn visible(&self) -> std::ops::Range<usize> {
        let (top, bottom) = (self.offset - self.lift(), self.offset + self.height);
        let first = self.tops.partition_point(|edge| *edge <= top).saturating_sub(1);
        let end = self.tops.partition_point(|edge| *edge < bottom);
        first.min(self.len())..end.min(self.len())
    }

    /// Brings a message into the middle. False when it is not loaded.
    pub fn reveal(&mut self, key: RowKey) -> bool {
        let Some(at) = self.index(key) else { return false };
        self.offset = self.tops[at] - self.height / 3;
        self.scroll_by(0);
        true
    }

    /// Whether senders are named.
    pub fn names(&self) -> bool {
        self.names
    }

    /// The message at the middle of the view, and where it is: that stays where it is whatever comes above or below.
    fn anchor(&self) -> Option<(RowKey, i32)> {
        let middle = self.offset + self.height / 2;
        let at = self.tops.partition_point(|edge| *edge <= middle).saturating_sub(1);
        let at = at.min(self.len().checked_sub(1)?);
        Some((self.row(at)?.key, self.tops[at] - self.offset))
    }

    fn restore(&mut self, anchor: Option<(RowKey, i32)>) {
        if let Some((key, y)) = anchor
            && let Some(at) = self.index(key)
        {
            self.offset = self.tops[at] - y;
        }
        self.scroll_by(0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uchat_client_core::state::Content;

    use super::super::row::Delivery;
    use super::super::wrap::tests::Fixed;
    use super::*;

    impl Surroundings for Fixed {
        fn image(&mut self, _: &Row) -> Option<(i32, i32)> {
            None
        }

        fn time_width(&mut self, _: &Row) -> i32 {
            30
        }
    }

    fn row(number: i64) -> Row {
        let time = u64::try_from(number).unwrap() * 60_000;
        Row {
            key: RowKey::Stored { time, row: number },
            sender_id: u64::try_from(number % 3).unwrap(),
            sender_name: "Bob".into(),
            own: number % 3 == 0,
            time,
            content: Content::Text {
                text: "word ".repeat(1 + usize::try_from(number).unwrap() % 40),
                size: 15,
                colour: String::new(),
            },
            delivery: Delivery::Sent,
        }
    }

    fn rows(range: std::ops::Range<i64>) -> Vec<Row> {
        range.map(row).collect()
    }

    fn shown(range: std::ops::Range<i64>, more: (bool, bool)) -> Timeline {
        let mut timeline = Timeline::default();
        timeline.resize(600, 500, &mut Fixed);
        timeline.show(rows(range), more, false, None, &mut Fixed);
        timeline
    }

    fn place(timeline: &Timeline, number: i64) -> i32 {
        timeline.top(timeline.index(row(number).key).unwrap())
    }

    #[test]
    fn a_conversation_begins_at_its_newest_message() {
        let timeline = shown(0..100, (false, false));
        assert!(timeline.is_at_newest());
        assert!(timeline.visible().contains(&99));
    }

    #[test]
    fn older_messages_move_nothing_that_is_in_sight() {
        let mut timeline = shown(500..620, (true, false));
        timeline.scroll_by(-100_000);
        timeline.scroll_by(300);
        let before = place(&timeline, 508);
        timeline.prepend(rows(380..500), true, &mut Fixed);
        assert_eq!(place(&timeline, 508), before);
    }

    #[test]
    fn new_messages_are_followed_only_from_the_newest() {
        let mut timeline = shown(0..100, (false, false));
        assert!(timeline.arrived(rows(100..101), &mut Fixed));
        assert!(timeline.is_at_newest());
        timeline.scroll_by(-1_000);
        let before = timeline.offset();
        assert!(!timeline.arrived(rows(101..102), &mut Fixed));
        assert_eq!(timeline.offset(), before);
    }

    #[test]
    fn the_number_of_loaded_messages_is_bounded_on_both_sides() {
        let mut timeline = shown(5_000..5_120, (true, false));
        for page in (0..10).rev() {
            timeline.scroll_by(-100_000);
            timeline.prepend(rows(4_000 + page * 100..4_100 + page * 100), true, &mut Fixed);
        }
        assert_eq!(timeline.len(), MAX_ROWS);
        assert!(timeline.more_after && !timeline.is_at_newest());
        timeline.append(rows(4_600..4_700), true, &mut Fixed);
        assert_eq!(timeline.len(), MAX_ROWS);
        assert!(timeline.more_before);
    }

    #[test]
    fn the_first_new_message_is_shown_first() {
        let mut timeline = Timeline::default();
        timeline.resize(600, 500, &mut Fixed);
        timeline.show(rows(0..100), (false, false), false, Some(row(40).key), &mut Fixed);
        assert!(timeline.visible().contains(&40) && !timeline.is_at_newest());
        assert!(timeline.bubble(40).unwrap().fresh);
    }

    proptest! {
        #[test]
        fn whatever_is_done_the_view_stays_within_the_messages(
            steps in prop::collection::vec((0_u8..6, -2_000_i32..2_000), 0..40),
        ) {
            let mut timeline = shown(1_000..1_120, (true, true));
            let (mut first, mut last) = (1_000, 1_120);
            for (what, by) in steps {
                match what {
                    0 => { timeline.prepend(rows(first - 50..first), true, &mut Fixed); first -= 50; }
                    1 => { timeline.append(rows(last..last + 50), true, &mut Fixed); last += 50; }
                    2 => timeline.resize(300 + by.abs() / 4, 200 + by.abs() / 5, &mut Fixed),
                    3 => timeline.set_outgoing(Vec::new(), &mut Fixed),
                    _ => { timeline.scroll_by(by); }
                }
                prop_assert!(timeline.offset() >= 0);
                prop_assert!(timeline.offset() <= (timeline.content() - timeline.height()).max(0));
                prop_assert!(timeline.tops.is_sorted());
                prop_assert_eq!(timeline.tops.len(), timeline.len() + 1);
                prop_assert!(!timeline.visible().is_empty());
            }
        }
    }
}
