//! A scrolling list: contacts, friend requests, found people, members, found messages.

mod input;
mod item;
mod paint_item;

use std::cell::RefCell;
use std::rc::Rc;

use fltk::draw;
use fltk::enums::FrameType;
use fltk::prelude::*;
use fltk::widget::Widget;

use self::input::{handle, pick};
pub use self::item::{Item, Picked};
use self::paint_item::{action_areas, paint_item};
use super::Control;
use super::backdrop::area_of;
use crate::design::Theme;
use crate::design::paint::{self, Area};

/// The width of the scroll bar.
const BAR: i32 = 6;

struct Inner {
    theme: Theme,
    items: Vec<Item>,
    /// The upper edge of each item, and the end of the last one.
    tops: Vec<i32>,
    offset: i32,
    hover: Option<usize>,
    cursor: Option<usize>,
    /// Which button of the keyboard's row Enter presses.
    action: usize,
    grabbed: Option<i32>,
    empty: String,
    /// Its name for tests, and what it is called.
    name: (&'static str, String),
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
            action: 0,
            grabbed: None,
            empty: String::new(),
            name: ("list", String::new()),
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

    /// What it is called, for tests and for who can't see it.
    pub fn set_name(&mut self, name: &'static str, label: &str) {
        self.inner.borrow_mut().name = (name, label.to_owned());
    }

    /// Does what a click on the row or the button of this control does. False when that is not in this list.
    pub fn activate(&self, control: &Control) -> bool {
        if !self.widget.visible_r() {
            return false;
        }
        let inner = self.inner.borrow();
        let is_row = |item: &&Item| item.avatar.is_some() && item.known_by() == control.key;
        let row = || inner.items.iter().find(is_row).map(|item| Picked::Row(item.key));
        let action = |item: &Item| {
            let found = item.actions.iter().find(|(.., name)| *name == control.name);
            found.map(|(action, ..)| Picked::Action(item.key, *action))
        };
        let picked = inner.items.iter().find_map(action).or_else(row);
        drop(inner);
        pick(&self.inner, picked);
        picked.is_some()
    }

    /// Takes the keyboard to this row. False when it is not in this list.
    pub fn focus_row(&mut self, control: &Control) -> bool {
        let mut inner = self.inner.borrow_mut();
        let at = inner.items.iter().position(|item| item.known_by() == control.key);
        if at.is_none() || !self.widget.visible_r() {
            return false;
        }
        inner.cursor = at;
        inner.step(0, self.widget.h());
        drop(inner);
        let _ = self.widget.take_focus();
        self.widget.redraw();
        true
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
        let (inner, list) = (self.inner.borrow(), area_of(&self.widget));
        if !self.widget.visible_r() || list.h <= 0 {
            return;
        }
        out.push(Control {
            label: inner.name.1.clone(),
            focused: self.widget.has_focus() && inner.cursor.is_none(),
            ..Control::new(inner.name.0, "list", list, if inner.items.is_empty() { &inner.empty } else { "" })
        });
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
                focused: self.widget.has_focus() && inner.cursor == Some(at) && item.actions.is_empty(),
                label: item.words(),
                key: item.known_by(),
                chosen: Some(item.selected),
                ..Control::new(item.name.clone(), "row", clip(area, list), text.join(" · "))
            });
            let under = self.widget.has_focus() && inner.cursor == Some(at);
            for (number, (action, button)) in item.actions.iter().zip(action_areas(item, area)).enumerate() {
                let (_, label, _, name) = action;
                out.push(Control {
                    focused: under && inner.action == number,
                    ..Control::new(name.clone(), "button", button, label.clone())
                });
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
            let cursor = (focused && self.cursor == Some(at)).then_some(self.action);
            paint_item(&self.theme, &self.items[at], self.area(at, list), marked, cursor);
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
        self.action = if from == Some(next) { self.action } else { 0 };
        self.cursor = Some(next);
        let offset = self.offset.min(self.tops[next]).max(self.tops[next + 1] - height);
        self.scroll_to(offset, height);
    }
}
