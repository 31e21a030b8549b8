//! What is in sight, and moving the view.

use std::ops::Range;

use super::{MARGIN, MAX_PASSES, RowKey, Surroundings, Timeline};

/// So near to the end counts as at the newest message.
const NEAR_END: i32 = 24;

/// A message and where its upper edge is in the view.
pub(super) type Anchor = Option<(RowKey, i32)>;

impl Timeline {
    /// The upper edge of a row, relative to the view.
    pub fn top(&self, at: usize) -> i32 {
        self.tops.get(at).copied().unwrap_or(0) - self.offset + self.lift()
    }

    /// A short conversation stands at the bottom of its view.
    fn lift(&self) -> i32 {
        (self.height - self.content()).max(0)
    }

    /// The height of everything.
    pub fn content(&self) -> i32 {
        self.tops.last().copied().unwrap_or(MARGIN).saturating_add(MARGIN)
    }

    /// The height of the view.
    pub fn height(&self) -> i32 {
        self.height
    }

    pub(super) fn bottom(&self) -> i32 {
        (self.content() - self.height).max(0)
    }

    /// How far down the view is.
    pub fn offset(&self) -> i32 {
        self.offset
    }

    /// Whether the newest message is in sight.
    pub fn is_at_newest(&self) -> bool {
        !self.more.after && self.offset >= self.bottom() - NEAR_END
    }

    /// Moves the view, laying out what comes into sight. True when it moved.
    pub fn scroll_by(&mut self, by: i32, outside: &mut impl Surroundings) -> bool {
        let before = self.offset;
        self.offset = self.offset.saturating_add(by).clamp(0, self.bottom());
        // Not merely near the end: a slow movement away from it would be pulled back at each step.
        self.follows = !self.more.after && self.offset == self.bottom();
        self.settle(outside);
        self.offset != before
    }

    /// Moves the view to the first loaded message.
    pub fn to_start(&mut self, outside: &mut impl Surroundings) {
        self.show_at(0, self.height, outside);
    }

    /// Moves the view to the last loaded message.
    pub fn to_end(&mut self, outside: &mut impl Surroundings) {
        self.follows = true;
        self.settle(outside);
        self.follows = self.is_at_newest();
    }

    /// Brings a message into sight, a third below the upper edge. False when it is not loaded.
    pub fn reveal(&mut self, key: RowKey, outside: &mut impl Surroundings) -> bool {
        let Some(at) = self.index(key) else { return false };
        self.show_at(at, self.height / 3, outside);
        true
    }

    /// Puts a row's upper edge so far below the view's.
    pub(super) fn show_at(&mut self, at: usize, below: i32, outside: &mut impl Surroundings) {
        self.follows = false;
        for _ in 0..2 {
            // The second time the heights around it are known.
            let top = self.tops.get(at).copied().unwrap_or(0);
            self.offset = (top - below).clamp(0, self.bottom());
            self.settle(outside);
        }
        self.follows = self.is_at_newest();
    }

    /// The rows in sight.
    pub fn visible(&self) -> Range<usize> {
        let top = self.offset - self.lift();
        let bottom = top.saturating_add(self.height);
        let first = self.tops.partition_point(|edge| *edge <= top).saturating_sub(1);
        let end = self.tops.partition_point(|edge| *edge < bottom);
        let end = end.min(self.len());
        first.min(end)..end
    }

    /// The message at the middle of the view, and where it is: that stays there whatever comes above or below.
    pub(super) fn anchor(&self) -> Anchor {
        let middle = self.offset + self.height / 2;
        let at = self.tops.partition_point(|edge| *edge <= middle).saturating_sub(1);
        let at = at.min(self.len().checked_sub(1)?);
        Some((self.row(at)?.key, self.tops[at] - self.offset))
    }

    pub(super) fn restore(&mut self, anchor: Anchor) {
        if let Some((key, y)) = anchor
            && let Some(at) = self.index(key)
        {
            self.offset = self.tops[at] - y;
        }
        let bottom = self.bottom();
        self.offset = if self.follows { bottom } else { self.offset.clamp(0, bottom) };
    }

    /// Lays out what is in sight. Measured heights differ from estimated ones: what was laid out already stays in place.
    pub(super) fn settle(&mut self, outside: &mut impl Surroundings) {
        if self.follows {
            self.offset = self.bottom();
        }
        for _ in 0..MAX_PASSES {
            let unknown: Vec<usize> = self.visible().filter(|at| self.bubble(*at).is_none()).collect();
            if unknown.is_empty() {
                break;
            }
            let anchor = self.steady();
            for at in unknown {
                self.lay_out(at, outside);
            }
            self.add_up();
            self.restore(anchor);
        }
    }

    /// The first row in sight whose height is known; else the one in the middle.
    fn steady(&self) -> Anchor {
        let known = self.visible().find(|at| self.bubble(*at).is_some());
        let Some(at) = known else { return self.anchor() };
        Some((self.row(at)?.key, self.tops[at] - self.offset))
    }
}
