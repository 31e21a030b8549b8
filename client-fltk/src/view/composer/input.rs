//! The field itself: keys, drafts, what is dropped into it.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::enums::{CallbackTrigger, Event, FrameType, Key, Shortcut};
use fltk::input::MultilineInput;
use fltk::prelude::*;

use super::Painted;
use super::paste::take_paste;
use crate::app::{MAX_TEXT, Msg};
use crate::design::paint::{self, Area, FACE};
use crate::design::theme::type_scale;
use crate::settings::SendKey;
use crate::view::Outbox;

/// The field, with what it tells the app.
pub(super) fn message_input(
    out: &Outbox,
    send_key: &Rc<RefCell<SendKey>>,
    painted: &Rc<RefCell<Painted>>,
    relayout: Rc<dyn Fn()>,
) -> MultilineInput {
    let mut input = MultilineInput::new(0, 0, 0, 0, None);
    input.set_frame(FrameType::FlatBox);
    input.set_trigger(CallbackTrigger::Changed);
    input.set_maximum_size(i32::try_from(MAX_TEXT).unwrap_or(i32::MAX));
    input.set_wrap(true);
    input.set_text_font(FACE);
    input.set_tab_nav(true);
    // Enter, Ctrl+V and what is dropped are ours before they are FLTK's.
    input.super_handle_first(false);
    let (drafts, look) = (out.clone(), Rc::clone(painted));
    let mut lines = 0;
    input.set_callback(move |input| {
        let value = input.value();
        look.borrow_mut().empty = value.is_empty();
        let now = value.matches('\n').count();
        if now != lines {
            lines = now;
            relayout();
        }
        drafts.put(Msg::Draft(value));
        input.redraw();
    });
    let look = Rc::clone(painted);
    input.draw(move |input| {
        let painted = look.borrow();
        if painted.empty {
            let line = input.text_size() * 3 / 2;
            let area = Area::new(input.x() + 3, input.y() + 1, input.w() - 3, line.min(input.h()));
            let left = fltk::enums::Align::Left | fltk::enums::Align::Inside;
            paint::line(&painted.hint, area, FACE, type_scale::BODY, painted.theme.faint, left);
        }
    });
    let (out, send_key, look) = (out.clone(), Rc::clone(send_key), Rc::clone(painted));
    let mut dropped = false;
    input.handle(move |input, event| match event {
        Event::DndEnter | Event::DndDrag | Event::DndRelease => {
            dropped = true;
            true
        }
        Event::Paste => take_paste(input, &out, std::mem::take(&mut dropped)),
        Event::Focus | Event::Unfocus => {
            look.borrow_mut().focused = event == Event::Focus;
            if let Some(mut parent) = input.parent() {
                parent.redraw();
            }
            false
        }
        Event::KeyDown => key(input, &out, *send_key.borrow()),
        _ => false,
    });
    input
}

/// Enter and Ctrl+V have meanings of their own; every other key belongs to the text.
fn key(input: &mut MultilineInput, out: &Outbox, send_key: SendKey) -> bool {
    let state = app::event_state();
    let (ctrl, shift) = (state.contains(Shortcut::Ctrl), state.contains(Shortcut::Shift));
    match app::event_key() {
        Key::Enter | Key::KPEnter => {
            let sends = match send_key {
                SendKey::Enter => !shift,
                SendKey::CtrlEnter => ctrl,
            };
            if sends {
                out.put(Msg::Send(input.value()));
            } else {
                let _ = input.insert("\n");
                input.do_callback();
            }
            true
        }
        key if ctrl
            && key == Key::from_char('v')
            && app::clipboard_contains(app::ClipboardContent::Image) =>
        {
            app::paste_image(input);
            true
        }
        _ => false,
    }
}
