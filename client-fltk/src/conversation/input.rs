//! Pointer and keys in the conversation.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::draw;
use fltk::enums::{Cursor, Event, Key, Shortcut};
use fltk::prelude::*;
use fltk::widget::Widget;
use uchat_client_core::state::Content;
use unicode_segmentation::UnicodeSegmentation as _;

use super::bubble::has_retry;
use super::paint::{card_buttons, discard_area, link_at, more_area, retry_area};
use super::row::{Asked, RowKey};
use super::selection::{Caret, Selection};
use super::view::{Inner, Under};
use crate::design::paint::Area;
use crate::widget::backdrop::area_of;

/// What one notch of a wheel scrolls.
const NOTCH: i32 = 72;
/// What an arrow key scrolls.
const STEP: i32 = 48;

pub(super) fn handle(inner: &Rc<RefCell<Inner>>, widget: &mut Widget, event: Event) -> bool {
    let view = area_of(widget);
    let (x, y) = app::event_coords();
    let (handled, asked) = {
        let mut inner = inner.borrow_mut();
        let (handled, mut asked) = react(&mut inner, widget, event, view, (x, y));
        asked.extend(inner.wanted_pages());
        (handled, asked)
    };
    let ask = Rc::clone(&inner.borrow().ask);
    for asked in asked {
        ask(asked);
    }
    handled
}

fn react(
    inner: &mut Inner,
    widget: &mut Widget,
    event: Event,
    view: Area,
    (x, y): (i32, i32),
) -> (bool, Vec<Asked>) {
    match event {
        Event::Enter | Event::Move => {
            let under = under(inner, view, x, y);
            if under != inner.under {
                draw::set_cursor(match under {
                    Under::Nothing | Under::Thumb => Cursor::Default,
                    _ => Cursor::Hand,
                });
                inner.under = under;
                widget.redraw();
            }
        }
        Event::Leave => {
            inner.under = Under::Nothing;
            draw::set_cursor(Cursor::Default);
            widget.redraw();
        }
        Event::MouseWheel => return (true, scroll(inner, widget, app::event_dy_value() * NOTCH)),
        Event::Push => {
            let _ = widget.take_focus();
            push(inner, view, x, y);
            widget.redraw();
        }
        Event::Drag => return (true, drag(inner, widget, view, x, y)),
        Event::Released => {
            let was_bar = inner.grabbed.take().is_some();
            let selects = inner.selection.is_some_and(|selection| !selection.is_empty());
            widget.redraw();
            if !was_bar && !selects {
                let hit = under(inner, view, x, y);
                return (true, click(inner, hit));
            }
        }
        Event::Focus | Event::Unfocus => widget.redraw(),
        Event::KeyDown => return key(inner, widget),
        _ => return (false, Vec::new()),
    }
    (true, Vec::new())
}

fn scroll(inner: &mut Inner, widget: &mut Widget, by: i32) -> Vec<Asked> {
    inner.lit = None;
    if inner.timeline.scroll_by(by) {
        widget.redraw();
    }
    if inner.timeline.is_at_newest() && inner.unseen > 0 {
        inner.unseen = 0;
        return vec![Asked::AtNewest];
    }
    Vec::new()
}

/// What a point is over.
fn under(inner: &mut Inner, view: Area, x: i32, y: i32) -> Under {
    if inner.thumb(view).is_some_and(|thumb| x >= thumb.x - 4 && thumb.contains(thumb.x, y)) {
        return Under::Thumb;
    }
    if inner.chip(view).is_some_and(|chip| chip.contains(x, y)) {
        return Under::Chip;
    }
    for at in inner.timeline.visible() {
        let (Some(area), Some(inside)) = (inner.bubble_area(at, view), inner.inside_area(at, view)) else {
            continue;
        };
        let Some(row) = inner.timeline.row(at) else { continue };
        if has_retry(row) && retry_area(area).contains(x, y) {
            return Under::Retry(at);
        }
        if has_retry(row) && discard_area(area).contains(x, y) {
            return Under::Discard(at);
        }
        let names = inner.timeline.names() && !row.own;
        if names && x < area.x && y >= area.y && y < area.y + 40
            || names && area.contains(x, y) && y < inside.y
        {
            return Under::Person(at);
        }
        if !area.contains(x, y) {
            continue;
        }
        let more = inner.timeline.bubble(at).and_then(|bubble| more_area(inside, bubble));
        return match &row.content {
            Content::Text { .. } if more.is_some_and(|more| more.contains(x, y)) => Under::More(at),
            Content::Text { .. } => {
                link_at(inner, at, inside, x, y).map_or(Under::Nothing, |link| Under::Link(at, link))
            }
            Content::File(file) if file.is_image() => Under::Image(at),
            Content::File(_) => {
                let [open, save] = card_buttons(inside);
                if save.contains(x, y) {
                    Under::Save(at)
                } else if open.contains(x, y) {
                    Under::Open(at)
                } else {
                    Under::Nothing
                }
            }
            Content::Other(_) => Under::Nothing,
        };
    }
    Under::Nothing
}

fn push(inner: &mut Inner, view: Area, x: i32, y: i32) {
    let thumb = inner.thumb(view).filter(|thumb| x >= thumb.x - 4);
    if let Some(thumb) = thumb {
        inner.grabbed = Some(if thumb.contains(thumb.x, y) { y - thumb.y } else { thumb.h / 2 });
        return;
    }
    inner.selection = inner.caret(view, x, y).map(Selection::at);
    if app::event_clicks()
        && let Some(caret) = inner.selection.map(|selection| selection.from)
    {
        inner.selection = Some(word(inner, caret));
    }
}

/// The word around a place.
fn word(inner: &Inner, caret: Caret) -> Selection {
    let text = inner.timeline.row(caret.row).and_then(|row| row.content.text()).unwrap_or_default();
    let found =
        text.split_word_bound_indices().map(|(at, word)| (at, at + word.len())).find(|(start, end)| {
            (*start..*end).contains(&caret.byte) || *end == caret.byte && caret.byte == text.len()
        });
    let (start, end) = found.unwrap_or((caret.byte, caret.byte));
    Selection { from: Caret { byte: start, ..caret }, to: Caret { byte: end, ..caret } }
}

fn drag(inner: &mut Inner, widget: &mut Widget, view: Area, x: i32, y: i32) -> Vec<Asked> {
    if let (Some(within), Some(thumb)) = (inner.grabbed, inner.thumb(view)) {
        let way = i64::from((view.h - thumb.h).max(1));
        let all = i64::from(inner.timeline.content() - view.h);
        let wanted = i64::from(y - within - view.y) * all / way;
        let by = i32::try_from(wanted).unwrap_or(0) - inner.timeline.offset();
        return scroll(inner, widget, by);
    }
    // Beyond the edge the view follows the pointer.
    let beyond = (y - view.y).min(0) + (y - view.y - view.h).max(0);
    inner.timeline.scroll_by(beyond);
    if let (Some(caret), Some(selection)) = (inner.caret(view, x, y), &mut inner.selection) {
        selection.to = caret;
    }
    widget.redraw();
    Vec::new()
}

fn click(inner: &mut Inner, hit: Under) -> Vec<Asked> {
    let row = |inner: &Inner, at: usize| inner.timeline.row(at).cloned();
    let file = |inner: &Inner, at: usize| match row(inner, at)?.content {
        Content::File(file) => Some(file),
        _ => None,
    };
    let outgoing = |inner: &Inner, at: usize| match row(inner, at)?.key {
        RowKey::Outgoing(id) => Some(id),
        RowKey::Stored { .. } => None,
    };
    let asked = match hit {
        Under::Link(_, link) if link.starts_with("www.") => Some(Asked::Link(format!("https://{link}"))),
        Under::Link(_, link) => Some(Asked::Link(link)),
        Under::Image(at) => file(inner, at).map(Asked::OpenImage),
        Under::Open(at) => file(inner, at).map(Asked::OpenFile),
        Under::Save(at) => file(inner, at).map(Asked::SaveFile),
        Under::Retry(at) => outgoing(inner, at).map(Asked::Retry),
        Under::Discard(at) => outgoing(inner, at).map(Asked::Discard),
        Under::Person(at) => row(inner, at).map(|row| Asked::Person(row.sender_id, row.sender_name)),
        Under::More(at) => {
            inner.timeline.expand(at, &mut inner.ruler);
            None
        }
        Under::Chip => {
            inner.unseen = 0;
            let loaded = !inner.timeline.more_after;
            inner.timeline.scroll_by(i32::MAX / 2);
            Some(if loaded { Asked::AtNewest } else { Asked::ToNewest })
        }
        Under::Nothing | Under::Thumb => None,
    };
    asked.into_iter().collect()
}

fn key(inner: &mut Inner, widget: &mut Widget) -> (bool, Vec<Asked>) {
    let page = inner.timeline.height() - 60;
    let ctrl = app::event_state().contains(Shortcut::Ctrl);
    let by = match app::event_key() {
        Key::PageUp => -page,
        Key::PageDown => page,
        Key::Up => -STEP,
        Key::Down => STEP,
        Key::Home => i32::MIN / 2,
        Key::End => i32::MAX / 2,
        key if ctrl && key == Key::from_char('c') => return (inner.copy(), Vec::new()),
        key if ctrl && key == Key::from_char('a') => {
            let last = inner.timeline.len().saturating_sub(1);
            let to = Caret { row: last, byte: usize::MAX };
            inner.selection = Some(Selection { from: Caret { row: 0, byte: 0 }, to });
            widget.redraw();
            return (true, Vec::new());
        }
        _ => return (false, Vec::new()),
    };
    (true, scroll(inner, widget, by))
}
