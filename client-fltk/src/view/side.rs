//! The left pane: who I am, the filter, what waits for an answer, contacts.

mod cards;

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::Align;
use fltk::group::Group;
use fltk::prelude::*;
use uchat_client_core::ConversationId;
use uchat_client_core::state::Contact;

use self::cards::Card;
use super::{Outbox, clock};
use crate::app::{App, Msg, Page, now};
use crate::design::paint::{self, Area, BOLD};
use crate::design::theme::{size, space, type_scale};
use crate::design::{Icon, Theme};
use crate::widget::{Backdrop, Control, Field, Item, Kind, ListView, Picked, PushButton};

/// What a row of the list stands for, by its place.
#[derive(Clone, Copy, Debug)]
enum Row {
    Card(Card),
    Contact(ConversationId),
}

struct Painted {
    theme: Theme,
    name: String,
    online: bool,
}

/// The left pane as widgets.
pub struct Side {
    group: Group,
    ground: Backdrop,
    filter: Field,
    new: PushButton,
    search: PushButton,
    settings: PushButton,
    list: ListView,
    rows: Rc<RefCell<Vec<Row>>>,
    painted: Rc<RefCell<Painted>>,
}

impl std::fmt::Debug for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Side").finish_non_exhaustive()
    }
}

impl Side {
    /// Builds the pane within the group that is open now.
    pub fn new(theme: Theme, out: &Outbox) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let painted = Rc::new(RefCell::new(Painted { theme, name: String::new(), online: false }));
        let drawn = Rc::clone(&painted);
        let ground = Backdrop::new(move |area| paint_ground(&drawn.borrow(), area));
        let typed = out.clone();
        let filter = Field::new("filter", true, Some(Icon::Search), theme)
            .on_change(move |text| typed.put(Msg::Filter(text)), || {});
        let tool = |name: &str, icon, page: Page| {
            let out = out.clone();
            PushButton::new(name, Kind::Icon, Some(icon), theme)
                .on_click(move || out.put(Msg::Go(page.clone())))
        };
        let new = tool("new", Icon::Plus, Page::New);
        let search = tool("search", Icon::Search, Page::Search);
        let settings = tool("settings", Icon::Settings, Page::Settings);
        let rows: Rc<RefCell<Vec<Row>>> = Rc::default();
        let (known, picked) = (Rc::clone(&rows), out.clone());
        let list = ListView::new(theme, Rc::new(move |what| picked_row(&known.borrow(), &picked, what)));
        group.end();
        Self { group, ground, filter, new, search, settings, list, rows, painted }
    }

    /// Takes in language and theme.
    pub fn set_look(&mut self, app: &App) {
        let (theme, texts) = (app.theme, &app.texts);
        self.painted.borrow_mut().theme = theme;
        self.filter.set_theme(theme, theme.surface);
        self.filter.set_label(&texts.get("t-filter"));
        for (button, key) in
            [(&mut self.new, "t-new"), (&mut self.search, "t-search"), (&mut self.settings, "t-settings")]
        {
            button.set_theme(theme, theme.surface);
            button.set_hint(&texts.get(key));
        }
        self.list.set_theme(theme);
        self.list.set_name("contacts", &texts.get("t-contacts"));
    }

    /// Shows requests and contacts.
    pub fn follow(&mut self, app: &App) {
        let mut painted = self.painted.borrow_mut();
        painted.name = app.state.me().map(|me| me.username.clone()).unwrap_or_default();
        painted.online = app.state.is_ready();
        drop(painted);
        if self.filter.value() != app.filter {
            self.filter.set_value(&app.filter);
        }
        let texts = &app.texts;
        let (mut rows, mut items) = cards::cards(app);
        let now = now();
        for contact in app.listed() {
            items.push(contact_item(app, contact, rows.len() as u64, now));
            rows.push(Row::Contact(contact.id));
        }
        let empty = match (app.filter.is_empty(), app.state.is_ready()) {
            (false, _) => "t-nobody-found",
            (true, true) => "t-nobody",
            (true, false) => "t-loading",
        };
        self.list.set_empty_text(&texts.get(empty));
        *self.rows.borrow_mut() = rows;
        self.list.set_items(items);
        for button in [
            (&mut self.new, Page::New),
            (&mut self.search, Page::Search),
            (&mut self.settings, Page::Settings),
        ] {
            button.0.set_on(app.page == button.1);
        }
        self.group.redraw();
    }

    /// Lays the pane out.
    pub fn place(&mut self, area: Area) {
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let side = size::ICON_BUTTON;
        let y = area.y + (size::HEAD - side) / 2;
        let mut x = area.x + area.w - space::S - side;
        for button in [&mut self.settings, &mut self.search, &mut self.new] {
            button.place(Area::new(x, y, side, side));
            x -= side + 2;
        }
        let filter = Area::new(area.x + space::M, area.y + size::HEAD, area.w - 2 * space::M - 1, 36);
        self.filter.place(filter);
        let top = size::HEAD + 36 + space::S;
        self.list.place(Area::new(area.x, area.y + top, area.w - 1, area.h - top));
    }

    /// Whether it is there.
    pub fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    /// The keyboard goes to the filter.
    pub fn focus_filter(&mut self) {
        self.filter.focus();
    }

    /// The list.
    pub fn list(&mut self) -> &mut ListView {
        &mut self.list
    }

    /// As tests and screen readers see it.
    pub fn controls(&self, out: &mut Vec<Control>) {
        if self.group.visible_r() {
            self.filter.controls(out);
            out.extend([&self.new, &self.search, &self.settings].into_iter().filter_map(PushButton::control));
            self.list.controls(out);
        }
    }
}

fn picked_row(rows: &[Row], out: &Outbox, what: Picked) {
    let (Picked::Row(key) | Picked::Action(key, _)) = what;
    let row = usize::try_from(key).ok().and_then(|at| rows.get(at));
    match (row, what) {
        (Some(Row::Contact(id)), _) => out.put(Msg::Open(*id)),
        (Some(Row::Card(card)), Picked::Action(_, action)) => out.put(card.answered(action)),
        _ => {}
    }
}

fn contact_item(app: &App, contact: &Contact, key: u64, now: u64) -> Item {
    let is_room = matches!(contact.id, ConversationId::Room(_));
    let aside = match contact.id {
        ConversationId::Room(room) => format!("#{room}"),
        ConversationId::Friend(_) if app.settings.addresses && !contact.ip.is_empty() => {
            format!("{}:{}", contact.ip, contact.port)
        }
        ConversationId::Friend(_) => String::new(),
    };
    let draft = app.drafts.get(&contact.id).filter(|_| app.state.open_conversation() != Some(contact.id));
    let note = match (draft, &contact.last) {
        (Some(draft), _) => app.texts.with("t-preview-draft", &[("text", first_line(draft).into())]),
        (None, Some(last)) => app.preview(last, contact.id),
        (None, None) => app.texts.get("t-no-messages"),
    };
    let mut spoken = Vec::new();
    if !is_room {
        spoken.push(app.texts.get(if contact.online { "t-online" } else { "t-offline" }));
    }
    if contact.unread > 0 {
        spoken.push(app.texts.with("t-unread", &[("count", contact.unread.into())]));
    }
    Item {
        name: format!("contact:{}", contact.name),
        spoken,
        key,
        avatar: Some(contact.name.clone()),
        is_room,
        presence: (!is_room).then_some(contact.online),
        title: contact.name.clone(),
        aside,
        note,
        time: contact.last.as_ref().map(|last| clock::short(&app.texts, last.time, now)).unwrap_or_default(),
        unread: contact.unread,
        selected: app.state.open_conversation() == Some(contact.id),
        ..Item::default()
    }
}

fn first_line(text: &str) -> String {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().chars().take(80).collect()
}

fn paint_ground(painted: &Painted, area: Area) {
    let theme = &painted.theme;
    paint::fill(area, theme.surface);
    paint::fill(Area::new(area.x + area.w - 1, area.y, 1, area.h), theme.line);
    let y = area.y + (size::HEAD - size::SMALL_AVATAR) / 2;
    paint::avatar(theme, &painted.name, area.x + space::M, y, size::SMALL_AVATAR);
    let x = area.x + space::M + size::SMALL_AVATAR;
    paint::circle(x - 4, y + size::SMALL_AVATAR - 5, 6, theme.surface);
    let dot = if painted.online { theme.online } else { theme.faint };
    paint::circle(x - 4, y + size::SMALL_AVATAR - 5, 4, dot);
    let name = Area::new(x + space::S, area.y, area.w - size::SMALL_AVATAR - 160, size::HEAD);
    paint::line(&painted.name, name, BOLD, type_scale::TITLE, theme.text, Align::Left | Align::Inside);
}
