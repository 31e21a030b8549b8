//! A labelled line of text, with what is wrong with it below.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::{Align, CallbackTrigger, Color, Event, FrameType, Key};
use fltk::input::{Input, InputType};
use fltk::prelude::*;

use super::Control;
use super::backdrop::{Backdrop, area_of};
use crate::design::paint::{self, Area, FACE};
use crate::design::theme::{radius, size, space, type_scale};
use crate::design::{Icon, Theme, icon};

/// The height of the label above.
const LABEL: i32 = 20;
/// The height of the problem below.
const PROBLEM: i32 = 19;

#[derive(Clone, Debug)]
struct Look {
    theme: Theme,
    ground: Color,
    label: String,
    /// Shown while the field is empty.
    hint: String,
    problem: String,
    icon: Option<Icon>,
    focused: bool,
    empty: bool,
    bare: bool,
}

/// A line of text to type into.
#[derive(Clone, Debug)]
pub struct Field {
    ground: Backdrop,
    input: Input,
    name: String,
    secret: bool,
    look: Rc<RefCell<Look>>,
}

impl Field {
    /// A field with a name for tests and screen readers. A `bare` one has neither label nor problem.
    pub fn new(name: impl Into<String>, bare: bool, icon: Option<Icon>, theme: Theme) -> Self {
        let look = Rc::new(RefCell::new(Look {
            theme,
            ground: theme.surface,
            label: String::new(),
            hint: String::new(),
            problem: String::new(),
            icon,
            focused: false,
            empty: true,
            bare,
        }));
        let drawn = Rc::clone(&look);
        let ground = Backdrop::new(move |area| paint_field(&drawn.borrow(), area));
        let mut input = Input::new(0, 0, 0, 0, None);
        input.set_frame(FrameType::FlatBox);
        input.set_trigger(CallbackTrigger::Changed);
        input.set_text_size(type_scale::BODY);
        input.set_text_font(FACE);
        let drawn = Rc::clone(&look);
        input.draw(move |input| paint_hint(&drawn.borrow(), input));
        let mut field = Self { ground, input, name: name.into(), secret: false, look };
        field.set_theme(theme, theme.surface);
        field
    }

    /// Hides what is typed.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.input.set_type(InputType::Secret);
        self.secret = true;
        self
    }

    /// What happens as it is typed in, and when Enter is pressed.
    #[must_use]
    pub fn on_change(
        mut self,
        mut changed: impl FnMut(String) + 'static,
        mut enter: impl FnMut() + 'static,
    ) -> Self {
        let look = Rc::clone(&self.look);
        self.input.set_callback(move |input| {
            let value = input.value();
            look.borrow_mut().empty = value.is_empty();
            input.redraw();
            changed(value);
        });
        let look = Rc::clone(&self.look);
        self.input.handle(move |input, event| match event {
            Event::Focus | Event::Unfocus => {
                look.borrow_mut().focused = event == Event::Focus;
                if let Some(mut parent) = input.parent() {
                    parent.redraw();
                }
                false
            }
            Event::KeyDown if matches!(fltk::app::event_key(), Key::Enter | Key::KPEnter) => {
                enter();
                true
            }
            _ => false,
        });
        self
    }

    /// What is in it.
    pub fn value(&self) -> String {
        self.input.value()
    }

    /// Puts something else into it, without telling anybody.
    pub fn set_value(&mut self, value: &str) {
        if self.input.value() != value {
            self.input.set_value(value);
        }
        self.look.borrow_mut().empty = value.is_empty();
        self.redraw();
    }

    /// Tells what is in it as if it had been typed.
    pub fn announce(&mut self) {
        self.input.do_callback();
    }

    /// The label above, or within a bare field the hint.
    pub fn set_label(&mut self, label: &str) {
        let mut look = self.look.borrow_mut();
        if look.bare {
            label.clone_into(&mut look.hint);
        } else {
            label.clone_into(&mut look.label);
        }
        drop(look);
        self.redraw();
    }

    /// What is wrong, in words; empty when nothing is.
    pub fn set_problem(&mut self, problem: &str) {
        if self.look.borrow().problem != problem {
            problem.clone_into(&mut self.look.borrow_mut().problem);
            self.redraw();
        }
    }

    /// Its colours, and the colour that it lies on.
    pub fn set_theme(&mut self, theme: Theme, ground: Color) {
        let mut look = self.look.borrow_mut();
        (look.theme, look.ground) = (theme, ground);
        drop(look);
        self.input.set_color(theme.field);
        self.input.set_text_color(theme.text);
        self.input.set_cursor_color(theme.link);
        self.input.set_selection_color(theme.selection);
        self.redraw();
    }

    /// Whether it is there.
    pub fn set_visible(&mut self, visible: bool) {
        if visible != self.input.visible() {
            if visible { self.input.show() } else { self.input.hide() }
        }
        if !visible {
            self.ground.place(Area::default());
        }
    }

    /// Whether it can be typed in.
    pub fn set_enabled(&mut self, enabled: bool) {
        if enabled { self.input.activate() } else { self.input.deactivate() }
    }

    /// How high it is with label and problem.
    pub fn wanted_height(&self) -> i32 {
        if self.look.borrow().bare { size::CONTROL } else { LABEL + size::CONTROL + PROBLEM }
    }

    /// Puts it somewhere.
    pub fn place(&mut self, area: Area) {
        self.ground.place(area);
        let box_area = box_of(area, self.look.borrow().bare);
        let left = if self.look.borrow().icon.is_some() { 36 } else { space::M - 2 };
        let right = if self.look.borrow().bare { space::L } else { space::S };
        self.input.resize(box_area.x + left, box_area.y + 3, box_area.w - left - right, box_area.h - 6);
    }

    /// Takes the focus of the keyboard.
    pub fn focus(&mut self) {
        let _ = self.input.take_focus();
    }

    /// Draws it again.
    pub fn redraw(&mut self) {
        if let Some(mut parent) = self.input.parent() {
            parent.redraw();
        }
    }

    /// As tests and screen readers see it, with its problem apart. What is in a password field is not told.
    pub fn controls(&self, out: &mut Vec<Control>) {
        if !self.input.visible_r() {
            return;
        }
        let look = self.look.borrow();
        let (role, text) =
            if self.secret { ("password", String::new()) } else { ("field", self.input.value()) };
        out.push(Control {
            enabled: self.input.active_r(),
            focused: self.input.has_focus(),
            filled: !self.input.value().is_empty(),
            label: if look.label.is_empty() { look.hint.clone() } else { look.label.clone() },
            ..Control::new(self.name.clone(), role, area_of(&self.input), text)
        });
        if !look.problem.is_empty() {
            let area = self.ground.area();
            let below = Area::new(area.x, area.y + area.h - PROBLEM, area.w, PROBLEM);
            out.push(Control::new(format!("{}-error", self.name), "text", below, look.problem.clone()));
        }
    }
}

fn box_of(area: Area, bare: bool) -> Area {
    if bare { area } else { Area::new(area.x, area.y + LABEL, area.w, size::CONTROL) }
}

fn paint_field(look: &Look, area: Area) {
    if area.w <= 0 {
        return;
    }
    let theme = &look.theme;
    paint::fill(area, look.ground);
    let box_area = box_of(area, look.bare);
    let edge = match (look.problem.is_empty(), look.focused) {
        (false, _) => theme.danger,
        (true, true) => theme.link,
        (true, false) if look.bare => theme.field,
        (true, false) => theme.line,
    };
    let width = if look.focused || !look.problem.is_empty() { 2 } else { 1 };
    let corner = if look.bare { box_area.h / 2 } else { radius::CONTROL };
    paint::outline(box_area, corner, width, edge, theme.field);
    if let Some(shape) = look.icon {
        icon::draw(shape, box_area.x + space::M, box_area.y + (box_area.h - 18) / 2, 18, theme.faint);
    }
    if !look.bare {
        let left = Align::Left | Align::Inside;
        let label = Area::new(area.x + 2, area.y, area.w - 2, LABEL - 3);
        paint::line(&look.label, label, FACE, type_scale::NOTE, theme.faint, left);
        let problem = Area::new(area.x + 2, area.y + LABEL + size::CONTROL + 1, area.w - 2, PROBLEM - 1);
        paint::line(&look.problem, problem, FACE, type_scale::SMALL, theme.danger, left);
    }
}

fn paint_hint(look: &Look, input: &Input) {
    if look.empty && !look.hint.is_empty() {
        let area = area_of(input);
        let area = Area::new(area.x + 3, area.y, area.w - 3, area.h);
        let left = Align::Left | Align::Inside;
        paint::line(&look.hint, area, FACE, type_scale::BODY, look.theme.faint, left);
    }
}
