//! A member of a room, for its owner: talk, voice, hand the room over, put out.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::group::Group;
use fltk::prelude::*;
use uchat_client_core::ConversationId;

use super::flow::Flow;
use super::question::Question;
use super::room::member_item;
use super::{Words, worded};
use crate::app::rooms::{Deed, RoomMsg};
use crate::app::{App, Msg};
use crate::design::Theme;
use crate::design::paint::Area;
use crate::design::theme::{size, space};
use crate::view::Outbox;
use crate::widget::{Backdrop, Control, Item, Kind, ListView, PushButton};

/// The page as widgets.
pub(super) struct MemberPage {
    group: Group,
    ground: Backdrop,
    words: Rc<RefCell<(Theme, Words)>>,
    list: ListView,
    /// To the conversation with a friend, or to the way to become one.
    talk: PushButton,
    voice: PushButton,
    hand_over: PushButton,
    remove: PushButton,
    question: Question,
    shown: Rc<RefCell<(u64, String)>>,
    note: String,
    area: Area,
}

impl MemberPage {
    pub(super) fn new(theme: Theme, out: &Outbox) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let (ground, words) = worded(theme);
        let shown: Rc<RefCell<(u64, String)>> = Rc::default();
        let list = ListView::new(theme, Rc::new(|_| {}));
        let (who, asked) = (Rc::clone(&shown), out.clone());
        let talk = PushButton::new("member-talk", Kind::Quiet, None, theme).on_click(move || {
            let (id, name) = who.borrow().clone();
            asked.put(Msg::Member(id, name));
        });
        let button = |name: &str, kind, msg: RoomMsg| {
            let out = out.clone();
            PushButton::new(name, kind, None, theme).on_click(move || out.put(Msg::Room(msg.clone())))
        };
        let voice = button("member-voice", Kind::Quiet, RoomMsg::Do(Deed::Voice));
        let hand_over = button("hand-over", Kind::Quiet, RoomMsg::Ask(Deed::HandOver));
        let remove = button("remove-member", Kind::Danger, RoomMsg::Ask(Deed::Remove));
        let question = Question::new(theme, out);
        group.end();
        let (note, area) = <(String, Area)>::default();
        Self { group, ground, words, list, talk, voice, hand_over, remove, question, shown, note, area }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        let theme = app.theme;
        self.words.borrow_mut().0 = theme;
        self.list.set_theme(theme);
        self.list.set_name("member", &app.texts.get("t-member"));
        for button in [&mut self.talk, &mut self.voice, &mut self.hand_over, &mut self.remove] {
            button.set_theme(theme, theme.surface);
        }
        self.hand_over.set_text(&app.texts.get("t-hand-over"));
        self.remove.set_text(&app.texts.get("t-remove"));
        self.question.set_look(app);
    }

    pub(super) fn follow(&mut self, app: &App, turned: bool) {
        let Some(member) = app.shown_member() else { return };
        let texts = &app.texts;
        let rules = app.open_room().and_then(|room| app.state.room(room)).and_then(|room| room.rules);
        let muted = rules.is_some_and(|rules| rules.muted);
        let me = app.state.me().is_some_and(|me| me.id == member.id);
        *self.shown.borrow_mut() = (member.id, member.name.clone());
        let note = texts.get(if member.online { "t-online" } else { "t-offline" });
        self.list.set_items(vec![Item { note, ..member_item(app, member, 0, muted, false) }]);
        let friend = app.state.contact(ConversationId::Friend(member.id)).is_some_and(|one| one.listed);
        self.talk.set_text(&texts.get(if friend { "t-member-talk" } else { "t-member-befriend" }));
        self.voice.set_text(&texts.get(if member.voice { "t-voice-take" } else { "t-voice-give" }));
        self.note.clone_from(&app.desk.note);
        let asks = self.question.follow(app);
        self.talk.set_visible(!me && !asks);
        self.voice.set_visible(!me && muted && !asks);
        self.hand_over.set_visible(!me && !asks);
        self.remove.set_visible(!me && !asks);
        self.place(self.area);
        if turned {
            self.talk.focus();
        }
    }

    pub(super) fn place(&mut self, area: Area) {
        self.area = area;
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        self.list.place(Area::new(area.x, area.y, area.w, size::ROW));
        let mut y = area.y + size::ROW + space::M;
        for button in [&mut self.talk, &mut self.voice, &mut self.hand_over, &mut self.remove] {
            if button.control().is_some() {
                button.place(Area::new(area.x, y, area.w, size::CONTROL));
                y += size::CONTROL + space::S;
            }
        }
        let question = self.question.height(area.w);
        let mut words = self.question.place(Area::new(area.x, y, area.w, question));
        y += question + space::S;
        let note = Flow::height_of(&self.note, area.w);
        words.push((self.note.clone(), Area::new(area.x, y, area.w, note), false));
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
        self.list.controls(out);
        let buttons = [&self.talk, &self.voice, &self.hand_over, &self.remove];
        out.extend(buttons.into_iter().filter_map(PushButton::control));
        self.question.controls(out);
        if !self.note.is_empty() {
            out.push(Control::new("panel-note", "text", self.area, self.note.clone()));
        }
    }
}
