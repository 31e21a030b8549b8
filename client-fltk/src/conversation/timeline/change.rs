//! Messages come and go; the size of the view changes.

use uchat_client_core::state::Content;

use super::super::bubble::{FIRST_BYTES, MOST_BYTES};
use super::super::inside::Inside;
use super::super::row::Delivery;
use super::place::Anchor;
use super::{MAX_ROWS, More, Row, RowKey, Slot, Surroundings, Timeline};

/// How much more of a long text each click shows.
const GROWTH: usize = 4;

/// Whether the user has just said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// No own message is new.
    Nothing,
    /// One is, and the view is there.
    InSight,
    /// One is, but it can't be in sight: the newest messages are not loaded.
    OutOfSight,
}

impl Timeline {
    /// Another conversation, or the same one loaded again. Shows the first new message, else the newest.
    pub fn show(
        &mut self,
        rows: Vec<Row>,
        (more_before, more_after): (bool, bool),
        names: bool,
        fresh: Option<RowKey>,
        outside: &mut impl Surroundings,
    ) {
        self.more = More { before: more_before, after: more_after };
        (self.names, self.fresh) = (names, fresh);
        self.outgoing.clear();
        self.grown.clear();
        self.slots = rows.into_iter().map(|row| self.slot(row)).collect();
        self.slots.sort_by_key(|slot| slot.row.key);
        self.slots.dedup_by_key(|slot| slot.row.key);
        self.stored = self.slots.len();
        self.drop_oldest();
        self.add_up();
        match fresh.and_then(|key| self.index(key)) {
            Some(at) => self.show_at(at, self.height / 6, outside),
            None => self.to_end(outside),
        }
    }

    /// Older messages above. What is in sight stays in sight.
    pub fn prepend(&mut self, mut rows: Vec<Row>, more: bool, outside: &mut impl Surroundings) {
        let known = self.slots.first().map(|slot| slot.row.key);
        rows.retain(|row| known.is_none_or(|known| row.key < known));
        let anchor = self.anchor();
        // A page without anything new would be asked for again and again.
        self.more.before = more && !rows.is_empty();
        // What comes before the first message changes its day mark and whether it stands alone.
        self.forget(0);
        let added: Vec<Slot> = rows.into_iter().map(|row| self.slot(row)).collect();
        self.stored += added.len();
        self.slots.splice(0..0, added);
        if self.stored > MAX_ROWS {
            self.slots.truncate(MAX_ROWS);
            self.stored = MAX_ROWS;
            self.more.after = true;
            self.follows = false;
        }
        self.settle_around(anchor, outside);
    }

    /// Newer messages of the past below.
    pub fn append(&mut self, mut rows: Vec<Row>, more: bool, outside: &mut impl Surroundings) {
        let known = self.ends().map(|(_, last)| last);
        rows.retain(|row| known.is_none_or(|known| row.key > known));
        // The end of what is loaded is not the newest message: the view stays.
        self.follows = false;
        self.more.after = more && !rows.is_empty();
        self.extend(rows, outside);
        self.follows = self.is_at_newest();
    }

    /// Messages that have just come. While newer ones than the loaded are not there they are not added. True when they
    /// are in sight now.
    pub fn arrived(&mut self, rows: Vec<Row>, outside: &mut impl Surroundings) -> bool {
        let rows = self.replace(rows, outside);
        if self.more.after {
            return false;
        }
        self.follows = self.is_at_newest() || rows.iter().any(|row| row.own);
        self.extend(rows, outside);
        self.follows
    }

    /// What is loaded already is shown as it is now; the others are given back.
    fn replace(&mut self, rows: Vec<Row>, outside: &mut impl Surroundings) -> Vec<Row> {
        let (mut new, mut replaced) = (Vec::new(), Vec::new());
        for row in rows {
            match self.index(row.key) {
                Some(at) => replaced.push((at, row)),
                None => new.push(row),
            }
        }
        if !replaced.is_empty() {
            let anchor = self.anchor();
            for (at, row) in replaced {
                self.slots[at].row = row;
                self.forget(at);
            }
            self.settle_around(anchor, outside);
        }
        new
    }

    fn extend(&mut self, rows: Vec<Row>, outside: &mut impl Surroundings) {
        let anchor = self.anchor();
        let last = self.stored.checked_sub(1).map(|at| self.slots[at].row.key);
        let sorted = rows.is_sorted_by_key(|row| row.key)
            && rows.first().is_none_or(|first| last.is_none_or(|last| last < first.key));
        let from = self.stored;
        self.slots.truncate(from);
        let added: Vec<Slot> = rows.into_iter().map(|row| self.slot(row)).collect();
        self.slots.extend(added);
        if !sorted {
            self.slots.sort_by_key(|slot| slot.row.key);
            self.slots.dedup_by_key(|slot| slot.row.key);
            (0..self.len()).for_each(|at| self.forget(at));
        }
        self.stored = self.slots.len();
        self.drop_oldest();
        self.add_outgoing();
        self.settle_around(anchor, outside);
    }

    fn drop_oldest(&mut self) {
        let surplus = self.stored.saturating_sub(MAX_ROWS);
        if surplus > 0 {
            self.slots.drain(..surplus);
            self.stored -= surplus;
            self.more.before = true;
            self.forget(0);
        }
    }

    fn add_outgoing(&mut self) {
        self.slots.truncate(self.stored);
        if !self.more.after {
            let added: Vec<Slot> = self.outgoing.iter().map(|row| self.slot(row.clone())).collect();
            self.slots.extend(added);
        }
    }

    /// Own messages that are not confirmed stand below all others. A new one brings the view to itself.
    pub fn set_outgoing(&mut self, rows: Vec<Row>, outside: &mut impl Surroundings) -> Said {
        let newest = self.outgoing.iter().map(|row| row.key).max();
        let new = rows.iter().any(|row| Some(row.key) > newest);
        let anchor = self.anchor();
        self.follows = !self.more.after && (new || self.is_at_newest());
        self.outgoing = rows;
        self.add_outgoing();
        self.settle_around(anchor, outside);
        match (new, self.more.after) {
            (false, _) => Said::Nothing,
            (true, false) => Said::InSight,
            (true, true) => Said::OutOfSight,
        }
    }

    /// Own messages up to these numbers have arrived, and were read. Nothing moves.
    pub fn set_reached(&mut self, arrived: u64, read: u64) {
        for row in self.slots.iter_mut().map(|slot| &mut slot.row).filter(|row| row.own) {
            match row.number {
                Some(number) if number <= read => row.delivery = Delivery::Read,
                Some(number) if number <= arrived => row.delivery = Delivery::Arrived,
                _ => {}
            }
        }
    }

    /// The size of the view.
    pub fn resize(&mut self, width: i32, height: i32, outside: &mut impl Surroundings) {
        if (width, height) == (self.width, self.height) {
            return;
        }
        let (follows, anchor) = (self.follows, self.anchor());
        if width != self.width {
            (0..self.len()).for_each(|at| self.forget(at));
        }
        (self.width, self.height) = (width, height);
        self.follows = follows;
        self.settle_around(anchor, outside);
    }

    /// Lays everything out again: the texts or the font are others.
    pub fn refresh(&mut self, outside: &mut impl Surroundings) {
        let anchor = self.anchor();
        (0..self.len()).for_each(|at| self.forget(at));
        self.settle_around(anchor, outside);
    }

    /// The sizes of some images are known now.
    pub fn images_changed(&mut self, outside: &mut impl Surroundings) {
        let anchor = self.anchor();
        for slot in &mut self.slots {
            let waits = slot.bubble.as_ref().is_some_and(|bubble| {
                matches!(
                    bubble.inside,
                    Inside::Image { known: false, .. } | Inside::Card { picture: Some(_) }
                )
            });
            if waits && outside.image(&slot.row).is_some() {
                slot.bubble = None;
            }
        }
        self.settle_around(anchor, outside);
    }

    /// Shows more of a long text.
    pub fn grow(&mut self, key: RowKey, outside: &mut impl Surroundings) {
        let Some(at) = self.index(key) else { return };
        if !matches!(self.slots[at].row.content, Content::Text { .. }) {
            return;
        }
        let shown = self.grown.entry(key).or_insert(FIRST_BYTES);
        *shown = shown.saturating_mul(GROWTH).min(MOST_BYTES);
        // Its beginning stays where it is.
        let place = Some((key, self.tops[at] - self.offset));
        self.follows = false;
        self.forget(at);
        self.settle_around(place, outside);
        self.follows = self.is_at_newest();
    }

    fn settle_around(&mut self, anchor: Anchor, outside: &mut impl Surroundings) {
        // Rows near the anchor are measured while it stands still, so that no estimate moves it.
        if let Some((key, _)) = anchor
            && let Some(at) = self.index(key)
            && self.bubble(at).is_none()
        {
            self.lay_out(at, outside);
        }
        self.add_up();
        self.restore(anchor);
        self.settle(outside);
    }
}
