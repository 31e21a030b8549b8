//! Head, conversation and composer.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::{Align, Color};
use fltk::group::Group;
use fltk::prelude::*;
use uchat_client_core::ConversationId;
use uchat_codec::SuiteName;

use super::Outbox;
use super::composer::Composer;
use crate::app::order::Order;
use crate::app::{App, Msg, Page};
use crate::conversation::ConversationView;
use crate::design::paint::{self, Area, BOLD, FACE};
use crate::design::theme::{size, space, type_scale};
use crate::design::{Icon, Theme, icon};
use crate::images::ImageStore;
use crate::widget::{Backdrop, Control, Kind, PushButton};

struct Painted {
    theme: Theme,
    open: bool,
    name: String,
    is_room: bool,
    note: String,
    lock: Option<(Icon, String, Color)>,
    empty: (String, String),
    back: bool,
    head: Area,
    lock_area: Area,
}

/// The conversation pane as widgets.
pub struct Chat {
    group: Group,
    ground: Backdrop,
    back: PushButton,
    details: PushButton,
    view: ConversationView,
    composer: Composer,
    painted: Rc<RefCell<Painted>>,
    area: Area,
}

impl std::fmt::Debug for Chat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chat").finish_non_exhaustive()
    }
}

impl Chat {
    /// Builds the pane within the group that is open now.
    pub fn new(
        theme: Theme,
        out: &Outbox,
        images: ImageStore,
        attach: impl Fn() + 'static,
        relayout: &Rc<dyn Fn()>,
    ) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let painted = Rc::new(RefCell::new(Painted {
            theme,
            open: false,
            name: String::new(),
            is_room: false,
            note: String::new(),
            lock: None,
            empty: (String::new(), String::new()),
            back: false,
            head: Area::default(),
            lock_area: Area::default(),
        }));
        let drawn = Rc::clone(&painted);
        let ground = Backdrop::new(move |area| paint_ground(&mut drawn.borrow_mut(), area));
        let (go_back, go_details, asked) = (out.clone(), out.clone(), out.clone());
        let back = PushButton::new("back", Kind::Icon, Some(Icon::Back), theme)
            .on_click(move || go_back.put(Msg::Back));
        let details = PushButton::new("more", Kind::Icon, Some(Icon::More), theme)
            .on_click(move || go_details.put(Msg::Go(Page::Details)));
        let view = ConversationView::new(Rc::new(move |what| asked.put(Msg::Asked(what))), images);
        let composer = Composer::new(theme, out, attach, relayout);
        group.end();
        Self { group, ground, back, details, view, composer, painted, area: Area::default() }
    }

    /// Takes in language and theme.
    pub fn set_look(&mut self, app: &App) {
        let theme = app.theme;
        self.painted.borrow_mut().theme = theme;
        for (button, key) in [(&mut self.back, "t-back"), (&mut self.details, "t-details")] {
            button.set_theme(theme, theme.surface);
            button.set_hint(&app.texts.get(key));
        }
        self.view.set_look(theme, Rc::clone(&app.texts));
        self.composer.set_look(app);
    }

    /// Shows whom the conversation is with and how it is protected.
    pub fn follow(&mut self, app: &App, alone: bool) {
        let texts = &app.texts;
        let open = app.state.open_conversation();
        let mut painted = self.painted.borrow_mut();
        painted.open = open.is_some();
        painted.back = alone;
        painted.name = app.open_name().unwrap_or_default();
        painted.is_room = matches!(open, Some(ConversationId::Room(_)));
        painted.note = app.head_note();
        let theme = app.theme;
        painted.lock = app.suite.map(|suite| match suite {
            SuiteName::Strong if app.friend_with_key().is_some_and(|friend| app.has_changed_key(friend)) => {
                (Icon::Alert, texts.get("t-lock-changed"), theme.danger)
            }
            SuiteName::Strong => {
                (Icon::Lock, texts.get("t-lock-strong"), theme.readable(theme.online, theme.surface))
            }
            _ => (Icon::Unlock, texts.get("t-lock-classic"), theme.danger),
        });
        painted.empty = (texts.get("t-empty-title"), texts.get("t-empty-text"));
        drop(painted);
        self.back.set_visible(alone);
        self.details.set_visible(open.is_some());
        self.composer.set_visible(open.is_some());
        let homeless = self.composer.set_closed(app.closed_reason());
        let mut view = self.view.widget();
        if open.is_some() {
            view.show();
            if homeless {
                let _ = view.take_focus();
            }
        } else {
            view.hide();
        }
        self.place(self.area);
    }

    /// An image was decoded.
    pub fn images_changed(&self) {
        self.view.images_changed();
    }

    /// Does what the app orders.
    pub fn obey(&mut self, order: Order) {
        match order {
            Order::Show { rows, more_before, more_after, names, unread_from } => {
                self.view.show(rows, more_before, more_after, names, unread_from);
            }
            Order::FileStage(key, stage) => self.view.show_file(key, stage),
            Order::ForgetFiles => self.view.forget_files(),
            Order::Prepend(rows, more) => self.view.prepend(rows, more),
            Order::Append(rows, more) => self.view.append_page(rows, more),
            Order::Arrived(rows) => self.view.arrived(rows),
            Order::Outgoing(rows) => self.view.set_outgoing(rows),
            Order::Reached(arrived, read) => self.view.reached(arrived, read),
            Order::Reveal(key) => self.view.reveal(key),
            Order::Write(text) => {
                self.composer.set_value(&text);
                self.place(self.area);
            }
            Order::FocusMessage => self.focus_message(),
            _ => {}
        }
    }

    /// The keyboard goes to the field for messages, or where that is closed to the messages.
    fn focus_message(&mut self) {
        if !self.composer.focus() {
            let _ = self.view.widget().take_focus();
        }
    }

    /// Lays the pane out.
    pub fn place(&mut self, area: Area) {
        self.area = area;
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let side = size::ICON_BUTTON;
        let y = area.y + (size::HEAD - side) / 2;
        self.back.place(Area::new(area.x + space::XS, y, side, side));
        self.details.place(Area::new(area.x + area.w - side - space::S, y, side, side));
        let composer = self.composer.wanted_height(area.w).min(area.h / 2);
        let middle = area.h - size::HEAD - composer;
        self.view.widget().resize(area.x, area.y + size::HEAD, area.w, middle);
        self.composer.place(Area::new(area.x, area.y + area.h - composer, area.w, composer));
        self.group.redraw();
    }

    /// Whether it is there.
    pub fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    /// Does what a click on this part of the conversation does. False for anything else.
    pub fn activate(&self, control: &Control) -> bool {
        self.group.visible_r() && self.painted.borrow().open && self.view.activate(control)
    }

    /// As tests and screen readers see it.
    pub fn controls(&self, out: &mut Vec<Control>) {
        if !self.group.visible_r() {
            return;
        }
        out.extend([&self.back, &self.details].into_iter().filter_map(PushButton::control));
        let painted = self.painted.borrow();
        if painted.open {
            out.push(Control::new(
                "head",
                "text",
                painted.head,
                format!("{} · {}", painted.name, painted.note),
            ));
            if let Some((_, words, _)) = &painted.lock {
                out.push(Control::new("lock", "text", painted.lock_area, words.clone()));
            }
            drop(painted);
            self.composer.controls(out);
            out.extend(self.view.controls());
        }
    }
}

fn paint_ground(painted: &mut Painted, area: Area) {
    let theme = painted.theme;
    paint::fill(area, theme.canvas);
    let left = Align::Left | Align::Inside;
    if !painted.open {
        let y = area.y + area.h / 2 - 90;
        if let Some(mut mark) = icon::mark(72) {
            mark.draw(area.x + area.w / 2 - 36, y, 72, 72);
        }
        let title = Area::new(area.x + 20, y + 88, area.w - 40, 28);
        paint::line(&painted.empty.0, title, BOLD, type_scale::TITLE, theme.text, Align::Center);
        let text = Area::new(area.x + 20, y + 118, area.w - 40, 24);
        paint::line(&painted.empty.1, text, FACE, type_scale::NOTE, theme.faint, Align::Center);
        return;
    }
    let head = Area::new(area.x, area.y, area.w, size::HEAD);
    paint::fill(head, theme.surface);
    paint::fill(Area::new(area.x, area.y + size::HEAD - 1, area.w, 1), theme.line);
    let x = area.x + if painted.back { size::ICON_BUTTON + space::S } else { space::L };
    let y = area.y + (size::HEAD - 38) / 2;
    if painted.is_room {
        paint::rounded(Area::new(x, y, 38, 38), 12, theme.person(&painted.name));
        icon::draw(Icon::Room, x + 8, y + 8, 22, theme.on_accent);
    } else {
        paint::avatar(&theme, &painted.name, x, y, 38);
    }
    let text = x + 38 + space::M;
    let right = area.x + area.w - size::ICON_BUTTON - space::L;
    let lock =
        painted.lock.as_ref().map_or(0, |(_, words, _)| paint::width(words, FACE, type_scale::SMALL) + 22);
    let wide = right - text - lock > 120;
    let lock = if wide { lock } else { 18 };
    painted.head = Area::new(text, area.y + 8, right - text - lock - space::S, size::HEAD - 16);
    let name = Area::new(text, area.y + 9, painted.head.w, 22);
    paint::line(&painted.name, name, BOLD, type_scale::BODY + 1, theme.text, left);
    let note = Area::new(text, area.y + 30, painted.head.w, 20);
    paint::line(&painted.note, note, FACE, type_scale::SMALL, theme.faint, left);
    if let Some((shape, words, colour)) = &painted.lock {
        let area = Area::new(right - lock, area.y, lock, size::HEAD);
        painted.lock_area = area;
        icon::draw(*shape, area.x, area.y + (size::HEAD - 16) / 2, 16, *colour);
        if wide {
            let words_area = Area::new(area.x + 18, area.y, area.w - 18, size::HEAD);
            paint::line(words, words_area, FACE, type_scale::SMALL, *colour, left);
        }
    }
}
