//! Whether something that can't be undone is really meant: a sentence and two buttons, where the one button was.

use super::flow::Flow;
use crate::app::rooms::{Deed, RoomMsg};
use crate::app::{App, Msg};
use crate::design::Theme;
use crate::design::paint::Area;
use crate::design::theme::{size, space};
use crate::view::Outbox;
use crate::widget::{Control, Kind, PushButton};

/// The question as widgets; the page has it only while it is asked.
pub(super) struct Question {
    keep: PushButton,
    really: PushButton,
    text: String,
    area: Area,
}

impl Question {
    /// Builds the buttons within the group that is open now.
    pub(super) fn new(theme: Theme, out: &Outbox) -> Self {
        let button = |name: &str, kind, meant| {
            let out = out.clone();
            PushButton::new(name, kind, None, theme)
                .on_click(move || out.put(Msg::Room(RoomMsg::Meant(meant))))
        };
        let keep = button("panel-keep", Kind::Quiet, false);
        let really = button("panel-danger", Kind::Danger, true);
        Self { keep, really, text: String::new(), area: Area::default() }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        for button in [&mut self.keep, &mut self.really] {
            button.set_theme(app.theme, app.theme.surface);
        }
        self.keep.set_text(&app.texts.get("t-no-keep"));
    }

    /// Takes in what is asked. True when something is.
    pub(super) fn follow(&mut self, app: &App) -> bool {
        let is_last =
            app.open_room().and_then(|room| app.state.members(room)).is_some_and(|all| all.len() == 1);
        let owns = app.open_room().is_some_and(|room| app.state.owns(room));
        let keys = match &app.desk.asks {
            Some(Deed::Leave) if is_last => Some(("t-leave-last", "t-leave-yes")),
            Some(Deed::Leave) if owns => Some(("t-leave-owner", "t-leave-yes")),
            Some(Deed::Leave) => Some(("t-leave-really", "t-leave-yes")),
            Some(Deed::Close) => Some(("t-close-really", "t-close-yes")),
            Some(Deed::Remove) => Some(("t-remove-really", "t-remove-yes")),
            Some(Deed::HandOver) => Some(("t-hand-over-really", "t-hand-over-yes")),
            _ => None,
        };
        let asked = keys.is_some();
        let is_new = asked && self.text.is_empty();
        if let Some((question, yes)) = keys {
            let member = app.shown_member().map(|member| member.name.clone()).unwrap_or_default();
            let room = app.open_name().unwrap_or_default();
            self.text = app.texts.with(question, &[("name", member.into()), ("room", room.into())]);
            self.really.set_text(&app.texts.get(yes));
        } else {
            self.text.clear();
        }
        self.keep.set_visible(asked);
        self.really.set_visible(asked);
        if is_new {
            // The button that was pressed goes: the keyboard comes here, to the harmless one.
            self.keep.focus();
        }
        asked
    }

    /// How high it is at this width; nothing while nothing is asked.
    pub(super) fn height(&self, w: i32) -> i32 {
        if self.text.is_empty() { 0 } else { Flow::height_of(&self.text, w) + space::S + size::CONTROL }
    }

    /// Puts it there; gives its words.
    pub(super) fn place(&mut self, area: Area) -> Vec<(String, Area, bool)> {
        self.area = area;
        if self.text.is_empty() {
            return Vec::new();
        }
        let half = (area.w - space::S) / 2;
        let y = area.y + area.h - size::CONTROL;
        self.keep.place(Area::new(area.x, y, half, size::CONTROL));
        self.really.place(Area::new(area.x + half + space::S, y, half, size::CONTROL));
        vec![(self.text.clone(), Area { h: area.h - size::CONTROL, ..area }, false)]
    }

    pub(super) fn controls(&self, out: &mut Vec<Control>) {
        out.extend([&self.keep, &self.really].into_iter().filter_map(PushButton::control));
        if !self.text.is_empty() {
            out.push(Control::new("panel-question", "text", self.area, self.text.clone()));
        }
    }
}
