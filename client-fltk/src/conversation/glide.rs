//! Movement over time: the wheel's smooth steps, selecting beyond the edge, a light that goes out.
//!
//! There is one timer a view, and it only runs while something moves.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Instant;

use fltk::app::{self, TimeoutHandle};
use fltk::prelude::*;
use fltk::widget::Widget;

use super::state::State;

/// Seconds between two steps.
const STEP: f64 = 1.0 / 60.0;
/// Each step goes this part of the way that is left.
const PART: i32 = 3;
/// Selecting beyond the edge moves the view by this part of the distance a step.
const PULL: i32 = 4;

/// The timer of one view. Clones are the same timer.
#[derive(Clone)]
pub(super) struct Glide {
    handle: TimeoutHandle,
    runs: Rc<Cell<bool>>,
}

impl Glide {
    pub(super) fn new(state: &Rc<RefCell<State>>, widget: &Widget) -> Self {
        let (state, runs) = (Rc::downgrade(state), Rc::new(Cell::new(true)));
        let (running, mut widget) = (Rc::clone(&runs), widget.clone());
        let handle = app::add_timeout3(0.0, move |handle| match step(&state, &mut widget) {
            Some(pause) => app::repeat_timeout3(pause, handle),
            None => running.set(false),
        });
        Self { handle, runs }
    }

    /// Something is to move.
    pub(super) fn start(&self) {
        if !self.runs.replace(true) {
            app::repeat_timeout3(STEP, self.handle);
        }
    }
}

/// Goes one step; the pause until the next one in seconds, if there is one.
fn step(state: &Weak<RefCell<State>>, widget: &mut Widget) -> Option<f64> {
    let state = state.upgrade()?;
    if widget.was_deleted() {
        return None;
    }
    let (pause, due, ask) = {
        let mut state = state.try_borrow_mut().ok()?;
        let pause = advance(&mut state, widget);
        (pause, state.due(), Rc::clone(&state.ask))
    };
    for due in due {
        ask(due);
    }
    pause
}

fn advance(state: &mut State, widget: &mut Widget) -> Option<f64> {
    if let Some((x, y)) = state.beyond {
        let view = state.view;
        let distance = (y - view.y).min(0) + (y - view.y - view.h).max(0);
        state.scroll(distance / PULL);
        let caret = state.caret(x, y.clamp(view.y, view.y + view.h - 1));
        if let (Some(caret), Some(selection)) = (caret, &mut state.selection) {
            selection.to = caret;
        }
        widget.redraw();
        return Some(STEP);
    }
    if state.way != 0 {
        let by = next_step(state.way);
        state.way -= by;
        if !state.scroll(by) {
            state.way = 0;
        }
        widget.redraw();
        return Some(STEP);
    }
    let (_, until) = state.lit?;
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        state.lit = None;
        widget.redraw();
        return None;
    }
    Some(left.as_secs_f64() + STEP)
}

/// A part of the way, and all of it at last.
fn next_step(way: i32) -> i32 {
    let by = way / PART;
    if by == 0 { way } else { by }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_ends_and_none_is_overshot() {
        for whole in [1, -1, 72, -1_000, 100_000] {
            let (mut way, mut steps) = (whole, 0);
            while way != 0 {
                let by = next_step(way);
                assert!(by.signum() == whole.signum() && by.abs() <= way.abs());
                (way, steps) = (way - by, steps + 1);
            }
            assert!(steps < 40, "{whole}: {steps}");
        }
    }
}
