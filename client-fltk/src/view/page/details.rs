//! Which friend the conversation is with: presence, the safety number, and the way to part.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::group::Group;
use fltk::prelude::*;
use uchat_client_core::ConversationId;

use super::safety::SafetyBlock;
use super::{Words, worded};
use crate::app::{App, Msg};
use crate::design::Theme;
use crate::design::paint::Area;
use crate::design::theme::{size, space};
use crate::view::Outbox;
use crate::widget::{Backdrop, Control, Item, Kind, ListView, Picked, PushButton};

/// The page as widgets.
pub(super) struct DetailsPage {
    group: Group,
    ground: Backdrop,
    words: Rc<RefCell<(Theme, Words)>>,
    list: ListView,
    safety: SafetyBlock,
    nudge: PushButton,
    delete: PushButton,
    really: PushButton,
    keep: PushButton,
    members: Rc<RefCell<Vec<(u64, String)>>>,
    note: String,
    is_friend: bool,
    asks: bool,
    area: Area,
}

impl DetailsPage {
    pub(super) fn new(theme: Theme, out: &Outbox) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let (ground, words) = worded(theme);
        let members: Rc<RefCell<Vec<(u64, String)>>> = Rc::default();
        let (known, picked) = (Rc::clone(&members), out.clone());
        let list = ListView::new(
            theme,
            Rc::new(move |what| {
                let (Picked::Row(key) | Picked::Action(key, _)) = what;
                if let Some((id, name)) =
                    usize::try_from(key).ok().and_then(|at| known.borrow().get(at).cloned())
                {
                    picked.put(Msg::Member(id, name));
                }
            }),
        );
        let button = |name: &str, kind, msg: Msg| {
            let out = out.clone();
            PushButton::new(name, kind, None, theme).on_click(move || out.put(msg.clone()))
        };
        let safety = SafetyBlock::new(theme, out);
        let nudge = button("nudge", Kind::Quiet, Msg::Nudge);
        let delete = button("delete-friend", Kind::Danger, Msg::AskDelete(true));
        let really = button("panel-danger", Kind::Danger, Msg::DeleteFriend);
        let keep = button("panel-keep", Kind::Quiet, Msg::AskDelete(false));
        group.end();
        let (note, area) = (String::new(), Area::default());
        Self {
            group,
            ground,
            words,
            list,
            safety,
            nudge,
            delete,
            really,
            keep,
            members,
            note,
            is_friend: false,
            asks: false,
            area,
        }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        self.words.borrow_mut().0 = app.theme;
        self.list.set_theme(app.theme);
        self.list.set_name("members", &app.texts.get("t-members"));
        self.safety.set_look(app);
        let buttons = [
            (&mut self.nudge, "t-nudge"),
            (&mut self.delete, "t-delete-friend"),
            (&mut self.really, "t-delete"),
            (&mut self.keep, "t-keep"),
        ];
        for (button, key) in buttons {
            button.set_theme(app.theme, app.theme.surface);
            button.set_text(&app.texts.get(key));
        }
    }

    pub(super) fn follow(&mut self, app: &App) {
        let open = app.state.open_conversation();
        let name = app.open_name().unwrap_or_default();
        let contact = open.and_then(|id| app.state.contact(id));
        let mut people: Vec<(u64, String, bool, String)> = Vec::new();
        match open {
            Some(ConversationId::Friend(id)) => {
                let online = contact.is_some_and(|contact| contact.online);
                people.push((id, name.clone(), online, app.head_note()));
                self.note = if app.asks_delete {
                    app.texts.with("t-delete-really", &[("name", name.into())])
                } else {
                    String::new()
                };
            }
            _ => self.note = String::new(),
        }
        self.is_friend =
            matches!(open, Some(ConversationId::Friend(_))) && contact.is_some_and(|contact| contact.listed);
        self.asks = app.asks_delete;
        *self.members.borrow_mut() = people.iter().map(|(id, name, ..)| (*id, name.clone())).collect();
        let item = |(key, (_, name, online, note)): (u64, &(u64, String, bool, String))| Item {
            name: format!("member:{name}"),
            key,
            avatar: Some(name.clone()),
            presence: Some(*online),
            spoken: vec![app.texts.get(if *online { "t-online" } else { "t-offline" })],
            title: name.clone(),
            coloured: true,
            note: note.clone(),
            ..Item::default()
        };
        self.list.set_items((0..).zip(&people).map(item).collect());
        self.safety.follow(app);
        let there = contact.is_some_and(|contact| contact.online) && app.friend_with_key().is_some();
        self.nudge.set_visible(self.is_friend && !self.asks && there);
        self.delete.set_visible(self.is_friend && !self.asks);
        self.really.set_visible(self.is_friend && self.asks);
        self.keep.set_visible(self.is_friend && self.asks);
        self.place(self.area);
    }

    pub(super) fn place(&mut self, area: Area) {
        self.area = area;
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let note =
            Area::new(area.x + space::S, area.y, area.w - space::S, if self.is_friend { 44 } else { 24 });
        let mut y = area.y;
        if self.is_friend {
            self.list.place(Area::new(area.x, y, area.w, size::ROW));
            y += size::ROW + space::M;
            let (mut words, end) = self.safety.place(area, y);
            y = end;
            let note = Area { y: y + size::CONTROL + space::S, ..note };
            words.push((self.note.clone(), note, false));
            self.words.borrow_mut().1.lines = words;
            let half = (area.w - space::S) / 2;
            // Beside each other where there is something to nudge.
            let alone = self.nudge.control().is_none();
            self.nudge.place(Area::new(area.x, y, half, size::CONTROL));
            self.delete.place(if alone {
                Area::new(area.x, y, area.w, size::CONTROL)
            } else {
                Area::new(area.x + half + space::S, y, half, size::CONTROL)
            });
            self.keep.place(Area::new(area.x, y, half, size::CONTROL));
            self.really.place(Area::new(area.x + half + space::S, y, half, size::CONTROL));
        } else {
            self.words.borrow_mut().1.lines = vec![(self.note.clone(), note, false)];
            y += 32;
            self.list.place(Area::new(area.x, y, area.w, area.y + area.h - y));
        }
        self.group.redraw();
    }

    pub(super) fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    pub(super) fn list(&mut self) -> &mut ListView {
        &mut self.list
    }

    pub(super) fn controls(&self, out: &mut Vec<Control>) {
        if self.group.visible_r() {
            self.list.controls(out);
            self.safety.controls(out);
            out.extend(
                [&self.nudge, &self.delete, &self.really, &self.keep]
                    .into_iter()
                    .filter_map(PushButton::control),
            );
            if !self.note.is_empty() {
                out.push(Control::new("panel-note", "text", self.area, self.note.clone()));
            }
        }
    }
}
