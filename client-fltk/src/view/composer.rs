//! The field for messages with its tools: attach, emoji, size and colour of text, send.

mod input;
mod paste;

use std::cell::RefCell;
use std::rc::Rc;

use fltk::group::Group;
use fltk::input::MultilineInput;
use fltk::prelude::*;

use self::input::message_input;
use super::{Outbox, prose};
use crate::app::pages::{TEXT_COLOURS, TEXT_SIZES};
use crate::app::{App, Msg, Setting};
use crate::design::paint::{self, Area};
use crate::design::theme::{parse_colour, radius, size, space};
use crate::design::{Icon, Theme};
use crate::settings::SendKey;
use crate::widget::{Backdrop, Control, Kind, PushButton};

/// The emoji of the picker: enough for a chat, in one look.
const EMOJI: [&str; 40] = [
    "😀", "😄", "😂", "🤣", "😊", "😉", "😍", "😘", "😎", "🤔", "😅", "😢", "😭", "😡", "😱", "😴", "🥳",
    "🤝", "👍", "👎", "👌", "🙏", "👏", "💪", "👋", "❤️", "💔", "🔥", "✨", "🎉", "🎂", "🌹", "☕", "🍻",
    "⭐", "☀️", "🌙", "✅", "❌", "❓",
];
/// The lowest and highest field.
const LINES: (i32, i32) = (1, 7);

/// Which strip of tools is open above the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strip {
    None,
    Emoji,
    Sizes,
    Colours,
}

struct Painted {
    theme: Theme,
    field: Area,
    hint: String,
    empty: bool,
    focused: bool,
    /// Why nothing can be written here, if that is so.
    closed: Option<String>,
}

/// The composer as widgets.
pub struct Composer {
    group: Group,
    ground: Backdrop,
    input: MultilineInput,
    attach: PushButton,
    emoji: PushButton,
    sizes: PushButton,
    colours: PushButton,
    send: PushButton,
    strip_emoji: Vec<PushButton>,
    strip_sizes: Vec<PushButton>,
    strip_colours: Vec<PushButton>,
    strip: Rc<RefCell<Strip>>,
    send_key: Rc<RefCell<SendKey>>,
    painted: Rc<RefCell<Painted>>,
    text_height: i32,
}

impl std::fmt::Debug for Composer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Composer").finish_non_exhaustive()
    }
}

impl Composer {
    /// Builds the composer within the group that is open now. `attach` asks for a file; `relayout` is called when the
    /// height changes.
    pub fn new(theme: Theme, out: &Outbox, attach: impl Fn() + 'static, relayout: &Rc<dyn Fn()>) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let painted = Rc::new(RefCell::new(Painted {
            theme,
            field: Area::default(),
            hint: String::new(),
            empty: true,
            focused: false,
            closed: None,
        }));
        let drawn = Rc::clone(&painted);
        let ground = Backdrop::new(move |area| paint_ground(&drawn.borrow(), area));
        let strip = Rc::new(RefCell::new(Strip::None));
        let opener = |name: &str, icon, which| {
            let (strip, relayout) = (Rc::clone(&strip), Rc::clone(relayout));
            PushButton::new(name, Kind::Icon, Some(icon), theme).on_click(move || {
                let open = *strip.borrow() == which;
                *strip.borrow_mut() = if open { Strip::None } else { which };
                relayout();
            })
        };
        let attach = PushButton::new("attach", Kind::Icon, Some(Icon::Attach), theme).on_click(attach);
        let send_key = Rc::new(RefCell::new(SendKey::Enter));
        let input = message_input(out, &send_key, &painted, Rc::clone(relayout));
        let emoji = opener("emoji", Icon::Smile, Strip::Emoji);
        let sizes = opener("font-size", Icon::TextSize, Strip::Sizes);
        let colours = opener("font-colour", Icon::Palette, Strip::Colours);
        let typed = input.clone();
        let sender = out.clone();
        let send = PushButton::new("send", Kind::Icon, Some(Icon::Send), theme)
            .on_click(move || sender.put(Msg::Send(typed.value())));
        let strip_emoji = EMOJI.iter().map(|emoji| emoji_button(emoji, &input, theme, out)).collect();
        let strip_sizes = TEXT_SIZES
            .iter()
            .map(|points| {
                let (out, strip, relayout) = (out.clone(), Rc::clone(&strip), Rc::clone(relayout));
                PushButton::new(format!("size:{points}"), Kind::Choice, None, theme).on_click(move || {
                    out.put(Msg::Set(Setting::TextSize(*points)));
                    *strip.borrow_mut() = Strip::None;
                    relayout();
                })
            })
            .collect();
        let strip_colours = TEXT_COLOURS
            .iter()
            .map(|colour| {
                let (out, strip, relayout) = (out.clone(), Rc::clone(&strip), Rc::clone(relayout));
                let sample = parse_colour(colour).unwrap_or(theme.text);
                PushButton::new(format!("colour:{colour}"), Kind::Swatch(sample), None, theme).on_click(
                    move || {
                        out.put(Msg::Set(Setting::TextColour((*colour).to_owned())));
                        *strip.borrow_mut() = Strip::None;
                        relayout();
                    },
                )
            })
            .collect();
        group.end();
        Self {
            group,
            ground,
            input,
            attach,
            emoji,
            sizes,
            colours,
            send,
            strip_emoji,
            strip_sizes,
            strip_colours,
            strip,
            send_key,
            painted,
            text_height: 22,
        }
    }

    /// Takes in language, theme, and how text is written.
    pub fn set_look(&mut self, app: &App) {
        let (theme, texts, settings) = (app.theme, &app.texts, &app.settings);
        let mut painted = self.painted.borrow_mut();
        painted.theme = theme;
        painted.hint = texts.get(match settings.send_key {
            SendKey::Enter => "t-write-enter",
            SendKey::CtrlEnter => "t-write-ctrl-enter",
        });
        drop(painted);
        *self.send_key.borrow_mut() = settings.send_key;
        let points = i32::try_from(settings.text_size).unwrap_or(15).clamp(10, 40);
        let colour = parse_colour(&settings.text_colour).unwrap_or(theme.text);
        self.input.set_color(theme.field);
        self.input.set_text_size(points);
        self.input.set_text_color(theme.readable(colour, theme.field));
        self.input.set_cursor_color(theme.link);
        self.input.set_selection_color(theme.selection);
        self.text_height = points * 3 / 2;
        let tools = [
            (&mut self.attach, "t-attach"),
            (&mut self.emoji, "t-emoji"),
            (&mut self.sizes, "t-text-size"),
            (&mut self.colours, "t-text-colour"),
            (&mut self.send, "t-send"),
        ];
        for (button, key) in tools {
            button.set_theme(theme, theme.surface);
            button.set_hint(&texts.get(key));
        }
        self.send.set_on(true);
        for (button, points) in self.strip_sizes.iter_mut().zip(TEXT_SIZES) {
            button.set_theme(theme, theme.surface);
            button.set_text(&points.to_string());
            button.set_on(settings.text_size == points);
        }
        for (button, colour) in self.strip_colours.iter_mut().zip(TEXT_COLOURS) {
            button.set_theme(theme, theme.surface);
            button.set_hint(colour);
            button.set_on(settings.text_colour == colour);
            let sample = parse_colour(colour).unwrap_or(theme.text);
            button.set_swatch(theme.readable(sample, theme.bubble));
        }
        for (button, emoji) in self.strip_emoji.iter_mut().zip(EMOJI) {
            button.set_theme(theme, theme.surface);
            button.set_text(emoji);
        }
    }

    /// Closes it for this reason, or opens it again. What is written stays. True when the keyboard was here and has to go
    /// somewhere else.
    pub fn set_closed(&mut self, reason: Option<String>) -> bool {
        if self.painted.borrow().closed == reason {
            return false;
        }
        let had_focus = self.input.has_focus();
        let open = reason.is_none();
        self.painted.borrow_mut().closed = reason;
        *self.strip.borrow_mut() = Strip::None;
        let tools = [&mut self.attach, &mut self.emoji, &mut self.sizes, &mut self.colours, &mut self.send];
        for button in tools {
            button.set_visible(open);
        }
        if open {
            self.input.show();
        } else {
            self.input.hide();
        }
        self.group.redraw();
        had_focus && !open
    }

    /// How high it wants to be at this width.
    pub fn wanted_height(&self, width: i32) -> i32 {
        if let Some(reason) = &self.painted.borrow().closed {
            return prose::height(reason, width - 2 * space::XL) + 2 * space::L;
        }
        self.field_height() + 2 * space::S + self.strip_height(width)
    }

    fn field_height(&self) -> i32 {
        let lines = self.input.value().matches('\n').count();
        let lines = i32::try_from(lines).unwrap_or(LINES.1).saturating_add(1).clamp(LINES.0, LINES.1);
        (lines * self.text_height + 16).max(size::CONTROL + 2)
    }

    fn strip_height(&self, width: i32) -> i32 {
        match *self.strip.borrow() {
            Strip::None => 0,
            Strip::Emoji => {
                let columns = ((width - 2 * space::S) / 40).clamp(1, 20);
                let count = i32::try_from(EMOJI.len()).unwrap_or(1);
                (count + columns - 1) / columns * 40 + space::XS
            }
            Strip::Sizes | Strip::Colours => 44,
        }
    }

    /// Lays it out.
    pub fn place(&mut self, area: Area) {
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let strip = *self.strip.borrow();
        let strip_height = self.strip_height(area.w);
        place_strip(&mut self.strip_emoji, strip == Strip::Emoji, area, 40, 40);
        place_strip(&mut self.strip_sizes, strip == Strip::Sizes, area, 56, 40);
        place_strip(&mut self.strip_colours, strip == Strip::Colours, area, 40, 40);
        let which = [
            (&mut self.emoji, Strip::Emoji),
            (&mut self.sizes, Strip::Sizes),
            (&mut self.colours, Strip::Colours),
        ];
        for (button, own) in which {
            button.set_on(strip == own);
        }
        let bottom = area.y + area.h - space::S;
        let side = size::ICON_BUTTON;
        let row = bottom - side - 3;
        self.attach.place(Area::new(area.x + space::S, row, side, side));
        let mut x = area.x + area.w - space::S - side;
        self.send.place(Area::new(x, row, side, side));
        for button in [&mut self.colours, &mut self.sizes, &mut self.emoji] {
            x -= side;
            button.place(Area::new(x, row, side, side));
        }
        let top = area.y + strip_height + space::S;
        let left = area.x + space::S + side + space::XS;
        let field = Area::new(left, top, x - space::XS - left, bottom - top);
        self.painted.borrow_mut().field = field;
        self.input.resize(field.x + space::M, field.y + 6, field.w - 2 * space::M, field.h - 12);
        self.group.redraw();
    }

    /// What is written.
    pub fn set_value(&mut self, text: &str) {
        if self.input.value() != text {
            self.input.set_value(text);
            let end = i32::try_from(text.len()).unwrap_or(0);
            let _ = self.input.set_position(end);
        }
        self.painted.borrow_mut().empty = text.is_empty();
        self.group.redraw();
    }

    /// The keyboard goes here. False while it is closed.
    pub fn focus(&mut self) -> bool {
        self.painted.borrow().closed.is_none() && self.input.take_focus().is_ok()
    }

    /// Whether it is there.
    pub fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    /// As tests and screen readers see it.
    pub fn controls(&self, out: &mut Vec<Control>) {
        if !self.group.visible_r() {
            return;
        }
        if let Some(reason) = &self.painted.borrow().closed {
            let area = Area::new(self.group.x(), self.group.y(), self.group.w(), self.group.h());
            out.push(Control::new("composer-closed", "text", area, reason.clone()));
            return;
        }
        let area = Area::new(self.input.x(), self.input.y(), self.input.w(), self.input.h());
        out.push(Control {
            focused: self.input.has_focus(),
            label: self.painted.borrow().hint.clone(),
            ..Control::new("message", "field", area, self.input.value())
        });
        let tools = [&self.attach, &self.emoji, &self.sizes, &self.colours, &self.send];
        let strips = self.strip_emoji.iter().chain(&self.strip_sizes).chain(&self.strip_colours);
        out.extend(tools.into_iter().chain(strips).filter_map(PushButton::control));
    }
}

fn emoji_button(emoji: &'static str, input: &MultilineInput, theme: Theme, out: &Outbox) -> PushButton {
    let (mut input, out) = (input.clone(), out.clone());
    PushButton::new(format!("emoji:{emoji}"), Kind::Choice, None, theme).on_click(move || {
        let _ = input.insert(emoji);
        let _ = input.take_focus();
        out.put(Msg::Draft(input.value()));
        input.do_callback();
    })
}

fn place_strip(buttons: &mut [PushButton], shown: bool, area: Area, w: i32, h: i32) {
    let columns = ((area.w - 2 * space::S) / w).clamp(1, 20);
    for (at, button) in (0..).zip(buttons) {
        button.set_visible(shown);
        let x = area.x + space::S + at % columns * w;
        let y = area.y + space::XS + at / columns * h;
        button.place(Area::new(x + 1, y + 1, w - 2, h - 2));
    }
}

fn paint_ground(painted: &Painted, area: Area) {
    let theme = &painted.theme;
    paint::fill(area, theme.surface);
    paint::fill(Area::new(area.x, area.y, area.w, 1), theme.line);
    if let Some(reason) = &painted.closed {
        let place = area.inset(space::L);
        let place = Area { x: area.x + space::XL, w: area.w - 2 * space::XL, ..place };
        prose::paint(reason, place, theme.faint, fltk::enums::Align::Center);
        return;
    }
    let edge = if painted.focused { theme.link } else { theme.line };
    let width = if painted.focused { 2 } else { 1 };
    paint::outline(painted.field, radius::PANEL, width, edge, theme.field);
}
