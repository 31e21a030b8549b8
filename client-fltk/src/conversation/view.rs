//! The widget and what the rest of the window does with it.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::FrameType;
use fltk::prelude::*;
use fltk::widget::Widget;

use super::glide::Glide;
use super::row::{Asked, FileKey, FileStage, Row, RowKey};
use super::state::State;
use super::timeline::Said;
use super::{describe, input, paint};
use crate::design::Theme;
use crate::design::theme::Accent;
use crate::images::ImageStore;
use crate::texts::{Language, Texts};
use crate::widget::Control;
use crate::widget::backdrop::area_of;

/// How far so many files are is known here.
const MAX_FILES: usize = 20_000;

/// The view of one conversation. Clones are the same view.
#[derive(Clone)]
pub struct ConversationView {
    widget: Widget,
    state: Rc<RefCell<State>>,
    glide: Glide,
}

impl std::fmt::Debug for ConversationView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConversationView").finish_non_exhaustive()
    }
}

impl ConversationView {
    /// An empty view within the group that is open now. `ask` is told what the user wants.
    pub fn new(ask: Rc<dyn Fn(Asked)>, images: ImageStore) -> Self {
        let mut widget = Widget::new(0, 0, 0, 0, None);
        widget.set_frame(FrameType::NoBox);
        let (theme, texts) = (Theme::light(Accent::Sky), Rc::new(Texts::new(Language::En)));
        let state = Rc::new(RefCell::new(State::new(theme, texts, images, ask)));
        let glide = Glide::new(&state, &widget);
        let drawn = Rc::clone(&state);
        widget.draw(move |widget| {
            let mut state = drawn.borrow_mut();
            state.fit(area_of(widget));
            let chosen = state.chosen_area();
            paint::paint(&state, widget.has_focus(), chosen);
        });
        let (handled, moved) = (Rc::clone(&state), glide.clone());
        widget.handle(move |widget, event| input::handle(&handled, &moved, widget, event));
        Self { widget, state, glide }
    }

    /// The widget, to be placed.
    pub fn widget(&self) -> Widget {
        self.widget.clone()
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.borrow_mut();
        state.fit(area_of(&self.widget));
        let result = change(&mut state);
        let due = state.due();
        let ask = Rc::clone(&state.ask);
        drop(state);
        for due in due {
            ask(due);
        }
        self.widget.clone().redraw();
        result
    }

    /// Takes in language and theme; also when the font is another now.
    pub fn set_look(&self, theme: Theme, texts: Rc<Texts>) {
        self.change(|state| state.set_look(theme, texts));
    }

    /// Another conversation, or the same one loaded again: begins at `unread_from`, the first new message, or else at
    /// the newest one. With `names` senders are named: a room. Outgoing messages are to be set again afterwards.
    pub fn show(
        &self,
        rows: Vec<Row>,
        more_before: bool,
        more_after: bool,
        names: bool,
        unread_from: Option<RowKey>,
    ) {
        self.change(|state| {
            (state.selection, state.lit, state.hover, state.chosen) = (None, None, None, None);
            (state.asked_before, state.asked_after, state.unseen, state.way) = (None, None, 0, 0);
            state.owes_newest = unread_from.is_some();
            let more = (more_before, more_after);
            state.timeline.show(rows, more, names, unread_from, &mut state.outside);
        });
    }

    /// Older messages, as asked for by [`Asked::Older`].
    pub fn prepend(&self, rows: Vec<Row>, more_before: bool) {
        self.change(|state| {
            state.timeline.prepend(rows, more_before, &mut state.outside);
            (state.asked_before, state.asked_after) = (None, None);
        });
    }

    /// Newer messages, as asked for by [`Asked::Newer`].
    pub fn append_page(&self, rows: Vec<Row>, more_after: bool) {
        self.change(|state| {
            state.timeline.append(rows, more_after, &mut state.outside);
            (state.asked_before, state.asked_after) = (None, None);
        });
    }

    /// Messages that have just come: the view moves along when it is at the newest one, else they are counted.
    pub fn arrived(&self, rows: Vec<Row>) {
        self.change(|state| {
            let others = rows.iter().filter(|row| !row.own).count();
            let own = others < rows.len();
            if state.timeline.arrived(rows, &mut state.outside) {
                state.unseen = 0;
                if own {
                    state.way = 0;
                }
            } else {
                state.unseen += others;
                state.owes_newest = true;
            }
        });
    }

    /// All own messages that are not confirmed.
    pub fn set_outgoing(&self, rows: Vec<Row>) {
        let said = self.change(|state| {
            let said = state.timeline.set_outgoing(rows, &mut state.outside);
            if said == Said::InSight {
                // What the wheel has begun must not carry the view away from it again.
                state.way = 0;
            }
            said
        });
        if said == Said::OutOfSight {
            let ask = Rc::clone(&self.state.borrow().ask);
            ask(Asked::ToNewest);
        }
    }

    /// Own messages have come farther: up to these numbers they have arrived, and were read.
    pub fn reached(&self, arrived: u64, read: u64) {
        self.change(|state| state.timeline.set_reached(arrived, read));
    }

    /// Shows a message and lights it up for a moment. One that is not loaded is shown once it is.
    pub fn reveal(&self, key: RowKey) {
        self.change(|state| {
            state.light(key);
            state.way = 0;
            if !state.timeline.reveal(key, &mut state.outside) {
                state.wanted = Some(key);
            }
        });
        self.glide.start();
    }

    /// Nothing is known of files any more.
    pub fn forget_files(&self) {
        self.change(|state| state.files.clear());
    }

    /// A file has come so far.
    pub fn show_file(&self, key: FileKey, stage: FileStage) {
        self.change(|state| {
            if state.files.len() >= MAX_FILES {
                state.files.retain(|_, stage| matches!(stage, FileStage::Moving(_)));
            }
            state.files.insert(key, stage);
        });
    }

    /// Images were decoded: what depends on their size is laid out again.
    pub fn images_changed(&self) {
        self.change(|state| state.timeline.images_changed(&mut state.outside));
    }

    /// Moves the view by so many pixels, down when positive.
    pub fn scroll_by(&self, pixels: i32) {
        self.change(|state| state.scroll(pixels));
    }

    /// Whether the newest message is in sight.
    pub fn is_at_newest(&self) -> bool {
        self.state.borrow().timeline.is_at_newest()
    }

    /// Puts the selected text on the clipboard. False when nothing is selected.
    pub fn copy_selection(&self) -> bool {
        self.state.borrow_mut().copy()
    }

    /// Selects every loaded message.
    pub fn select_all(&self) {
        self.change(State::select_all);
    }

    /// Does what a click on this part of the view does. False when it is not in sight.
    pub fn activate(&self, control: &Control) -> bool {
        let done = self.change(|state| {
            let target = describe::target_of(state, control)?;
            Some(state.activate(&target))
        });
        let is_there = done.is_some();
        if let Some(asked) = done.flatten() {
            let ask = Rc::clone(&self.state.borrow().ask);
            ask(asked);
        }
        is_there
    }

    /// What is in sight, for tests and screen readers.
    pub fn controls(&self) -> Vec<Control> {
        let mut state = self.state.borrow_mut();
        state.fit(area_of(&self.widget));
        describe::controls(&mut state, self.widget.has_focus())
    }
}
