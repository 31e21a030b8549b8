//! What can be chosen. Each setting is a line: its name, and the choices beside it. In a low window the page scrolls: with
//! the wheel, or Page Up and Page Down.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use fltk::group::Group;
use fltk::prelude::*;

use super::flow::{Flow, LINE, Scroll};
use super::{Words, worded};
use crate::app::{App, Msg, Page, Setting};
use crate::design::paint::Area;
use crate::design::theme::{Accent, size, space};
use crate::design::{Theme, ThemeName};
use crate::settings::{SendKey, Settings};
use crate::texts::Language;
use crate::view::Outbox;
use crate::widget::{Backdrop, Control, Kind, PushButton};

/// One choice: its name for tests, its text (a key, or itself), whether it is the present one, what it sets.
struct Choice {
    name: &'static str,
    text: &'static str,
    is_on: fn(&Settings, Language) -> bool,
    set: Setting,
}

/// One line of the page.
struct Line {
    label: &'static str,
    choices: Vec<Choice>,
}

/// The page as widgets.
pub(super) struct SettingsPage {
    group: Group,
    ground: Backdrop,
    words: Rc<RefCell<(Theme, Words)>>,
    lines: Vec<(Line, Vec<PushButton>)>,
    downloads: PushButton,
    password: PushButton,
    sign_out: PushButton,
    labels: Vec<String>,
    shortcuts: String,
    files: String,
    area: Area,
    scroll: Rc<Scroll>,
    /// The height of everything, as it was laid out last.
    content: Cell<i32>,
}

/// A narrower page has labels above the choices.
const NARROW: i32 = 470;

impl SettingsPage {
    pub(super) fn new(theme: Theme, out: &Outbox, relayout: &Rc<dyn Fn()>) -> Self {
        let mut group = Group::new(0, 0, 0, 0, None);
        let scroll = Rc::new(Scroll::default());
        let (turned, relayout) = (Rc::clone(&scroll), Rc::clone(relayout));
        group.handle(move |_, event| {
            let moved = turned.moves(event);
            if moved {
                relayout();
            }
            moved
        });
        let (ground, words) = worded(theme);
        let button = |choice: &Choice| {
            let (out, set) = (out.clone(), choice.set.clone());
            let kind = match choice.set {
                Setting::Accent(accent) => Kind::Swatch(Theme::light(accent).accent),
                _ => Kind::Choice,
            };
            PushButton::new(choice.name, kind, None, theme).on_click(move || out.put(Msg::Set(set.clone())))
        };
        let lines = looks()
            .into_iter()
            .chain(switches())
            .map(|line| {
                let buttons = line.choices.iter().map(button).collect();
                (line, buttons)
            })
            .collect();
        let choose = out.clone();
        let downloads = PushButton::new("choose-downloads", Kind::Quiet, None, theme)
            .on_click(move || choose.put(Msg::ChooseDownloads));
        let go = out.clone();
        let password = PushButton::new("change-password", Kind::Quiet, None, theme)
            .on_click(move || go.put(Msg::Go(Page::Password)));
        let leave = out.clone();
        let sign_out =
            PushButton::new("sign-out", Kind::Danger, None, theme).on_click(move || leave.put(Msg::SignOut));
        group.end();
        let (labels, shortcuts, files) = (Vec::new(), String::new(), String::new());
        Self {
            group,
            ground,
            words,
            lines,
            downloads,
            password,
            sign_out,
            labels,
            shortcuts,
            files,
            area: Area::default(),
            scroll,
            content: Cell::new(0),
        }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        let (theme, texts) = (app.theme, &app.texts);
        self.words.borrow_mut().0 = theme;
        self.labels = self.lines.iter().map(|(line, _)| texts.get(line.label)).collect();
        for (line, buttons) in &mut self.lines {
            for (choice, button) in line.choices.iter().zip(buttons) {
                button.set_theme(theme, theme.surface);
                let text = if choice.text.starts_with("t-") {
                    texts.get(choice.text)
                } else {
                    choice.text.to_owned()
                };
                if matches!(choice.set, Setting::Accent(_)) {
                    button.set_hint(&text);
                } else {
                    button.set_text(&text);
                }
            }
        }
        self.downloads.set_theme(theme, theme.surface);
        self.downloads.set_text(&texts.get("t-choose-downloads"));
        self.password.set_theme(theme, theme.surface);
        self.password.set_text(&texts.get("t-change-password"));
        self.sign_out.set_theme(theme, theme.surface);
        self.sign_out.set_text(&texts.get("t-sign-out"));
        self.shortcuts = texts.get("t-shortcuts");
    }

    /// Where files are, and which key the server has.
    fn places(app: &App) -> String {
        let texts = &app.texts;
        let mut told = vec![];
        let folder = app.home.files_dir().display().to_string();
        told.push(texts.with("t-files-in", &[("folder", folder.into())]));
        if !app.settings.downloads.is_empty() {
            let folder = app.settings.downloads.clone();
            told.push(texts.with("t-downloads-in", &[("folder", folder.into())]));
        }
        if let Some(key) = &app.server_key {
            let args = [
                ("server", app.settings.server.clone().into()),
                ("key", uchat_client_core::event::fingerprint(key).into()),
            ];
            told.push(texts.with("t-server-key", &args));
        }
        told.join("\n")
    }

    pub(super) fn follow(&mut self, app: &App) {
        for (line, buttons) in &mut self.lines {
            for (choice, button) in line.choices.iter().zip(buttons) {
                button.set_on((choice.is_on)(&app.settings, app.texts.language()));
            }
        }
        self.files = Self::places(app);
        self.place(self.area);
    }

    pub(super) fn place(&mut self, area: Area) {
        self.area = area;
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let mut flow = Flow::begin(area, &self.scroll, self.content.get());
        let narrow = area.w < NARROW;
        // A low window brings the lines closer together.
        let gap = if narrow { 6 } else { ((area.h - 540) / 10).clamp(0, 14) };
        for ((line, buttons), text) in self.lines.iter_mut().zip(&self.labels) {
            if narrow {
                flow.words(text, 20);
            } else {
                flow.label(text, 150);
            }
            let mut x = if narrow { area.x } else { area.x + 150 };
            for (choice, button) in line.choices.iter().zip(buttons) {
                let swatch = matches!(choice.set, Setting::Accent(_));
                let w = if swatch { LINE } else { button.wanted_width().max(LINE) };
                flow.put(button, Area::new(x, 0, w, LINE));
                x += w + space::XS;
            }
            flow.down(LINE + gap);
        }
        flow.down(space::S);
        for text in [&self.shortcuts, &self.files] {
            flow.words(text, Flow::height_of(text, area.w));
            flow.down(space::XS);
        }
        flow.down(space::S);
        let buttons = [&mut self.password, &mut self.downloads, &mut self.sign_out];
        let third = ((area.w - 2 * space::S) / 3).min(200);
        for (at, button) in (0..).zip(buttons) {
            let place = if narrow {
                Area::new(area.x, 0, area.w, size::CONTROL)
            } else {
                Area::new(area.x + at * (third + space::S), 0, third, size::CONTROL)
            };
            flow.put(button, place);
            if narrow {
                flow.down(size::CONTROL + space::S);
            }
        }
        if !narrow {
            flow.down(size::CONTROL);
        }
        let (words, content) = flow.end();
        if self.content.replace(content) != content {
            // How much there is is known now: once more with the scroll bar right.
            return self.place(area);
        }
        self.words.borrow_mut().1 = words;
        self.group.redraw();
    }

    pub(super) fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    pub(super) fn controls(&self, out: &mut Vec<Control>) {
        if self.group.visible_r() {
            let buttons = self.lines.iter().flat_map(|(_, buttons)| buttons);
            out.extend(
                buttons
                    .chain([&self.password, &self.downloads, &self.sign_out])
                    .filter_map(PushButton::control),
            );
        }
    }
}

/// How it looks, and which key sends.
fn looks() -> Vec<Line> {
    let choice = |name, text, set, is_on| Choice { name, text, is_on, set };
    vec![
        Line {
            label: "t-set-language",
            choices: vec![
                choice("set-language:zh", "中文", Setting::Language(Language::Zh), |_, l| {
                    l == Language::Zh
                }),
                choice("set-language:en", "English", Setting::Language(Language::En), |_, l| {
                    l == Language::En
                }),
            ],
        },
        Line {
            label: "t-set-theme",
            choices: vec![
                choice("set-theme:system", "t-theme-system", Setting::Theme(ThemeName::System), |s, _| {
                    s.theme == ThemeName::System
                }),
                choice("set-theme:light", "t-theme-light", Setting::Theme(ThemeName::Light), |s, _| {
                    s.theme == ThemeName::Light
                }),
                choice("set-theme:dark", "t-theme-dark", Setting::Theme(ThemeName::Dark), |s, _| {
                    s.theme == ThemeName::Dark
                }),
            ],
        },
        Line {
            label: "t-set-accent",
            choices: vec![
                choice("set-accent:sky", "t-sky", Setting::Accent(Accent::Sky), |s, _| {
                    s.accent == Accent::Sky
                }),
                choice("set-accent:teal", "t-teal", Setting::Accent(Accent::Teal), |s, _| {
                    s.accent == Accent::Teal
                }),
                choice("set-accent:violet", "t-violet", Setting::Accent(Accent::Violet), |s, _| {
                    s.accent == Accent::Violet
                }),
                choice("set-accent:rose", "t-rose", Setting::Accent(Accent::Rose), |s, _| {
                    s.accent == Accent::Rose
                }),
            ],
        },
        Line {
            label: "t-set-font",
            choices: vec![
                choice("set-font:default", "t-font-default", Setting::Font(String::new()), |s, _| {
                    s.font.is_empty()
                }),
                choice("set-font:sans", "Sans", Setting::Font("Sans".into()), |s, _| s.font == "Sans"),
                choice("set-font:serif", "Serif", Setting::Font("Serif".into()), |s, _| s.font == "Serif"),
                choice("set-font:mono", "Mono", Setting::Font("Monospace".into()), |s, _| {
                    s.font == "Monospace"
                }),
            ],
        },
        Line {
            label: "t-set-send",
            choices: vec![
                choice("set-send:enter", "Enter", Setting::SendKey(SendKey::Enter), |s, _| {
                    s.send_key == SendKey::Enter
                }),
                choice("set-send:ctrl-enter", "Ctrl+Enter", Setting::SendKey(SendKey::CtrlEnter), |s, _| {
                    s.send_key == SendKey::CtrlEnter
                }),
            ],
        },
    ]
}

/// What is on or off.
fn switches() -> Vec<Line> {
    let choice = |name, text, set, is_on| Choice { name, text, is_on, set };
    let yes_no = |on: &'static str, off: &'static str, set: fn(bool) -> Setting, is_on, is_off| {
        vec![choice(on, "t-yes", set(true), is_on), choice(off, "t-no", set(false), is_off)]
    };
    vec![
        Line {
            label: "t-set-notify",
            choices: yes_no(
                "set-notify:on",
                "set-notify:off",
                Setting::Notify,
                |s, _| s.notify,
                |s, _| !s.notify,
            ),
        },
        Line {
            label: "t-set-sound",
            choices: yes_no("set-sound:on", "set-sound:off", Setting::Sound, |s, _| s.sound, |s, _| !s.sound),
        },
        Line {
            label: "t-set-read",
            choices: yes_no(
                "set-read:on",
                "set-read:off",
                Setting::TellRead,
                |s, _| s.tell_read,
                |s, _| !s.tell_read,
            ),
        },
        Line {
            label: "t-set-stay",
            choices: yes_no(
                "set-stay:on",
                "set-stay:off",
                Setting::StaySignedIn,
                |s, _| s.stay_signed_in,
                |s, _| !s.stay_signed_in,
            ),
        },
        Line {
            label: "t-set-address",
            choices: yes_no(
                "set-address:on",
                "set-address:off",
                Setting::Addresses,
                |s, _| s.addresses,
                |s, _| !s.addresses,
            ),
        },
    ]
}
