//! What is laid out from above to below and scrolls when the window is too low for it: with the wheel, or Page Up and
//! Page Down.

use std::cell::Cell;

use fltk::app;
use fltk::enums::{Event, Key};

use super::Words;
use crate::design::paint::Area;
use crate::view::prose;
use crate::widget::PushButton;

/// The height of a control, and how far a notch of the wheel goes.
pub(super) const LINE: i32 = 34;

/// How far a page is scrolled, and how far it can be.
#[derive(Default)]
pub(super) struct Scroll {
    by: Cell<i32>,
    most: Cell<i32>,
    page: Cell<i32>,
}

impl Scroll {
    /// Whether the page has moved.
    pub(super) fn moves(&self, event: Event) -> bool {
        let way = match event {
            Event::MouseWheel => match app::event_dy() {
                app::MouseWheel::Up => -LINE,
                app::MouseWheel::Down => LINE,
                _ => 0,
            },
            Event::KeyDown if app::event_key() == Key::PageDown => self.page.get(),
            Event::KeyDown if app::event_key() == Key::PageUp => -self.page.get(),
            _ => 0,
        };
        let by = (self.by.get() + way).clamp(0, self.most.get());
        self.by.replace(by) != by
    }
}

/// One pass over a page.
pub(super) struct Flow {
    area: Area,
    /// Where the next thing goes.
    y: i32,
    top: i32,
    words: Words,
}

impl Flow {
    /// Begins at the upper edge, or above it if the page is scrolled. `content`: how high everything was the last time.
    pub(super) fn begin(area: Area, scroll: &Scroll, content: i32) -> Self {
        scroll.most.set((content - area.h).max(0));
        scroll.page.set((area.h - LINE).max(LINE));
        scroll.by.set(scroll.by.get().min(scroll.most.get()));
        let mut words = Words::default();
        if scroll.most.get() > 0 {
            let (h, by) = (area.h * area.h / content, area.h * scroll.by.get() / content);
            words.thumb = Some(Area::new(area.x + area.w + 6, area.y + by, 4, h));
        }
        let top = area.y - scroll.by.get();
        Self { area, y: top, top, words }
    }

    /// What does not fit in whole is not there.
    fn fits(&self, h: i32) -> bool {
        self.y >= self.area.y && self.y + h <= self.area.y + self.area.h
    }

    /// Words across the page, and on below them.
    pub(super) fn words(&mut self, text: &str, h: i32) {
        if self.fits(h) {
            let area = Area::new(self.area.x, self.y, self.area.w, h);
            self.words.lines.push((text.to_owned(), area, false));
        }
        self.y += h;
    }

    /// Words at the left of a line of controls.
    pub(super) fn label(&mut self, text: &str, w: i32) {
        if self.fits(LINE) {
            self.words.lines.push((text.to_owned(), Area::new(self.area.x, self.y, w, LINE), false));
        }
    }

    /// A button on this line; the place's `y` counts from here.
    pub(super) fn put(&mut self, button: &mut PushButton, place: Area) {
        button.place(Area::new(place.x, self.y + place.y, place.w, place.h));
        button.set_visible(self.fits(place.h));
    }

    /// On below.
    pub(super) fn down(&mut self, by: i32) {
        self.y += by;
    }

    /// How high a text is that is broken into lines of this width.
    pub(super) fn height_of(text: &str, w: i32) -> i32 {
        if text.is_empty() { 0 } else { prose::height(text, w) }
    }

    /// The words, and how high everything is.
    pub(super) fn end(self) -> (Words, i32) {
        (self.words, self.y - self.top)
    }
}
