//! Pointer and keys in a list.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::draw;
use fltk::enums::{Cursor, Event, Key};
use fltk::prelude::*;
use fltk::widget::Widget;

use super::{Inner, Picked};
use crate::design::paint::Area;
use crate::widget::backdrop::area_of;

/// What one notch of a wheel scrolls.
const NOTCH: i32 = 56;

pub(super) fn handle(inner: &Rc<RefCell<Inner>>, widget: &mut Widget, event: Event) -> bool {
    let list = area_of(widget);
    let (x, y) = app::event_coords();
    match event {
        Event::Enter | Event::Move => {
            let at = inner.borrow().at(list, x, y);
            if inner.borrow().hover != at {
                inner.borrow_mut().hover = at;
                draw::set_cursor(if at.is_some() { Cursor::Hand } else { Cursor::Default });
                widget.redraw();
            }
            true
        }
        Event::Leave => {
            inner.borrow_mut().hover = None;
            draw::set_cursor(Cursor::Default);
            widget.redraw();
            true
        }
        Event::MouseWheel => {
            let offset = inner.borrow().offset + app::event_dy_value() * NOTCH;
            inner.borrow_mut().scroll_to(offset, list.h);
            widget.redraw();
            true
        }
        Event::Push => {
            let grabbed = inner.borrow().thumb(list).filter(|thumb| x >= thumb.x - 4);
            inner.borrow_mut().grabbed = grabbed.map(|thumb| y - thumb.y);
            let _ = widget.take_focus();
            true
        }
        Event::Drag => drag(inner, widget, list, y),
        Event::Released => {
            let was_dragged = inner.borrow_mut().grabbed.take().is_some();
            let picked = (!was_dragged).then(|| inner.borrow().click(list, x, y)).flatten();
            pick(inner, picked);
            true
        }
        Event::Focus => {
            let mut inner = inner.borrow_mut();
            // Where the keyboard is must be seen at once.
            if inner.cursor.is_none() && app::event_key() == Key::Tab {
                inner.step(0, list.h);
            }
            widget.redraw();
            !inner.items.is_empty()
        }
        Event::Unfocus => {
            widget.redraw();
            true
        }
        Event::KeyDown => key(inner, widget, list),
        _ => false,
    }
}

fn drag(inner: &Rc<RefCell<Inner>>, widget: &mut Widget, list: Area, y: i32) -> bool {
    let mut inner = inner.borrow_mut();
    let (Some(within), Some(thumb)) = (inner.grabbed, inner.thumb(list)) else { return true };
    let way = (list.h - thumb.h).max(1);
    let offset = (y - within - list.y) * (inner.height() - list.h) / way;
    inner.scroll_to(offset, list.h);
    widget.redraw();
    true
}

fn key(inner: &Rc<RefCell<Inner>>, widget: &mut Widget, list: Area) -> bool {
    let by = match app::event_key() {
        Key::Up => -1,
        Key::Down => 1,
        Key::PageUp => -8,
        Key::PageDown => 8,
        Key::Home => isize::MIN,
        Key::End => isize::MAX,
        Key::Left | Key::Right => {
            let mut inner = inner.borrow_mut();
            let row = inner.cursor.and_then(|at| inner.items.get(at));
            let most = row.map_or(0, |item| item.actions.len()).saturating_sub(1);
            let by = if app::event_key() == Key::Left { -1 } else { 1 };
            inner.action = inner.action.saturating_add_signed(by).min(most);
            widget.redraw();
            return true;
        }
        Key::Enter | Key::KPEnter => {
            let row = inner.borrow();
            let item = row.cursor.and_then(|at| row.items.get(at));
            let picked = item.map(|item| match item.actions.get(row.action) {
                Some((action, ..)) => Picked::Action(item.key, *action),
                None => Picked::Row(item.key),
            });
            drop(row);
            pick(inner, picked);
            return true;
        }
        _ => return false,
    };
    inner.borrow_mut().step(by, list.h);
    widget.redraw();
    true
}

pub(super) fn pick(inner: &Rc<RefCell<Inner>>, picked: Option<Picked>) {
    let tell = Rc::clone(&inner.borrow().picked);
    if let Some(picked) = picked {
        tell(picked);
    }
}
