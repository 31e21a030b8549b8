//! Messages that hold a text, from the local history.

use std::rc::Rc;

use fltk::group::Group;
use fltk::prelude::*;

use crate::app::{App, Msg, now};
use crate::design::paint::Area;
use crate::design::theme::{size, space};
use crate::design::{Icon, Theme};
use crate::view::{Outbox, clock};
use crate::widget::{Control, Field, Item, ListView, Picked};

/// The page as widgets.
pub(super) struct SearchPage {
    group: Group,
    text: Field,
    list: ListView,
}

impl SearchPage {
    pub(super) fn new(theme: Theme, out: &Outbox) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let (typed, picked) = (out.clone(), out.clone());
        let text = Field::new("panel-input", true, Some(Icon::Search), theme)
            .on_change(move |text| typed.put(Msg::Search(text)), || {});
        let list = ListView::new(
            theme,
            Rc::new(move |what| {
                let (Picked::Row(key) | Picked::Action(key, _)) = what;
                picked.put(Msg::Reveal(usize::try_from(key).unwrap_or(usize::MAX)));
            }),
        );
        group.end();
        Self { group, text, list }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        self.text.set_theme(app.theme, app.theme.surface);
        self.text.set_label(&app.texts.get("t-search-hint"));
        self.list.set_theme(app.theme);
        self.list.set_name("hits", &app.texts.get("t-search"));
    }

    pub(super) fn follow(&mut self, app: &App, turned: bool) {
        if turned {
            self.text.focus();
        }
        let empty = if self.text.value().trim().is_empty() { "t-search-begin" } else { "t-search-nothing" };
        self.list.set_empty_text(&app.texts.get(empty));
        let now = now();
        let item = |(key, found): (u64, &crate::disk::Found)| Item {
            name: format!("hit:{key}"),
            key,
            avatar: Some(found.sender.clone()),
            title: found.sender.clone(),
            aside: app.state.contact(found.id).map(|contact| contact.name.clone()).unwrap_or_default(),
            note: found.snippet.clone(),
            time: clock::short(&app.texts, found.time, now),
            ..Item::default()
        };
        self.list.set_items((0..).zip(&app.found).map(item).collect());
    }

    pub(super) fn place(&mut self, area: Area) {
        self.group.resize(area.x, area.y, area.w, area.h);
        self.text.place(Area::new(area.x, area.y, area.w, size::CONTROL));
        let top = size::CONTROL + space::M;
        self.list.place(Area::new(area.x, area.y + top, area.w, area.h - top));
    }

    pub(super) fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    pub(super) fn list(&mut self) -> &mut ListView {
        &mut self.list
    }

    pub(super) fn controls(&self, out: &mut Vec<Control>) {
        if self.group.visible_r() {
            self.text.controls(out);
            self.list.controls(out);
        }
    }
}
