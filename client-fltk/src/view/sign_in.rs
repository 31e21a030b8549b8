//! The sign-in and register form.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::Align;
use fltk::group::Group;
use fltk::prelude::*;
use uchat_client_core::Registration;

use super::Outbox;
use crate::app::form::{Face, FieldName, Form};
use crate::app::{App, Msg};
use crate::design::paint::{self, Area, BOLD, FACE};
use crate::design::theme::{size, space, type_scale};
use crate::design::{Theme, icon};
use crate::settings::SuiteName;
use crate::widget::{Backdrop, Control, Field, Kind, PushButton};

/// How wide the form is, when there is room.
const WIDTH: i32 = 340;
/// What sex may be, as the protocol writes it, with the key of its text and its name for tests.
const SEXES: [(&str, &str, &str); 3] = [
    (Registration::UNSAID, "t-unsaid", "sex:unsaid"),
    ("男", "t-male", "sex:male"),
    ("女", "t-female", "sex:female"),
];

struct Painted {
    theme: Theme,
    title: String,
    slogan: String,
    status: String,
    is_error: bool,
    sex_label: Option<(String, Area)>,
    form: Area,
    status_area: Area,
}

/// The form as widgets.
pub struct SignIn {
    group: Group,
    ground: Backdrop,
    fields: Vec<(FieldName, Field)>,
    age: Field,
    sexes: Vec<PushButton>,
    submit: PushButton,
    switch: PushButton,
    language: PushButton,
    suite: PushButton,
    trust: PushButton,
    painted: Rc<RefCell<Painted>>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

impl SignIn {
    /// Builds the form within the group that is open now.
    pub fn new(app: &App, out: &Outbox) -> Self {
        let theme = app.theme;
        let group = Group::new(0, 0, 0, 0, None);
        let painted = Rc::new(RefCell::new(Painted {
            theme,
            title: String::new(),
            slogan: String::new(),
            status: String::new(),
            is_error: false,
            sex_label: None,
            form: Area::default(),
            status_area: Area::default(),
        }));
        let drawn = Rc::clone(&painted);
        let ground = Backdrop::new(move |area| paint_ground(&drawn.borrow(), area));
        let fields = FieldName::ALL
            .into_iter()
            .map(|name| {
                let field = Field::new(name.id(), false, None, theme);
                let secret = matches!(name, FieldName::Password | FieldName::Confirm);
                let field = if secret { field.secret() } else { field };
                let (typed, enter) = (out.clone(), out.clone());
                (
                    name,
                    field.on_change(move |v| typed.put(Msg::Typed(name, v)), move || enter.put(Msg::Submit)),
                )
            })
            .collect();
        let sexes = SEXES
            .iter()
            .map(|(value, _, name)| {
                let out = out.clone();
                PushButton::new(*name, Kind::Choice, None, theme).on_click(move || out.put(Msg::Sex(value)))
            })
            .collect();
        let (typed, enter) = (out.clone(), out.clone());
        let age = Field::new("age", false, None, theme)
            .on_change(move |value| typed.put(Msg::Age(age_of(&value))), move || enter.put(Msg::Submit));
        let trust = button("trust-server", Kind::Danger, theme, out, || Msg::TrustServer);
        let submit = button("submit", Kind::Primary, theme, out, || Msg::Submit);
        let switch = button("switch", Kind::Link, theme, out, || Msg::SwitchFace);
        let suite = button("suite", Kind::Link, theme, out, || Msg::SwitchSuite);
        let language = button("language", Kind::Link, theme, out, || Msg::SwitchLanguage);
        group.end();
        Self { group, ground, fields, age, sexes, submit, switch, language, suite, trust, painted }
    }

    /// Takes in language, theme and what the fields begin with.
    pub fn set_look(&mut self, app: &App) {
        let (theme, texts) = (app.theme, &app.texts);
        self.painted.borrow_mut().theme = theme;
        for (name, field) in &mut self.fields {
            field.set_theme(theme, theme.surface);
            field.set_label(&texts.get(name.label()));
        }
        self.age.set_theme(theme, theme.surface);
        self.age.set_label(&texts.get("t-age"));
        for (button, (_, key, _)) in self.sexes.iter_mut().zip(SEXES) {
            button.set_theme(theme, theme.surface);
            button.set_text(&texts.get(key));
        }
        for button in
            [&mut self.submit, &mut self.switch, &mut self.language, &mut self.suite, &mut self.trust]
        {
            button.set_theme(theme, theme.surface);
        }
        self.trust.set_text(&texts.get("t-trust-server"));
        self.language.set_text(&texts.get("t-other-language"));
        self.set_values(&app.form);
    }

    fn set_values(&mut self, form: &Form) {
        for (name, field) in &mut self.fields {
            match name {
                FieldName::Server => field.set_value(&form.server),
                FieldName::Username => field.set_value(&form.username),
                FieldName::Password => field.set_value(form.password.expose()),
                FieldName::Confirm => field.set_value(form.confirm.expose()),
                FieldName::Email => field.set_value(&form.email),
            }
        }
    }

    /// Shows problems, the answer of the server, and whether one is waited for.
    pub fn follow(&mut self, app: &App) {
        let (form, texts) = (&app.form, &app.texts);
        let registers = form.face == Face::Register;
        for (name, field) in &mut self.fields {
            let problem = form.shown_problem(*name).map(|key| texts.get(key)).unwrap_or_default();
            field.set_problem(&problem);
            field.set_enabled(!form.busy);
            if *name == FieldName::Password && form.password.expose().is_empty() {
                field.set_value("");
            }
        }
        for (button, (value, ..)) in self.sexes.iter_mut().zip(SEXES) {
            button.set_on(form.sex == value);
        }
        self.submit.set_enabled(!form.busy);
        let key = match (form.busy, registers) {
            (true, _) => "t-busy",
            (false, true) => "t-register",
            (false, false) => "t-sign-in",
        };
        self.submit.set_text(&texts.get(key));
        self.switch.set_text(&texts.get(if registers { "t-to-sign-in" } else { "t-to-register" }));
        let classic = app.settings.suite(&form.server) == SuiteName::Classic;
        self.suite.set_text(&texts.get(if classic { "t-use-strong" } else { "t-use-classic" }));
        self.trust.set_visible(app.untrusted.is_some() && !form.busy);
        let mut painted = self.painted.borrow_mut();
        painted.title = texts.get(if registers { "t-title-register" } else { "t-title-sign-in" });
        painted.slogan = texts.get(if classic { "t-slogan-classic" } else { "t-slogan" });
        painted.status = form.status.clone().unwrap_or_default();
        painted.is_error = form.status.is_some();
        painted.sex_label = registers.then(|| (texts.get("t-sex"), Area::default()));
        drop(painted);
        let area = self.ground.area();
        self.place(area, form);
        self.group.redraw();
    }

    /// Lays the form out in the middle.
    pub fn place(&mut self, area: Area, form: &Form) {
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let registers = form.face == Face::Register;
        let w = WIDTH.min(area.w - 2 * space::XL);
        let x = area.x + (area.w - w) / 2;
        // The register face is long: two fields share a line there.
        let rows = if registers { 5 } else { 3 };
        let row = 79;
        let warning = if self.trust.control().is_some() { 46 + size::CONTROL + space::S } else { 0 };
        let rest = rows * row + 130 + warning;
        // In a low window the mark is smaller, or makes room.
        let head = match (registers, area.h - rest - 16) {
            (false, 168..) => 168,
            (_, 112..) => 112,
            _ => 60,
        };
        let wanted = head + rest;
        let mut y = area.y + ((area.h - wanted) / 2).max(8);
        self.painted.borrow_mut().form = Area::new(x, y, w, head);
        y += head;
        let half = (w - space::M) / 2;
        for (name, field) in &mut self.fields {
            let shown = form.fields().contains(name);
            field.set_visible(shown);
            if !shown {
                continue;
            }
            let side = match name {
                FieldName::Password if registers => Some(0),
                FieldName::Confirm => Some(half + space::M),
                _ => None,
            };
            let at = match side {
                Some(left) => Area::new(x + left, y, half, row),
                None => Area::new(x, y, w, row),
            };
            field.place(at);
            if !(registers && *name == FieldName::Password) {
                y += row;
            }
        }
        self.age.set_visible(registers);
        for button in &mut self.sexes {
            button.set_visible(registers);
        }
        if registers {
            y = self.place_sex_and_age(x, y, w);
        }
        // A warning has more to say than fits between two fields.
        let status = if self.trust.control().is_some() { 86 } else { 40 };
        self.painted.borrow_mut().status_area = Area::new(x - 20, y - 4, w + 40, status);
        y += status - 2;
        if self.trust.control().is_some() {
            self.trust.place(Area::new(x, y, w, size::CONTROL));
            y += size::CONTROL + space::S;
        }
        self.submit.place(Area::new(x, y, w, size::CONTROL + 4));
        y += size::CONTROL + 4 + space::S;
        self.switch.place(Area::new(x, y, w, 28));
        y += 28;
        self.suite.place(Area::new(x, y, w, 26));
        let w = self.language.wanted_width() + space::S;
        self.language.place(Area::new(area.x + area.w - w - space::M, area.y + space::M, w, 28));
    }

    fn place_sex_and_age(&mut self, x: i32, y: i32, w: i32) -> i32 {
        let age = 96;
        let each = (w - age - space::M - 2 * space::XS) / 3;
        for (at, button) in (0..).zip(&mut self.sexes) {
            button.place(Area::new(x + at * (each + space::XS), y + 20, each, size::CONTROL));
        }
        if let Some((_, area)) = &mut self.painted.borrow_mut().sex_label {
            *area = Area::new(x + 2, y, w - age, 17);
        }
        self.age.place(Area::new(x + w - age, y, age, 79));
        y + 69
    }

    /// Whether it is on the screen.
    pub fn is_visible(&self) -> bool {
        self.group.visible()
    }

    /// Whether it is there.
    pub fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    /// The keyboard goes to the first field that wants something.
    pub fn focus(&mut self, form: &Form) {
        let wanted = if form.username.is_empty() { FieldName::Username } else { FieldName::Password };
        if let Some((_, field)) = self.fields.iter_mut().find(|(name, _)| *name == wanted) {
            field.focus();
        }
    }

    /// As tests and screen readers see it.
    pub fn controls(&self, out: &mut Vec<Control>) {
        if !self.group.visible_r() {
            return;
        }
        for (_, field) in &self.fields {
            field.controls(out);
        }
        out.extend(self.sexes.iter().filter_map(PushButton::control));
        self.age.controls(out);
        let buttons = [&self.trust, &self.submit, &self.switch, &self.suite, &self.language];
        out.extend(buttons.into_iter().filter_map(PushButton::control));
        let painted = self.painted.borrow();
        out.push(Control::new("title", "text", painted.form, painted.title.clone()));
        if !painted.status.is_empty() {
            out.push(Control::new("status", "text", painted.status_area, painted.status.clone()));
        }
    }
}

fn button(name: &str, kind: Kind, theme: Theme, out: &Outbox, msg: impl Fn() -> Msg + 'static) -> PushButton {
    let out = out.clone();
    PushButton::new(name, kind, None, theme).on_click(move || out.put(msg()))
}

/// What the protocol writes for an age that nobody tells.
fn age_of(typed: &str) -> String {
    if typed.trim().is_empty() { Registration::UNSAID.to_owned() } else { typed.trim().to_owned() }
}

fn paint_ground(painted: &Painted, area: Area) {
    let theme = &painted.theme;
    paint::fill(area, theme.surface);
    let head = painted.form;
    let small = head.h < 150;
    let side = match head.h {
        ..100 => 0,
        100..150 => 48,
        _ => 76,
    };
    if let Some(mut mark) = icon::mark(side) {
        mark.draw(head.x + (head.w - side) / 2, head.y, side, side);
    }
    let title = Area::new(head.x - 40, head.y + side + 8, head.w + 80, 34);
    let title_size = if small { type_scale::TITLE + 2 } else { type_scale::DISPLAY };
    paint::line(&painted.title, title, BOLD, title_size, theme.text, Align::Center);
    if !small {
        let slogan = Area::new(head.x - 60, title.y + 36, head.w + 120, 22);
        paint::line(&painted.slogan, slogan, FACE, type_scale::NOTE, theme.faint, Align::Center);
    }
    if let Some((label, area)) = &painted.sex_label {
        paint::line(label, *area, FACE, type_scale::NOTE, theme.faint, Align::Left | Align::Inside);
    }
    if !painted.status.is_empty() {
        fltk::draw::set_font(FACE, type_scale::NOTE);
        fltk::draw::set_draw_color(if painted.is_error { theme.danger } else { theme.faint });
        let area = painted.status_area;
        let text = painted.status.replace('@', "@@");
        fltk::draw::draw_text2(&text, area.x, area.y, area.w, area.h, Align::Center | Align::Wrap);
    }
}
