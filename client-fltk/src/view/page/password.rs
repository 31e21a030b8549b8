//! Another password: the old one, the new one twice.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::group::Group;
use fltk::prelude::*;
use uchat_client_core::Secret;

use super::{Words, worded};
use crate::app::{App, Msg};
use crate::design::Theme;
use crate::design::paint::Area;
use crate::design::theme::size;
use crate::view::Outbox;
use crate::widget::{Backdrop, Control, Field, Kind, PushButton};

/// The fields from top to bottom: names for tests, and keys of their labels.
const FIELDS: [(&str, &str); 3] =
    [("old-password", "t-old-password"), ("new-password", "t-new-password"), ("new-again", "t-confirm")];
/// The height of a field with its label and its problem.
const FIELD: i32 = 79;

/// The page as widgets.
pub(super) struct PasswordPage {
    group: Group,
    ground: Backdrop,
    words: Rc<RefCell<(Theme, Words)>>,
    fields: Vec<Field>,
    change: PushButton,
    note: String,
    area: Area,
}

impl PasswordPage {
    pub(super) fn new(theme: Theme, out: &Outbox) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let (ground, words) = worded(theme);
        let typed: Rc<RefCell<[Secret; 3]>> =
            Rc::new(RefCell::new(std::array::from_fn(|_| Secret::from(""))));
        let (kept, outbox) = (Rc::clone(&typed), out.clone());
        let submit: Rc<dyn Fn()> = Rc::new(move || {
            let [old, new, again] = kept.borrow().clone();
            outbox.put(Msg::ChangePassword(old, new, again));
        });
        let field = |(at, (name, _)): (usize, &(&str, &str))| {
            let (typed, submit) = (Rc::clone(&typed), Rc::clone(&submit));
            Field::new(*name, false, None, theme)
                .secret()
                .on_change(move |text| typed.borrow_mut()[at] = text.into(), move || submit())
        };
        let fields = FIELDS.iter().enumerate().map(field).collect();
        let change =
            PushButton::new("change-password-ok", Kind::Primary, None, theme).on_click(move || submit());
        group.end();
        Self { group, ground, words, fields, change, note: String::new(), area: Area::default() }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        self.words.borrow_mut().0 = app.theme;
        for (field, (_, label)) in self.fields.iter_mut().zip(FIELDS) {
            field.set_theme(app.theme, app.theme.surface);
            field.set_label(&app.texts.get(label));
        }
        self.change.set_theme(app.theme, app.theme.surface);
        self.change.set_text(&app.texts.get("t-change-password"));
    }

    pub(super) fn follow(&mut self, app: &App, turned: bool) {
        let note = app.password.note.clone();
        let done = note.as_ref().is_some_and(|(_, worked)| *worked);
        if turned || done {
            for field in &mut self.fields {
                field.set_value("");
                field.announce();
            }
        }
        if turned && let Some(first) = self.fields.first_mut() {
            first.focus();
        }
        for field in &mut self.fields {
            field.set_enabled(!app.password.busy());
        }
        self.change.set_enabled(!app.password.busy());
        self.note = note.map_or_else(|| app.texts.get("t-password-explained"), |(text, _)| text);
        self.place(self.area);
    }

    pub(super) fn place(&mut self, area: Area) {
        self.area = area;
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let mut y = area.y;
        for field in &mut self.fields {
            field.place(Area::new(area.x, y, area.w, FIELD));
            y += FIELD;
        }
        self.change.place(Area::new(area.x, y, area.w, size::CONTROL));
        let note = Area::new(area.x, y + size::CONTROL + 8, area.w, 56);
        self.words.borrow_mut().1.lines = vec![(self.note.clone(), note, false)];
        self.group.redraw();
    }

    pub(super) fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    pub(super) fn controls(&self, out: &mut Vec<Control>) {
        if self.group.visible_r() {
            for field in &self.fields {
                field.controls(out);
            }
            out.extend(self.change.control());
            out.push(Control::new("panel-note", "text", self.area, self.note.clone()));
        }
    }
}
