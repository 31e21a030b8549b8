//! Add a friend, join a room, create a room: one page, at most two clicks each.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::group::Group;
use fltk::prelude::*;

use super::{Words, worded};
use crate::app::{App, Msg};
use crate::design::paint::Area;
use crate::design::theme::{size, space};
use crate::design::{Icon, Theme};
use crate::view::Outbox;
use crate::widget::{Backdrop, Control, Field, Item, Kind, ListView, Picked, PushButton};

/// The page as widgets.
pub(super) struct ContactsPage {
    group: Group,
    ground: Backdrop,
    words: Rc<RefCell<(Theme, Words)>>,
    friend: Field,
    ask: PushButton,
    found: ListView,
    number: Field,
    join: PushButton,
    name: Field,
    create: PushButton,
    names: Rc<RefCell<Vec<String>>>,
    notes: (String, String),
    heads: [String; 3],
    area: Area,
}

impl ContactsPage {
    pub(super) fn new(theme: Theme, out: &Outbox) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let (ground, words) = worded(theme);
        let field = |name: &str, icon| Field::new(name, true, Some(icon), theme);
        let value: [Rc<RefCell<String>>; 3] = Default::default();
        let build = |field: Field, at: usize, live: bool, msg: fn(String) -> Msg| {
            let (kept, out_change) = (Rc::clone(&value[at]), out.clone());
            let (entered, out_enter) = (Rc::clone(&value[at]), out.clone());
            field.on_change(
                move |text| {
                    kept.borrow_mut().clone_from(&text);
                    if live {
                        out_change.put(Msg::FindUsers(text));
                    }
                },
                move || out_enter.put(msg(entered.borrow().clone())),
            )
        };
        let push = |name: &str, at: usize, msg: fn(String) -> Msg| {
            let (kept, out) = (Rc::clone(&value[at]), out.clone());
            PushButton::new(name, Kind::Primary, None, theme)
                .on_click(move || out.put(msg(kept.borrow().clone())))
        };
        let friend = build(field("new:add-friend", Icon::AddFriend), 0, true, Msg::AddFriend);
        let ask = push("add-friend-ok", 0, Msg::AddFriend);
        let names: Rc<RefCell<Vec<String>>> = Rc::default();
        let (known, asked) = (Rc::clone(&names), out.clone());
        let found = ListView::new(
            theme,
            Rc::new(move |picked| {
                let (Picked::Row(key) | Picked::Action(key, _)) = picked;
                if let Some(name) = usize::try_from(key).ok().and_then(|at| known.borrow().get(at).cloned()) {
                    asked.put(Msg::AddFriend(name));
                }
            }),
        );
        let number = build(field("new:join-room", Icon::Room), 1, false, Msg::JoinRoom);
        let join = push("join-room-ok", 1, Msg::JoinRoom);
        let name = build(field("new:create-room", Icon::Plus), 2, false, Msg::CreateRoom);
        let create = push("create-room-ok", 2, Msg::CreateRoom);
        group.end();
        let (notes, heads, area) = (<(String, String)>::default(), Default::default(), Area::default());
        Self {
            group,
            ground,
            words,
            friend,
            ask,
            found,
            number,
            join,
            name,
            create,
            names,
            notes,
            heads,
            area,
        }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        let (theme, texts) = (app.theme, &app.texts);
        self.words.borrow_mut().0 = theme;
        let fields = [
            (&mut self.friend, "t-user-name"),
            (&mut self.number, "t-room-number"),
            (&mut self.name, "t-room-name"),
        ];
        for (field, key) in fields {
            field.set_theme(theme, theme.surface);
            field.set_label(&texts.get(key));
        }
        let buttons = [(&mut self.ask, "t-add"), (&mut self.join, "t-join"), (&mut self.create, "t-create")];
        for (button, key) in buttons {
            button.set_theme(theme, theme.surface);
            button.set_text(&texts.get(key));
        }
        self.found.set_theme(theme);
        self.found.set_name("found-users", &texts.get("t-add-friend"));
        self.heads = [texts.get("t-add-friend"), texts.get("t-join-room"), texts.get("t-create-room")];
    }

    pub(super) fn follow(&mut self, app: &App, turned: bool) {
        if turned {
            for field in [&mut self.friend, &mut self.number, &mut self.name] {
                field.set_value("");
            }
            self.friend.focus();
        }
        let me = app.state.me().map(|me| me.id);
        let found: Vec<_> = app.found_users.iter().filter(|user| Some(user.id) != me).collect();
        *self.names.borrow_mut() = found.iter().map(|user| user.username.clone()).collect();
        let item = |(key, user): (u64, &&uchat_codec::chat::FoundUser)| Item {
            name: format!("found:{}", user.username),
            key,
            avatar: Some(user.username.clone()),
            presence: Some(user.online),
            spoken: vec![app.texts.get(if user.online { "t-online" } else { "t-offline" })],
            title: user.username.clone(),
            note: app.texts.get("t-click-to-add"),
            ..Item::default()
        };
        self.found.set_items((0..).zip(&found).map(item).collect());
        self.notes = (app.friend_note.clone(), app.room_note.clone());
        self.place(self.area);
    }

    pub(super) fn find(&mut self, name: &str) {
        self.friend.set_value(name);
        self.friend.announce();
    }

    pub(super) fn place(&mut self, area: Area) {
        self.area = area;
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let button = 110;
        let row = |y: i32| {
            let field = Area::new(area.x, y, area.w - button - space::S, size::CONTROL);
            (field, Area::new(area.x + area.w - button, y, button, size::CONTROL))
        };
        // Rooms stand at the bottom, so that what is found has the room in between.
        let rooms = 2 * (size::CONTROL + 34) + 40;
        let mut words = Words::default();
        let mut y = area.y;
        words.lines.push((self.heads[0].clone(), Area::new(area.x, y, area.w, 24), true));
        y += 30;
        let (at, ok) = row(y);
        self.friend.place(at);
        self.ask.place(ok);
        y += size::CONTROL + space::XS;
        words.lines.push((self.notes.0.clone(), Area::new(area.x + space::S, y, area.w, 24), false));
        y += 26;
        let list = (area.y + area.h - rooms - y).clamp(0, 5 * size::ROW);
        self.found.place(Area::new(area.x, y, area.w, list));
        y += list + space::S;
        for (field, ok, head) in
            [(&mut self.number, &mut self.join, 1), (&mut self.name, &mut self.create, 2)]
        {
            words.lines.push((self.heads[head].clone(), Area::new(area.x, y, area.w, 24), true));
            y += 28;
            let (at, right) = row(y);
            field.place(at);
            ok.place(right);
            y += size::CONTROL + space::S;
        }
        words.lines.push((
            self.notes.1.clone(),
            Area::new(area.x + space::S, y, area.w - space::S, 40),
            false,
        ));
        self.words.borrow_mut().1 = words;
        self.group.redraw();
    }

    pub(super) fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    pub(super) fn list(&mut self) -> &mut ListView {
        &mut self.found
    }

    pub(super) fn controls(&self, out: &mut Vec<Control>) {
        if !self.group.visible_r() {
            return;
        }
        for field in [&self.friend, &self.number, &self.name] {
            field.controls(out);
        }
        out.extend([&self.ask, &self.join, &self.create].into_iter().filter_map(PushButton::control));
        self.found.controls(out);
        for (name, text) in [("friend-note", &self.notes.0), ("room-note", &self.notes.1)] {
            if !text.is_empty() {
                out.push(Control::new(name, "text", self.area, text.clone()));
            }
        }
    }
}
