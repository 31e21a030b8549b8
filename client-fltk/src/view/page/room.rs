//! Which room the conversation is in: its members and the way out; and the friends who could be invited.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::group::Group;
use fltk::prelude::*;
use uchat_client_core::{ConversationId, Member};
use uchat_codec::chat::room::Entry;

use super::flow::Flow;
use super::question::Question;
use super::{Words, worded};
use crate::app::rooms::{Deed, RoomMsg};
use crate::app::{App, Msg, Page};
use crate::design::paint::Area;
use crate::design::theme::{size, space};
use crate::design::{Icon, Theme};
use crate::view::Outbox;
use crate::widget::{Backdrop, Control, Field, Item, Kind, ListView, Picked, PushButton};

/// The page as widgets.
pub(super) struct RoomPage {
    group: Group,
    ground: Backdrop,
    words: Rc<RefCell<(Theme, Words)>>,
    invite: PushButton,
    rules: PushButton,
    filter: Field,
    list: ListView,
    leave: PushButton,
    question: Question,
    people: Rc<RefCell<Vec<Person>>>,
    /// How others come in, above; what came of the last deed, below.
    head: String,
    note: String,
    invites: bool,
    area: Area,
}

/// Whom a row is about.
enum Person {
    Member(u64, String),
    Friend(u64),
}

impl RoomPage {
    pub(super) fn new(theme: Theme, out: &Outbox) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let (ground, words) = worded(theme);
        let button = |name: &str, kind, icon, msg: Msg| {
            let out = out.clone();
            PushButton::new(name, kind, icon, theme).on_click(move || out.put(msg.clone()))
        };
        let invite = button("invite", Kind::Quiet, Some(Icon::AddFriend), Msg::Go(Page::Invite));
        let rules = button("room-rules", Kind::Quiet, Some(Icon::Settings), Msg::Go(Page::Rules));
        let typed = out.clone();
        let filter = Field::new("invite-filter", true, Some(Icon::Search), theme)
            .on_change(move |text| typed.put(Msg::Room(RoomMsg::Filter(text))), || {});
        let people: Rc<RefCell<Vec<Person>>> = Rc::default();
        let (known, picked) = (Rc::clone(&people), out.clone());
        let list = ListView::new(
            theme,
            Rc::new(move |what| {
                let (Picked::Row(key) | Picked::Action(key, _)) = what;
                let known = known.borrow();
                match usize::try_from(key).ok().and_then(|at| known.get(at)) {
                    Some(Person::Member(id, name)) => picked.put(Msg::Member(*id, name.clone())),
                    Some(Person::Friend(id)) => picked.put(Msg::Room(RoomMsg::Do(Deed::Invite(*id)))),
                    None => {}
                }
            }),
        );
        let leave = button("leave-room", Kind::Danger, None, Msg::Room(RoomMsg::Ask(Deed::Leave)));
        let question = Question::new(theme, out);
        group.end();
        let (head, note, area) = <(String, String, Area)>::default();
        let invites = false;
        Self {
            group,
            ground,
            words,
            invite,
            rules,
            filter,
            list,
            leave,
            question,
            people,
            head,
            note,
            invites,
            area,
        }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        let (theme, texts) = (app.theme, &app.texts);
        self.words.borrow_mut().0 = theme;
        self.list.set_theme(theme);
        self.filter.set_theme(theme, theme.surface);
        self.filter.set_label(&texts.get("t-filter"));
        let buttons =
            [(&mut self.invite, "t-invite"), (&mut self.rules, "t-room-rules"), (&mut self.leave, "t-leave")];
        for (button, key) in buttons {
            button.set_theme(theme, theme.surface);
            button.set_text(&texts.get(key));
        }
        self.question.set_look(app);
    }

    pub(super) fn follow(&mut self, app: &App, turned: bool) {
        self.invites = app.page == Page::Invite;
        let texts = &app.texts;
        let room = app.open_room().unwrap_or_default();
        let listed = app.state.contact(ConversationId::Room(room)).is_some_and(|room| room.listed);
        if self.invites {
            self.follow_friends(app, turned);
        } else {
            self.follow_members(app, room);
        }
        self.note.clone_from(&app.desk.note);
        let asks = self.question.follow(app);
        let at_home = !self.invites && listed && !asks;
        // Over the existing server's connection nothing of this is known.
        let known = app.state.room(room).is_some_and(|room| room.rules.is_some());
        self.invite.set_visible(!self.invites && listed && known);
        self.rules.set_visible(!self.invites && app.state.owns(room));
        self.leave.set_visible(at_home && known);
        self.filter.set_visible(self.invites);
        let name = if self.invites { ("friends", "t-contacts") } else { ("members", "t-members") };
        self.list.set_name(name.0, &texts.get(name.1));
        self.place(self.area);
        if turned && self.invites {
            self.filter.focus();
        }
    }

    fn follow_members(&mut self, app: &App, room: u64) {
        let texts = &app.texts;
        let rules = app.state.room(room).and_then(|room| room.rules);
        let key = match rules.map(|rules| rules.entry) {
            None | Some(Entry::Open) => "t-room-invite",
            Some(Entry::Invitation) => "t-room-by-invitation",
            Some(Entry::Approval) => "t-room-by-approval",
        };
        self.head = texts.with(key, &[("room", room.to_string().into())]);
        let muted = rules.is_some_and(|rules| rules.muted);
        if muted {
            self.head = format!("{} {}", self.head, texts.get("t-room-muted"));
        }
        let mut members: Vec<&Member> = app.state.members(room).unwrap_or_default().iter().collect();
        members.sort_by_key(|member| (!member.owner, !member.online, member.name.as_str()));
        let owns = app.state.owns(room);
        let items = (0..).zip(&members).map(|(key, member)| member_item(app, member, key, muted, owns));
        self.list.set_items(items.collect());
        let people = members.iter().map(|member| Person::Member(member.id, member.name.clone()));
        *self.people.borrow_mut() = people.collect();
    }

    fn follow_friends(&mut self, app: &App, turned: bool) {
        if turned {
            self.filter.set_value("");
        }
        self.head = app.texts.with("t-invite-how", &[("room", app.open_name().unwrap_or_default().into())]);
        let friends = app.to_invite();
        let item = |(key, (_, name, online)): (u64, &(u64, String, bool))| Item {
            name: format!("invite:{name}"),
            key,
            avatar: Some(name.clone()),
            presence: Some(*online),
            spoken: vec![app.texts.get(if *online { "t-online" } else { "t-offline" })],
            title: name.clone(),
            note: app.texts.get("t-click-to-invite"),
            ..Item::default()
        };
        self.list.set_empty_text(&app.texts.get("t-nobody-to-invite"));
        self.list.set_items((0..).zip(&friends).map(item).collect());
        *self.people.borrow_mut() = friends.iter().map(|(id, ..)| Person::Friend(*id)).collect();
    }

    pub(super) fn place(&mut self, area: Area) {
        self.area = area;
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let mut words = Vec::new();
        let head = Flow::height_of(&self.head, area.w);
        words.push((self.head.clone(), Area::new(area.x, area.y, area.w, head), false));
        let mut y = area.y + head + space::S;
        if self.invites {
            self.filter.place(Area::new(area.x, y, area.w, size::CONTROL));
            y += size::CONTROL + space::S;
        } else if self.invite.control().is_some() {
            let both = self.rules.control().is_some();
            let w = if both { (area.w - space::S) / 2 } else { area.w };
            self.invite.place(Area::new(area.x, y, w, size::CONTROL));
            self.rules.place(Area::new(area.x + w + space::S, y, w, size::CONTROL));
            y += size::CONTROL + space::S;
        }
        let mut end = area.y + area.h;
        let question = self.question.height(area.w);
        if question > 0 {
            words.extend(self.question.place(Area::new(area.x, end - question, area.w, question)));
            end -= question + space::S;
        } else if self.leave.control().is_some() {
            self.leave.place(Area::new(area.x, end - size::CONTROL, area.w, size::CONTROL));
            end -= size::CONTROL + space::S;
        }
        if !self.note.is_empty() {
            let note = Flow::height_of(&self.note, area.w);
            words.push((self.note.clone(), Area::new(area.x, end - note, area.w, note), false));
            end -= note + space::XS;
        }
        self.list.place(Area::new(area.x, y, area.w, (end - y).max(0)));
        self.words.borrow_mut().1.lines = words;
        self.group.redraw();
    }

    pub(super) fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    pub(super) fn list(&mut self) -> &mut ListView {
        &mut self.list
    }

    pub(super) fn controls(&self, out: &mut Vec<Control>) {
        if !self.group.visible_r() {
            return;
        }
        out.extend([&self.invite, &self.rules].into_iter().filter_map(PushButton::control));
        if self.invites {
            self.filter.controls(out);
        }
        self.list.controls(out);
        out.extend(self.leave.control());
        self.question.controls(out);
        out.push(Control::new("panel-head", "text", self.area, self.head.clone()));
        if !self.note.is_empty() {
            out.push(Control::new("panel-note", "text", self.area, self.note.clone()));
        }
    }
}

/// A member as a row.
pub(super) fn member_item(app: &App, member: &Member, key: u64, muted: bool, owns: bool) -> Item {
    let texts = &app.texts;
    let is_me = app.state.me().is_some_and(|me| me.id == member.id);
    let friend = app.state.contact(ConversationId::Friend(member.id)).is_some_and(|contact| contact.listed);
    let note = match (is_me, owns, friend) {
        (true, ..) => "t-member-me",
        (_, true, _) => "t-member-owner-click",
        (.., true) => "t-member-friend",
        (.., false) => "t-member-stranger",
    };
    let mark = match (member.owner, muted && member.voice) {
        (true, _) => texts.get("t-owner"),
        (false, true) => texts.get("t-has-voice"),
        (false, false) => String::new(),
    };
    Item {
        name: format!("member:{}", member.name),
        key,
        avatar: Some(member.name.clone()),
        presence: Some(member.online),
        spoken: vec![texts.get(if member.online { "t-online" } else { "t-offline" })],
        title: member.name.clone(),
        coloured: true,
        aside: mark,
        note: texts.get(note),
        ..Item::default()
    }
}
