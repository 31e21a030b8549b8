//! Pointer and keys in the conversation.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::draw;
use fltk::enums::{Cursor, Event, Key, Shortcut};
use fltk::prelude::*;
use fltk::widget::Widget;
use unicode_segmentation::UnicodeSegmentation as _;

use super::glide::Glide;
use super::row::Asked;
use super::scrollbar;
use super::selection::{Caret, Selection};
use super::state::State;
use super::target::Target;
use crate::design::paint::Area;
use crate::widget::backdrop::area_of;

/// What one notch of a wheel scrolls.
const NOTCH: i32 = 84;
/// The longest way that the wheel can wind up.
const LONGEST_WAY: i32 = 4_000;
/// What an arrow key scrolls.
const STEP: i32 = 56;
/// What stays in sight when a page is turned.
const OVERLAP: i32 = 60;

pub(super) fn handle(state: &Rc<RefCell<State>>, glide: &Glide, widget: &mut Widget, event: Event) -> bool {
    // Taking the focus tells the widget so while it handles the click: that must not want the state a second time.
    if matches!(event, Event::Focus | Event::Unfocus) {
        if let Ok(mut state) = state.try_borrow_mut() {
            // The keyboard brings a ring along, the pointer does not.
            state.ring = event == Event::Focus && app::event_key() == Key::Tab;
            state.chosen = None;
        }
        widget.redraw();
        return true;
    }
    // A nested event while one is handled finds the state in use: it is not for us.
    let Ok(mut state) = state.try_borrow_mut() else { return false };
    state.view = area_of(widget);
    let (handled, asked) = react(&mut state, widget, event, app::event_coords());
    if state.way != 0 || state.beyond.is_some() {
        glide.start();
    }
    let due = state.due();
    let ask = Rc::clone(&state.ask);
    drop(state);
    asked.into_iter().chain(due).for_each(|asked| ask(asked));
    handled
}

fn react(state: &mut State, widget: &mut Widget, event: Event, (x, y): (i32, i32)) -> (bool, Option<Asked>) {
    match event {
        Event::Enter | Event::Move => hover(state, widget, x, y),
        Event::Leave => {
            (state.hover, state.hover_row) = (None, None);
            draw::set_cursor(Cursor::Default);
            widget.redraw();
        }
        Event::MouseWheel => {
            let by = app::event_dy_value() * NOTCH;
            // Who moves away does not want to be taken to a found message any more.
            state.wanted = None;
            state.way = (state.way + by).clamp(-LONGEST_WAY, LONGEST_WAY);
        }
        Event::Push => {
            let _ = widget.take_focus();
            push(state, x, y);
            widget.redraw();
        }
        Event::Drag => drag(state, widget, x, y),
        Event::Released => {
            widget.redraw();
            return (true, release(state, x, y));
        }
        Event::KeyDown => return key(state, widget),
        _ => return (false, None),
    }
    (true, None)
}

fn hover(state: &mut State, widget: &mut Widget, x: i32, y: i32) {
    let over = if scrollbar::is_over(state, x, y) { None } else { state.target_at(x, y) };
    draw::set_cursor(match over {
        Some(_) => Cursor::Hand,
        None if state.is_text(x, y) => Cursor::Insert,
        None => Cursor::Default,
    });
    let row = state.row_at(y);
    if over != state.hover || row != state.hover_row {
        (state.hover, state.hover_row) = (over, row);
        widget.redraw();
    }
}

fn push(state: &mut State, x: i32, y: i32) {
    (state.ring, state.chosen, state.way, state.wanted) = (false, None, 0, None);
    if scrollbar::is_over(state, x, y) {
        scrollbar::grab(state, y);
        return;
    }
    let caret = state.caret(x, y);
    state.selection = caret.map(Selection::at);
    if let Some(caret) = caret
        && app::event_clicks()
        && state.is_text(x, y)
    {
        state.selection = Some(state.word(caret));
    }
}

fn drag(state: &mut State, widget: &mut Widget, x: i32, y: i32) {
    if scrollbar::drag(state, y) {
        widget.redraw();
        return;
    }
    let inside = y >= state.view.y && y < state.view.y + state.view.h;
    state.beyond = (!inside).then_some((x, y));
    if inside && let (Some(caret), Some(selection)) = (state.caret(x, y), &mut state.selection) {
        selection.to = caret;
    }
    widget.redraw();
}

fn release(state: &mut State, x: i32, y: i32) -> Option<Asked> {
    state.beyond = None;
    if state.grabbed.take().is_some() || state.selection.is_some_and(|selection| !selection.is_empty()) {
        return None;
    }
    let target = state.target_at(x, y)?;
    state.activate(&target)
}

fn key(state: &mut State, widget: &mut Widget) -> (bool, Option<Asked>) {
    let pressed = app::event_state();
    state.wanted = None;
    let page = (state.timeline.height() - OVERLAP).max(STEP);
    match app::event_key() {
        Key::PageUp => state.way = -page,
        Key::PageDown => state.way = page,
        Key::Up => state.way -= STEP,
        Key::Down => state.way += STEP,
        Key::Home => {
            state.way = 0;
            state.timeline.to_start(&mut state.outside);
        }
        Key::End => return (true, state.activate(&Target::Newest)),
        Key::Tab => return (state.choose(pressed.contains(Shortcut::Shift)), redrawn(widget)),
        Key::Enter | Key::KPEnter => {
            let chosen = state.chosen.clone();
            return (chosen.is_some(), chosen.and_then(|target| state.activate(&target)).or(redrawn(widget)));
        }
        Key::Escape if state.selection.is_some() || state.chosen.is_some() => {
            (state.selection, state.chosen) = (None, None);
        }
        key if pressed.contains(Shortcut::Command) && key == Key::from_char('c') => {
            return (state.copy(), None);
        }
        key if pressed.contains(Shortcut::Command) && key == Key::from_char('a') => state.select_all(),
        _ => return (false, None),
    }
    (true, redrawn(widget))
}

fn redrawn(widget: &mut Widget) -> Option<Asked> {
    widget.redraw();
    None
}

impl State {
    /// Whether a point is over text that can be selected.
    fn is_text(&self, x: i32, y: i32) -> bool {
        self.timeline.visible().any(|at| {
            self.lines(at).is_some()
                && self
                    .timeline
                    .bubble(at)
                    .is_some_and(|bubble| self.placed(at, bubble.content).contains(x, y))
        })
    }

    /// The word around a place.
    fn word(&self, caret: Caret) -> Selection {
        let row = self.timeline.index(caret.key).and_then(|at| self.timeline.row(at));
        let text = row.and_then(|row| row.content.text()).unwrap_or_default();
        let (start, end) = word_around(text, caret.byte);
        Selection { from: Caret { byte: start, ..caret }, to: Caret { byte: end, ..caret } }
    }

    /// Where the thing is that Enter would act on.
    pub(super) fn chosen_area(&mut self) -> Option<Area> {
        let chosen = self.chosen.clone()?;
        self.targets().into_iter().find(|(target, _)| *target == chosen).map(|(_, area)| area)
    }

    /// Goes on to the next thing in sight that Enter can act on, or to the one before. False behind the last one: the
    /// focus goes to another control.
    fn choose(&mut self, backwards: bool) -> bool {
        let mut targets: Vec<Target> = self.targets().into_iter().map(|(target, _)| target).collect();
        targets.dedup();
        if backwards {
            targets.reverse();
        }
        let next = match &self.chosen {
            Some(chosen) => targets.iter().position(|target| target == chosen).map_or(0, |at| at + 1),
            None => 0,
        };
        self.chosen = targets.get(next).cloned();
        self.ring = self.chosen.is_some();
        self.ring
    }
}

/// More of a text than this, to both sides, is not searched for a word.
const FARTHEST: usize = 400;

/// From where to where the word around a byte goes.
fn word_around(text: &str, byte: usize) -> (usize, usize) {
    let byte = byte.min(text.len());
    let edge = |at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (from, to) = (edge(byte.saturating_sub(FARTHEST)), edge((byte + FARTHEST).min(text.len())));
    let part = text.get(from..to).unwrap_or_default();
    let spans = part.split_word_bound_indices().map(|(at, word)| (from + at, from + at + word.len()));
    spans.take_while(|(start, _)| *start <= byte).fold((byte, byte), |_, span| span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_click_takes_the_word_under_it() {
        let word = |text: &'static str, byte| {
            let (start, end) = word_around(text, byte);
            &text[start..end]
        };
        assert_eq!(word("hello big world", 7), "big");
        assert_eq!(word("hello", 5), "hello");
        assert_eq!(word("", 0), "");
        assert_eq!(word("好 word", 4), "word");
    }
}
