//! The bar above: trouble with the connection, and what the server says. Never a pop-up.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::Align;
use fltk::group::Group;
use fltk::prelude::*;

use super::Outbox;
use crate::app::{App, Msg};
use crate::design::paint::{self, Area, FACE};
use crate::design::theme::{space, type_scale};
use crate::design::{Icon, Theme, icon};
use crate::widget::{Backdrop, Control, Kind, PushButton};

/// How high it is.
pub const HEIGHT: i32 = 40;

struct Painted {
    theme: Theme,
    text: String,
}

/// The bar; it takes no place when all is well.
pub struct Bar {
    group: Group,
    ground: Backdrop,
    action: PushButton,
    close: PushButton,
    painted: Rc<RefCell<Painted>>,
    acts: bool,
}

impl std::fmt::Debug for Bar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bar").finish_non_exhaustive()
    }
}

impl Bar {
    /// Builds the bar within the group that is open now.
    pub fn new(theme: Theme, out: &Outbox) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let painted = Rc::new(RefCell::new(Painted { theme, text: String::new() }));
        let drawn = Rc::clone(&painted);
        let ground = Backdrop::new(move |area| paint_bar(&drawn.borrow(), area));
        let (act, shut) = (out.clone(), out.clone());
        let action =
            PushButton::new("bar-action", Kind::Link, None, theme).on_click(move || act.put(Msg::BarAction));
        let close = PushButton::new("bar-close", Kind::Icon, Some(Icon::Close), theme)
            .on_click(move || shut.put(Msg::BarClose));
        group.end();
        Self { group, ground, action, close, painted, acts: false }
    }

    /// Shows what there is to say. True when the bar takes a place.
    pub fn follow(&mut self, app: &App) -> bool {
        let theme = app.theme;
        let (text, action) = match (app.link_text(), &app.notice) {
            (Some((text, action)), _) => (text, action),
            (None, Some(text)) => (text.clone(), None),
            (None, None) => (String::new(), None),
        };
        self.acts = action.is_some();
        for button in [&mut self.action, &mut self.close] {
            button.set_theme(theme, theme.warn_ground);
        }
        self.action.set_text(&action.unwrap_or_default());
        self.close.set_hint(&app.texts.get("t-close"));
        let shown = !text.is_empty();
        self.close.set_visible(!self.acts && app.link_text().is_none());
        self.action.set_visible(self.acts);
        *self.painted.borrow_mut() = Painted { theme, text };
        if shown {
            self.group.show();
        } else {
            self.group.hide();
        }
        self.group.redraw();
        shown
    }

    /// Puts it somewhere.
    pub fn place(&mut self, area: Area) {
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let w = self.action.wanted_width() + space::S;
        self.action.place(Area::new(area.x + area.w - w - space::S, area.y + 5, w, area.h - 10));
        self.close.place(Area::new(area.x + area.w - 36, area.y + 5, 30, area.h - 10));
    }

    /// As tests and screen readers see it.
    pub fn controls(&self, out: &mut Vec<Control>) {
        if self.group.visible_r() {
            out.push(Control::new("bar", "text", self.ground.area(), self.painted.borrow().text.clone()));
            out.extend([&self.action, &self.close].into_iter().filter_map(PushButton::control));
        }
    }
}

fn paint_bar(painted: &Painted, area: Area) {
    let theme = &painted.theme;
    paint::fill(area, theme.warn_ground);
    icon::draw(Icon::Alert, area.x + space::M, area.y + (area.h - 18) / 2, 18, theme.warn_text);
    let text = Area::new(area.x + space::M + 26, area.y, area.w - 170, area.h);
    paint::line(&painted.text, text, FACE, type_scale::NOTE, theme.warn_text, Align::Left | Align::Inside);
}
