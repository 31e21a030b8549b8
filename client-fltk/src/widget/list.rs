//! A scrolling list: contacts, friend requests, found people, members, found messages.

mod paint_item;

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::draw;
use fltk::enums::{Cursor, Event, FrameType, Key};
use fltk::prelude::*;
use fltk::widget::Widget;

use self::paint_item::{action_areas, paint_item};
use super::Control;
use super::backdrop::area_of;
use crate::design::Theme;
use crate::design::paint::{self, Area};

/// The width of the scroll bar.
const BAR: i32 = 6;
/// What one notch of a wheel scrolls.
const NOTCH: i32 = 56;

/// One row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// Its name for tests and screen readers: `contact:Bob`.
    pub name: String,
    /// What a click means to the owner of the list.
    pub key: u64,
    /// Whose avatar is drawn; `None` for a headline.
    pub avatar: Option<String>,
    /// Whether the avatar is that of a room.
    pub is_room: bool,
    /// A dot at the avatar: online or not.
    pub presence: Option<bool>,
    /// The first line.
    pub title: String,
    /// The name's own colour.
    pub coloured: bool,
    /// A quiet word after the title: an address, a number.
    pub aside: String,
    /// The second line.
    pub note: String,
    /// At the right of the first line.
    pub time: String,
    /// At the right of the second line.
    pub unread: u64,
    /// Whether this row is the open one.
    pub selected: bool,
    /// Buttons below the lines: key, text, whether it is the one to press, name for tests.
    pub actions: Vec<(u64, String, bool, String)>,
}

impl Item {
    /// How high it is.
    pub fn height(&self) -> i32 {
        match (self.avatar.is_some(), self.actions.is_empty()) {
            (false, _) => 34,
            (true, true) => crate::design::theme::size::ROW,
            (true, false) => crate::design::theme::size::ROW + 40,
        }
    }
}

/// What was clicked in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picked {
    /// A row, by its key.
    Row(u64),
    /// A button of a row: the row's key, the button's key.
    Action(u64, u64),
}

struct Inner {
    theme: Theme,
    items: Vec<Item>,
    /// The upper edge of each item, and the end of the last one.
    tops: Vec<i32>,
    offset: i32,
    hover: Option<usize>,
    cursor: Option<usize>,
    grabbed: Option<i32>,
    empty: String,
    picked: Rc<dyn Fn(Picked)>,
}

/// A list that draws only the rows in sight.
#[derive(Clone)]
pub struct ListView {
    widget: Widget,
    inner: Rc<RefCell<Inner>>,
}

impl std::fmt::Debug for ListView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListView").finish_non_exhaustive()
    }
}

impl ListView {
    /// An empty list.
    pub fn new(theme: Theme, picked: Rc<dyn Fn(Picked)>) -> Self {
        let mut widget = Widget::new(0, 0, 0, 0, None);
        widget.set_frame(FrameType::NoBox);
        let inner = Rc::new(RefCell::new(Inner {
            theme,
            items: Vec::new(),
            tops: vec![0],
            offset: 0,
            hover: None,
            cursor: None,
            grabbed: None,
            empty: String::new(),
            picked,
        }));
        let drawn = Rc::clone(&inner);
        widget.draw(move |widget| drawn.borrow().paint(area_of(widget), widget.has_focus()));
        let handled = Rc::clone(&inner);
        widget.handle(move |widget, event| handle(&handled, widget, event));
        Self { widget, inner }
    }

    /// Shows these rows. The place in the list stays.
    pub fn set_items(&mut self, items: Vec<Item>) {
        let mut inner = self.inner.borrow_mut();
        if inner.items == items {
            return;
        }
        let mut tops = Vec::with_capacity(items.len() + 1);
        let mut top = 0;
        for item in &items {
            tops.push(top);
            top += item.height();
        }
        tops.push(top);
        (inner.tops, inner.items) = (tops, items);
        let count = inner.items.len();
        inner.hover = inner.hover.filter(|at| *at < count);
        inner.cursor = inner.cursor.filter(|at| *at < count);
        let height = self.widget.h();
        let offset = inner.offset;
        inner.scroll_to(offset, height);
        drop(inner);
        self.widget.redraw();
    }

    /// What is said when there is nothing in it.
    pub fn set_empty_text(&mut self, text: &str) {
        text.clone_into(&mut self.inner.borrow_mut().empty);
        self.widget.redraw();
    }

    /// Its colours.
    pub fn set_theme(&mut self, theme: Theme) {
        self.inner.borrow_mut().theme = theme;
        self.widget.redraw();
    }

    /// Puts it somewhere.
    pub fn place(&mut self, area: Area) {
        self.widget.resize(area.x, area.y, area.w, area.h);
        let mut inner = self.inner.borrow_mut();
        let offset = inner.offset;
        inner.scroll_to(offset, area.h);
    }

    /// Whether it is there.
    pub fn set_visible(&mut self, visible: bool) {
        if visible != self.widget.visible() {
            if visible { self.widget.show() } else { self.widget.hide() }
        }
    }

    /// The rows in sight and their buttons, as tests and screen readers see them.
    pub fn controls(&self, out: &mut Vec<Control>) {
        if !self.widget.visible_r() {
            return;
        }
        let (inner, list) = (self.inner.borrow(), area_of(&self.widget));
        for at in inner.visible(list.h) {
            let (item, area) = (&inner.items[at], inner.area(at, list));
            let mut text = vec![item.title.clone(), item.aside.clone(), item.note.clone()];
            if item.unread > 0 {
                text.push(format!("unread {}", item.unread));
            }
            if let Some(online) = item.presence {
                text.push(if online { "online" } else { "offline" }.to_owned());
            }
            text.retain(|part| !part.is_empty());
            out.push(Control {
                focused: self.widget.has_focus() && inner.cursor == Some(at),
                ..Control::new(item.name.clone(), "row", clip(area, list), text.join(" · "))
            });
            for ((_, label, _, name), button) in item.actions.iter().zip(action_areas(item, area)) {
                out.push(Control::new(name.clone(), "button", button, label.clone()));
            }
        }
    }
}

fn clip(area: Area, list: Area) -> Area {
    let top = area.y.max(list.y);
    Area::new(area.x, top, area.w, (area.y + area.h).min(list.y + list.h) - top)
}

impl Inner {
    fn height(&self) -> i32 {
        self.tops.last().copied().unwrap_or(0)
    }

    fn scroll_to(&mut self, offset: i32, height: i32) {
        self.offset = offset.clamp(0, (self.height() - height).max(0));
    }

    fn visible(&self, height: i32) -> std::ops::Range<usize> {
        let first = self.tops.partition_point(|top| *top <= self.offset).saturating_sub(1);
        let end = self.tops.partition_point(|top| *top < self.offset + height);
        first.min(self.items.len())..end.min(self.items.len())
    }

    fn area(&self, at: usize, list: Area) -> Area {
        Area::new(list.x, list.y + self.tops[at] - self.offset, list.w, self.tops[at + 1] - self.tops[at])
    }

    fn at(&self, list: Area, x: i32, y: i32) -> Option<usize> {
        self.visible(list.h).find(|at| self.area(*at, list).contains(x, y))
    }

    /// The scroll bar's thumb, when there is something to scroll.
    fn thumb(&self, list: Area) -> Option<Area> {
        let all = self.height();
        if all <= list.h || list.h <= 0 {
            return None;
        }
        let h = (list.h * list.h / all).max(28);
        let y = list.y + (list.h - h) * self.offset / (all - list.h).max(1);
        Some(Area::new(list.x + list.w - BAR - 2, y, BAR, h))
    }

    fn paint(&self, list: Area, focused: bool) {
        draw::push_clip(list.x, list.y, list.w, list.h);
        paint::fill(list, self.theme.surface);
        for at in self.visible(list.h) {
            let marked = self.hover == Some(at);
            paint_item(
                &self.theme,
                &self.items[at],
                self.area(at, list),
                marked,
                focused && self.cursor == Some(at),
            );
        }
        if self.items.is_empty() {
            paint_item::paint_empty(&self.theme, &self.empty, list);
        }
        if let Some(thumb) = self.thumb(list) {
            paint::rounded(thumb, BAR / 2, self.theme.line);
        }
        draw::pop_clip();
    }

    fn click(&self, list: Area, x: i32, y: i32) -> Option<Picked> {
        let at = self.at(list, x, y)?;
        let item = &self.items[at];
        let areas = action_areas(item, self.area(at, list));
        let hit = item.actions.iter().zip(areas).find(|(_, area)| area.contains(x, y));
        match hit {
            Some(((action, ..), _)) => Some(Picked::Action(item.key, *action)),
            None => item.avatar.is_some().then_some(Picked::Row(item.key)),
        }
    }

    /// Moves the keyboard's row and keeps it in sight.
    fn step(&mut self, by: isize, height: i32) {
        let count = self.items.len();
        if count == 0 {
            return;
        }
        let from = self.cursor.or_else(|| self.items.iter().position(|item| item.selected));
        let next = match from {
            None => 0,
            Some(at) => at.saturating_add_signed(by).min(count - 1),
        };
        self.cursor = Some(next);
        let offset = self.offset.min(self.tops[next]).max(self.tops[next + 1] - height);
        self.scroll_to(offset, height);
    }
}

fn handle(inner: &Rc<RefCell<Inner>>, widget: &mut Widget, event: Event) -> bool {
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
        Event::Focus | Event::Unfocus => {
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
        Key::Enter | Key::KPEnter => {
            let row = inner.borrow();
            let picked = row.cursor.and_then(|at| row.items.get(at)).map(|item| match item.actions.first() {
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

fn pick(inner: &Rc<RefCell<Inner>>, picked: Option<Picked>) {
    let tell = Rc::clone(&inner.borrow().picked);
    if let Some(picked) = picked {
        tell(picked);
    }
}
