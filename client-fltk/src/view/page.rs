//! What stands in the place of a conversation: one page at a time, never a second layer.
//!
//! - `contacts`: add a friend, join or create a room
//! - `details`: which friend the conversation is with
//! - `room`: which room, its members, friends to invite
//! - `member`: a member of a room, for its owner
//! - `rules`: the rules of a room, for its owner
//! - `question`: whether something is really meant
//! - `search`: messages that hold a text
//! - `settings`: what can be chosen
//! - `safety`: the safety number on the page of a friend
//! - `password`: another password
//! - `picture`: an image, large
//! - `flow`: what scrolls when the window is too low

mod contacts;
mod details;
mod flow;
mod member;
mod password;
mod picture;
mod question;
mod room;
mod rules;
mod safety;
mod search;
mod settings;

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::Align;
use fltk::group::Group;
use fltk::prelude::*;

use self::contacts::ContactsPage;
use self::details::DetailsPage;
use self::member::MemberPage;
use self::password::PasswordPage;
use self::picture::PicturePage;
use self::room::RoomPage;
use self::rules::RulesPage;
use self::search::SearchPage;
use self::settings::SettingsPage;
use super::{Outbox, prose};
use crate::app::{App, Msg, Page};
use crate::design::paint::{self, Area, BOLD};
use crate::design::theme::{size, space, type_scale};
use crate::design::{Icon, Theme};
use crate::images::ImageStore;
use crate::widget::{Backdrop, Control, Kind, ListView, PushButton};

/// The widest a page's content gets.
const WIDTH: i32 = 520;

struct Painted {
    theme: Theme,
    title: String,
}

/// The pages as widgets.
pub struct Pages {
    group: Group,
    ground: Backdrop,
    close: PushButton,
    contacts: ContactsPage,
    details: DetailsPage,
    room: RoomPage,
    member: MemberPage,
    rules: RulesPage,
    search: SearchPage,
    settings: SettingsPage,
    password: PasswordPage,
    picture: PicturePage,
    painted: Rc<RefCell<Painted>>,
    page: Page,
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").field("page", &self.page).finish_non_exhaustive()
    }
}

impl Pages {
    /// Builds the pages within the group that is open now.
    pub fn new(theme: Theme, out: &Outbox, images: ImageStore, relayout: &Rc<dyn Fn()>) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let painted = Rc::new(RefCell::new(Painted { theme, title: String::new() }));
        let drawn = Rc::clone(&painted);
        let ground = Backdrop::new(move |area| paint_ground(&drawn.borrow(), area));
        let shut = out.clone();
        let close = PushButton::new("panel-close", Kind::Icon, Some(Icon::Close), theme)
            .on_click(move || shut.put(Msg::Back));
        let contacts = ContactsPage::new(theme, out);
        let details = DetailsPage::new(theme, out);
        let room = RoomPage::new(theme, out);
        let member = MemberPage::new(theme, out);
        let rules = RulesPage::new(theme, out);
        let search = SearchPage::new(theme, out);
        let settings = SettingsPage::new(theme, out, relayout);
        let password = PasswordPage::new(theme, out);
        let picture = PicturePage::new(theme, out, images);
        group.end();
        Self {
            group,
            ground,
            close,
            contacts,
            details,
            room,
            member,
            rules,
            search,
            settings,
            password,
            picture,
            painted,
            page: Page::Chat,
        }
    }

    /// Takes in language and theme.
    pub fn set_look(&mut self, app: &App) {
        self.painted.borrow_mut().theme = app.theme;
        self.close.set_theme(app.theme, app.theme.surface);
        self.close.set_hint(&app.texts.get("t-close"));
        self.contacts.set_look(app);
        self.details.set_look(app);
        self.room.set_look(app);
        self.member.set_look(app);
        self.rules.set_look(app);
        self.search.set_look(app);
        self.settings.set_look(app);
        self.password.set_look(app);
        self.picture.set_look(app);
    }

    /// Shows the app's page. True when there is one.
    pub fn follow(&mut self, app: &App) -> bool {
        let turned = self.page != app.page;
        self.page = app.page.clone();
        let is_room = app.open_room().is_some();
        let key = match app.page {
            Page::Chat => None,
            Page::New => Some("t-new"),
            Page::Details if is_room => Some("t-room"),
            Page::Details => Some("t-details"),
            Page::Rules => Some("t-room-rules"),
            Page::Invite => Some("t-invite"),
            Page::Member(_) => Some("t-member"),
            Page::Settings => Some("t-settings"),
            Page::Search => Some("t-search"),
            Page::Password => Some("t-change-password"),
            Page::Image(_) => Some("t-image"),
        };
        self.painted.borrow_mut().title = key.map(|key| app.texts.get(key)).unwrap_or_default();
        self.contacts.set_visible(app.page == Page::New);
        self.details.set_visible(app.page == Page::Details && !is_room);
        self.room.set_visible((app.page == Page::Details && is_room) || app.page == Page::Invite);
        self.member.set_visible(matches!(app.page, Page::Member(_)));
        self.rules.set_visible(app.page == Page::Rules);
        self.search.set_visible(app.page == Page::Search);
        self.settings.set_visible(app.page == Page::Settings);
        self.password.set_visible(app.page == Page::Password);
        self.picture.set_visible(matches!(app.page, Page::Image(_)));
        match &app.page {
            Page::Chat => {}
            Page::New => self.contacts.follow(app, turned),
            Page::Details if !is_room => self.details.follow(app),
            Page::Details | Page::Invite => self.room.follow(app, turned),
            Page::Rules => self.rules.follow(app, turned),
            Page::Member(_) => self.member.follow(app, turned),
            Page::Settings => self.settings.follow(app),
            Page::Search => self.search.follow(app, turned),
            Page::Password => self.password.follow(app, turned),
            Page::Image(attachment) => self.picture.follow(attachment),
        }
        if key.is_some() {
            self.group.show();
        } else {
            self.group.hide();
        }
        self.group.redraw();
        key.is_some()
    }

    /// Puts a name into the search of users.
    pub fn find_user(&mut self, name: &str) {
        self.contacts.find(name);
    }

    /// Lays the page out.
    pub fn place(&mut self, area: Area) {
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let side = size::ICON_BUTTON;
        let y = area.y + (size::HEAD - side) / 2;
        self.close.place(Area::new(area.x + area.w - side - space::S, y, side, side));
        let w = WIDTH.min(area.w - 2 * space::L);
        let x = area.x + (area.w - w) / 2;
        let inner = Area::new(x, area.y + size::HEAD + space::M, w, area.h - size::HEAD - 2 * space::M);
        self.contacts.place(inner);
        self.details.place(inner);
        self.room.place(inner);
        self.member.place(inner);
        self.rules.place(inner);
        self.search.place(inner);
        self.settings.place(inner);
        self.password.place(inner);
        self.picture.place(Area::new(area.x, area.y + size::HEAD, area.w, area.h - size::HEAD));
        self.group.redraw();
    }

    /// The lists of all pages.
    pub fn lists(&mut self) -> [&mut ListView; 5] {
        let Self { contacts, details, room, member, search, .. } = self;
        [contacts.list(), details.list(), room.list(), member.list(), search.list()]
    }

    /// As tests and screen readers see it.
    pub fn controls(&self, out: &mut Vec<Control>) {
        if !self.group.visible_r() {
            return;
        }
        out.push(Control::new("panel", "text", self.ground.area(), self.painted.borrow().title.clone()));
        out.extend(self.close.control());
        self.contacts.controls(out);
        self.details.controls(out);
        self.room.controls(out);
        self.member.controls(out);
        self.rules.controls(out);
        self.search.controls(out);
        self.settings.controls(out);
        self.password.controls(out);
        self.picture.controls(out);
    }
}

fn paint_ground(painted: &Painted, area: Area) {
    let theme = &painted.theme;
    paint::fill(area, theme.surface);
    paint::fill(Area::new(area.x, area.y + size::HEAD - 1, area.w, 1), theme.line);
    let title = Area::new(area.x + space::L, area.y, area.w - 80, size::HEAD);
    paint::line(&painted.title, title, BOLD, type_scale::TITLE, theme.text, Align::Left | Align::Inside);
}

/// Lines of text on a page: words, place, whether they are a headline.
#[derive(Clone, Debug, Default)]
struct Words {
    lines: Vec<(String, Area, bool)>,
    /// Where the page is, beside what is longer than the window.
    thumb: Option<Area>,
}

impl Words {
    fn paint(&self, theme: &Theme, ground: Area) {
        paint::fill(ground, theme.surface);
        if let Some(thumb) = self.thumb {
            paint::rounded(thumb, thumb.w / 2, theme.line);
        }
        for (text, area, is_head) in &self.lines {
            let (face, colour, size) = if *is_head {
                (BOLD, theme.text, type_scale::BODY)
            } else {
                (paint::FACE, theme.faint, type_scale::NOTE)
            };
            if *is_head || paint::width(text, face, size) <= area.w {
                paint::line(text, *area, face, size, colour, Align::Left | Align::Inside);
            } else {
                prose::paint(text, *area, colour, Align::Left | Align::Inside);
            }
        }
    }
}

/// A ground that draws words which the page puts there.
fn worded(theme: Theme) -> (Backdrop, Rc<RefCell<(Theme, Words)>>) {
    let words = Rc::new(RefCell::new((theme, Words::default())));
    let drawn = Rc::clone(&words);
    let ground = Backdrop::new(move |area| {
        let drawn = drawn.borrow();
        drawn.1.paint(&drawn.0, area);
    });
    (ground, words)
}
