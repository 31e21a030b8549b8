//! The bar above: trouble with the connection, what the server says, what came of a wish. Never a pop-up.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::{Align, Color};
use fltk::group::Group;
use fltk::prelude::*;

use super::Outbox;
use crate::app::{App, Msg, Tone};
use crate::design::paint::{self, Area, FACE};
use crate::design::theme::{space, type_scale};
use crate::design::{Icon, Theme, icon};
use crate::widget::backdrop::area_of;
use crate::widget::{Backdrop, Control, Kind, PushButton};

/// How high it is.
pub const HEIGHT: i32 = 40;

struct Painted {
    theme: Theme,
    text: String,
    tone: Tone,
    /// Where the text ends at the latest: the buttons are behind it.
    until: i32,
}

impl Painted {
    /// Ground, text and sign.
    fn colours(&self) -> (Color, Color, Icon) {
        match self.tone {
            Tone::Well => (self.theme.selected, self.theme.text, Icon::Check),
            Tone::Trouble => (self.theme.warn_ground, self.theme.warn_text, Icon::Alert),
        }
    }
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
        let painted =
            Rc::new(RefCell::new(Painted { theme, text: String::new(), tone: Tone::Trouble, until: 0 }));
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
        let (text, tone, action) = match (app.link_text(), &app.notice) {
            (Some((text, action)), _) => (text, Tone::Trouble, action),
            (None, Some(notice)) => (notice.text.clone(), notice.tone, None),
            (None, None) => (String::new(), Tone::Trouble, None),
        };
        self.acts = action.is_some();
        let until = self.painted.borrow().until;
        let painted = Painted { theme, text, tone, until };
        let (ground, ..) = painted.colours();
        for button in [&mut self.action, &mut self.close] {
            button.set_theme(theme, ground);
        }
        self.action.set_text(&action.unwrap_or_default());
        self.close.set_hint(&app.texts.get("t-close"));
        let shown = !painted.text.is_empty();
        self.close.set_visible(!self.acts && app.link_text().is_none());
        self.action.set_visible(self.acts);
        *self.painted.borrow_mut() = painted;
        if shown {
            self.group.show();
        } else {
            self.group.hide();
        }
        // Its buttons may be others now.
        self.place(area_of(&self.group));
        self.group.redraw();
        shown
    }

    /// Puts it somewhere.
    pub fn place(&mut self, area: Area) {
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let w = self.action.wanted_width() + space::S;
        self.action.place(Area::new(area.x + area.w - w - space::S, area.y + 5, w, area.h - 10));
        let close = Area::new(area.x + area.w - 36, area.y + 5, 30, area.h - 10);
        self.close.place(close);
        let buttons = if self.acts { area.x + area.w - w } else { close.x };
        self.painted.borrow_mut().until = buttons - space::S;
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
    let (ground, colour, sign) = painted.colours();
    paint::fill(area, ground);
    icon::draw(sign, area.x + space::M, area.y + (area.h - 18) / 2, 18, colour);
    let x = area.x + space::M + 26;
    let text = Area::new(x, area.y, (painted.until - x).max(0), area.h);
    paint::line(&painted.text, text, FACE, type_scale::NOTE, colour, Align::Left | Align::Inside);
}
