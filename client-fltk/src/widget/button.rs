//! Buttons.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::button::Button;
use fltk::draw;
use fltk::enums::{Align, Color, Cursor, Event, FrameType};
use fltk::prelude::*;

use super::Control;
use super::backdrop::area_of;
use crate::design::paint::{self, Area, BOLD, FACE};
use crate::design::theme::{radius, space, type_scale};
use crate::design::{Icon, Theme, icon};

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The one thing to do here.
    Primary,
    /// Something else to do.
    Quiet,
    /// Something that can't be undone.
    Danger,
    /// A text that can be clicked.
    Link,
    /// An icon alone.
    Icon,
    /// One of several choices.
    Choice,
    /// A round sample of a colour.
    Swatch(Color),
}

#[derive(Clone, Debug)]
struct Look {
    theme: Theme,
    ground: Color,
    kind: Kind,
    icon: Option<Icon>,
    text: String,
    hover: bool,
    on: bool,
}

/// A button: clicked with the pointer, or with the space bar while it has the focus.
#[derive(Clone, Debug)]
pub struct PushButton {
    button: Button,
    name: String,
    look: Rc<RefCell<Look>>,
}

impl PushButton {
    /// A button with a name for tests and screen readers.
    pub fn new(name: impl Into<String>, kind: Kind, icon: Option<Icon>, theme: Theme) -> Self {
        let mut button = Button::new(0, 0, 0, 0, None);
        button.set_frame(FrameType::NoBox);
        button.set_down_frame(FrameType::NoBox);
        button.clear_visible_focus();
        button.visible_focus(true);
        let look =
            Look { theme, ground: theme.surface, kind, icon, text: String::new(), hover: false, on: false };
        let look = Rc::new(RefCell::new(look));
        let drawn = Rc::clone(&look);
        button.draw(move |button| paint_button(&drawn.borrow(), button));
        let hovered = Rc::clone(&look);
        button.handle(move |button, event| follow(&hovered, button, event));
        Self { button, name: name.into(), look }
    }

    /// What happens when it is clicked.
    #[must_use]
    pub fn on_click(mut self, mut clicked: impl FnMut() + 'static) -> Self {
        self.button.set_callback(move |_| clicked());
        self
    }

    /// Its text.
    pub fn set_text(&mut self, text: &str) {
        if self.look.borrow().text != text {
            text.clone_into(&mut self.look.borrow_mut().text);
            self.button.redraw();
        }
    }

    /// A hint for who rests the pointer on it.
    pub fn set_hint(&mut self, hint: &str) {
        self.button.set_tooltip(hint);
        if matches!(self.look.borrow().kind, Kind::Icon | Kind::Swatch(_)) {
            hint.clone_into(&mut self.look.borrow_mut().text);
        }
    }

    /// Its icon.
    pub fn set_icon(&mut self, icon: Option<Icon>) {
        self.look.borrow_mut().icon = icon;
        self.button.redraw();
    }

    /// Its colours, and the colour that it lies on.
    pub fn set_theme(&mut self, theme: Theme, ground: Color) {
        let mut look = self.look.borrow_mut();
        (look.theme, look.ground) = (theme, ground);
        drop(look);
        self.button.redraw();
    }

    /// The colour that a swatch shows.
    pub fn set_swatch(&mut self, colour: Color) {
        self.look.borrow_mut().kind = Kind::Swatch(colour);
        self.button.redraw();
    }

    /// Whether this choice is the chosen one.
    pub fn set_on(&mut self, on: bool) {
        if self.look.borrow().on != on {
            self.look.borrow_mut().on = on;
            self.button.redraw();
        }
    }

    /// Whether it can be used.
    pub fn set_enabled(&mut self, enabled: bool) {
        if enabled { self.button.activate() } else { self.button.deactivate() }
    }

    /// Whether it is there.
    pub fn set_visible(&mut self, visible: bool) {
        if visible == self.button.visible() {
            return;
        }
        if visible { self.button.show() } else { self.button.hide() }
    }

    /// Puts it somewhere.
    pub fn place(&mut self, area: Area) {
        self.button.resize(area.x, area.y, area.w, area.h);
    }

    /// How wide it wants to be.
    pub fn wanted_width(&self) -> i32 {
        let look = self.look.borrow();
        let text = if look.kind == Kind::Icon { 0 } else { paint::width(&look.text, FACE, type_scale::BODY) };
        let icon = if look.icon.is_some() { 20 + space::XS } else { 0 };
        let margin = if look.kind == Kind::Link { space::XS } else { space::L };
        text + icon + 2 * margin
    }

    /// Takes the focus of the keyboard.
    pub fn focus(&mut self) {
        let _ = self.button.take_focus();
    }

    /// As tests and screen readers see it; `None` while it is not there.
    pub fn control(&self) -> Option<Control> {
        let look = self.look.borrow();
        self.button.visible_r().then(|| Control {
            enabled: self.button.active_r(),
            focused: self.button.has_focus(),
            chosen: matches!(look.kind, Kind::Choice | Kind::Swatch(_)).then_some(look.on),
            ..Control::new(
                self.name.clone(),
                if look.on { "button-on" } else { "button" },
                area_of(&self.button),
                look.text.clone(),
            )
        })
    }
}

fn follow(look: &RefCell<Look>, button: &mut Button, event: Event) -> bool {
    match event {
        Event::Enter | Event::Leave => {
            look.borrow_mut().hover = event == Event::Enter;
            draw::set_cursor(if event == Event::Enter { Cursor::Hand } else { Cursor::Default });
            button.redraw();
            true
        }
        Event::Hide => {
            look.borrow_mut().hover = false;
            false
        }
        Event::Focus | Event::Unfocus => {
            button.redraw();
            true
        }
        Event::KeyDown if fltk::app::event_key() == fltk::enums::Key::Enter => {
            button.do_callback();
            true
        }
        _ => false,
    }
}

fn paint_button(look: &Look, button: &mut Button) {
    let area = area_of(button);
    let theme = &look.theme;
    paint::fill(area, look.ground);
    let usable = button.active_r();
    let ground = match look.kind {
        Kind::Primary if usable => Some(theme.accent),
        Kind::Primary => Some(theme.line),
        Kind::Quiet | Kind::Danger if look.hover => Some(theme.hover),
        Kind::Choice if look.on => Some(theme.selected),
        Kind::Choice | Kind::Icon if look.hover || look.on => Some(theme.hover),
        Kind::Quiet | Kind::Danger | Kind::Choice => Some(theme.field),
        Kind::Link | Kind::Icon | Kind::Swatch(_) => None,
    };
    let corner = if look.kind == Kind::Icon { area.h / 2 } else { radius::CONTROL };
    if button.has_focus() {
        paint::outline(area, corner, 2, theme.link, ground.unwrap_or(look.ground));
    }
    if let Some(ground) = ground {
        paint::rounded(if button.has_focus() { area.inset(3) } else { area }, corner, ground);
    }
    if let Kind::Swatch(colour) = look.kind {
        let radius = area.h.min(area.w) / 2 - 3;
        let centre = (area.x + area.w / 2, area.y + area.h / 2);
        if look.on {
            paint::circle(centre.0, centre.1, radius + 3, theme.link);
            paint::circle(centre.0, centre.1, radius + 1, look.ground);
        }
        paint::circle(centre.0, centre.1, radius, theme.line);
        return paint::circle(centre.0, centre.1, radius - 1, colour);
    }
    let colour = match look.kind {
        Kind::Primary if usable => theme.on_accent,
        _ if !usable => theme.faint,
        Kind::Danger => theme.danger,
        Kind::Icon if !look.on && !look.hover => theme.faint,
        Kind::Icon | Kind::Link => theme.link,
        Kind::Choice if look.on => theme.readable(theme.link, theme.selected),
        _ => theme.text,
    };
    paint_face(look, area, colour);
}

fn paint_face(look: &Look, area: Area, colour: Color) {
    if look.kind == Kind::Icon {
        if let Some(shape) = look.icon {
            icon::draw(shape, area.x + (area.w - 22) / 2, area.y + (area.h - 22) / 2, 22, colour);
        }
        return;
    }
    let face = if look.kind == Kind::Primary { BOLD } else { FACE };
    let Some(shape) = look.icon else {
        let size = if look.kind == Kind::Link { type_scale::NOTE + 1 } else { type_scale::BODY };
        return paint::line(&look.text, area, face, size, colour, Align::Center);
    };
    let text = paint::width(&look.text, face, type_scale::BODY);
    let left = area.x + (area.w - text - 20 - space::XS).max(0) / 2;
    icon::draw(shape, left, area.y + (area.h - 20) / 2, 20, colour);
    let rest = Area::new(left + 20 + space::XS, area.y, area.x + area.w - left - 20 - space::XS, area.h);
    paint::line(&look.text, rest, face, type_scale::BODY, colour, Align::Left | Align::Inside);
}
