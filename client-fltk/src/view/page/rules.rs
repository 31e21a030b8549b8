//! The rules of a room, for its owner: its name, who comes in, who speaks, and its end.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::group::Group;
use fltk::prelude::*;
use uchat_codec::chat::room::Entry;

use super::flow::Flow;
use super::question::Question;
use super::{Words, worded};
use crate::app::rooms::{Deed, RoomMsg};
use crate::app::{App, Msg};
use crate::design::paint::Area;
use crate::design::theme::{size, space};
use crate::design::{Icon, Theme};
use crate::view::Outbox;
use crate::widget::{Backdrop, Control, Field, Kind, PushButton};

/// How one comes in: the rule, its name for tests, its text, what it means.
const ENTRIES: [(Entry, &str, &str, &str); 3] = [
    (Entry::Open, "entry:open", "t-entry-open", "t-entry-open-means"),
    (Entry::Approval, "entry:approval", "t-entry-approval", "t-entry-approval-means"),
    (Entry::Invitation, "entry:invitation", "t-entry-invitation", "t-entry-invitation-means"),
];
/// Who speaks: whether the room is muted, name, text, meaning.
const SPEAKERS: [(bool, &str, &str, &str); 2] = [
    (false, "speak:everybody", "t-speak-everybody", "t-speak-everybody-means"),
    (true, "speak:few", "t-speak-few", "t-speak-few-means"),
];
/// The width of the button beside the name.
const RENAME: i32 = 110;
/// The height of a headline.
const HEAD: i32 = 26;

/// The page as widgets.
pub(super) struct RulesPage {
    group: Group,
    ground: Backdrop,
    words: Rc<RefCell<(Theme, Words)>>,
    name: Field,
    rename: PushButton,
    entries: Vec<PushButton>,
    speakers: Vec<PushButton>,
    close: PushButton,
    question: Question,
    typed: Rc<RefCell<String>>,
    /// The name of the room as it was shown last: another one is put into the field.
    shown: String,
    heads: [String; 3],
    means: [String; 2],
    note: String,
    area: Area,
}

impl RulesPage {
    pub(super) fn new(theme: Theme, out: &Outbox) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let (ground, words) = worded(theme);
        let typed: Rc<RefCell<String>> = Rc::default();
        let (kept, outbox) = (Rc::clone(&typed), out.clone());
        let submit: Rc<dyn Fn()> = Rc::new(move || {
            outbox.put(Msg::Room(RoomMsg::Do(Deed::Rename(kept.borrow().clone()))));
        });
        let (kept, entered) = (Rc::clone(&typed), Rc::clone(&submit));
        let name = Field::new("room-name", true, Some(Icon::Room), theme)
            .on_change(move |text| *kept.borrow_mut() = text, move || entered());
        let rename = PushButton::new("rename-room", Kind::Primary, None, theme).on_click(move || submit());
        let button = |name: &str, kind, msg: RoomMsg| {
            let out = out.clone();
            PushButton::new(name, kind, None, theme).on_click(move || out.put(Msg::Room(msg.clone())))
        };
        let choice = |name: &str, deed| button(name, Kind::Choice, RoomMsg::Do(deed));
        let entries = ENTRIES.iter().map(|(entry, name, ..)| choice(name, Deed::Entry(*entry))).collect();
        let speakers = SPEAKERS.iter().map(|(muted, name, ..)| choice(name, Deed::Muted(*muted))).collect();
        let close = button("close-room", Kind::Danger, RoomMsg::Ask(Deed::Close));
        let question = Question::new(theme, out);
        group.end();
        Self {
            group,
            ground,
            words,
            name,
            rename,
            entries,
            speakers,
            close,
            question,
            typed,
            shown: String::new(),
            heads: Default::default(),
            means: Default::default(),
            note: String::new(),
            area: Area::default(),
        }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        let (theme, texts) = (app.theme, &app.texts);
        self.words.borrow_mut().0 = theme;
        self.name.set_theme(theme, theme.surface);
        self.name.set_label(&texts.get("t-room-name"));
        let fixed = [(&mut self.rename, "t-rename"), (&mut self.close, "t-close-room")];
        let entries = self.entries.iter_mut().zip(ENTRIES.map(|(_, _, text, _)| text));
        let speakers = self.speakers.iter_mut().zip(SPEAKERS.map(|(_, _, text, _)| text));
        for (button, key) in fixed.into_iter().chain(entries).chain(speakers) {
            button.set_theme(theme, theme.surface);
            button.set_text(&texts.get(key));
        }
        self.heads = ["t-room-name", "t-who-comes", "t-who-speaks"].map(|key| texts.get(key));
        self.question.set_look(app);
    }

    pub(super) fn follow(&mut self, app: &App, turned: bool) {
        let name = app.open_name().unwrap_or_default();
        if turned || self.shown != name {
            self.name.set_value(&name);
            self.typed.borrow_mut().clone_from(&name);
            self.shown = name;
        }
        let rules = app.open_room().and_then(|room| app.state.room(room)).and_then(|room| room.rules);
        for (button, (entry, ..)) in self.entries.iter_mut().zip(ENTRIES) {
            button.set_on(rules.is_some_and(|rules| rules.entry == entry));
        }
        for (button, (muted, ..)) in self.speakers.iter_mut().zip(SPEAKERS) {
            button.set_on(rules.is_some_and(|rules| rules.muted == muted));
        }
        let entry = ENTRIES.iter().find(|(entry, ..)| rules.is_some_and(|rules| rules.entry == *entry));
        let speaks = SPEAKERS.iter().find(|(muted, ..)| rules.is_some_and(|rules| rules.muted == *muted));
        let means = [entry.map(|(.., means)| *means), speaks.map(|(.., means)| *means)];
        let room = app.open_room().unwrap_or_default().to_string();
        self.means = means.map(|key| {
            key.map(|key| app.texts.with(key, &[("room", room.clone().into())])).unwrap_or_default()
        });
        self.note.clone_from(&app.desk.note);
        let asks = self.question.follow(app);
        self.close.set_visible(!asks);
        self.place(self.area);
    }

    pub(super) fn place(&mut self, area: Area) {
        self.area = area;
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let mut words = vec![(self.heads[0].clone(), Area::new(area.x, area.y, area.w, HEAD), true)];
        let mut y = area.y + HEAD;
        self.name.place(Area::new(area.x, y, area.w - RENAME - space::S, size::CONTROL));
        self.rename.place(Area::new(area.x + area.w - RENAME, y, RENAME, size::CONTROL));
        y += size::CONTROL + space::XS;
        if !self.note.is_empty() {
            let note = Flow::height_of(&self.note, area.w);
            words.push((self.note.clone(), Area::new(area.x, y, area.w, note), false));
            y += note;
        }
        y += space::M;
        let groups = [&mut self.entries, &mut self.speakers];
        for ((buttons, head), means) in groups.into_iter().zip(&self.heads[1..]).zip(&self.means) {
            words.push((head.clone(), Area::new(area.x, y, area.w, HEAD), true));
            y += HEAD;
            let count = i32::try_from(buttons.len()).unwrap_or(1);
            let w = (area.w - (count - 1) * space::S) / count;
            for (at, button) in (0..).zip(buttons.iter_mut()) {
                button.place(Area::new(area.x + at * (w + space::S), y, w, size::CONTROL));
            }
            y += size::CONTROL + space::XS;
            let h = Flow::height_of(means, area.w);
            words.push((means.clone(), Area::new(area.x, y, area.w, h), false));
            y += h + space::M;
        }
        let question = self.question.height(area.w);
        words.extend(self.question.place(Area::new(area.x, y, area.w, question)));
        self.close.place(Area::new(area.x, y, area.w, size::CONTROL));
        self.words.borrow_mut().1.lines = words;
        self.group.redraw();
    }

    pub(super) fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    pub(super) fn controls(&self, out: &mut Vec<Control>) {
        if !self.group.visible_r() {
            return;
        }
        self.name.controls(out);
        out.extend(self.rename.control());
        out.extend(self.entries.iter().chain(&self.speakers).filter_map(PushButton::control));
        for (name, text) in [("entry-means", &self.means[0]), ("speak-means", &self.means[1])] {
            out.push(Control::new(name, "text", self.area, text.clone()));
        }
        out.extend(self.close.control());
        self.question.controls(out);
        if !self.note.is_empty() {
            out.push(Control::new("panel-note", "text", self.area, self.note.clone()));
        }
    }
}
