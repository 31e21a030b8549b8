//! The window itself: which panes are there, where they are, shortcuts, and what the system is asked for.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use fltk::app;
use fltk::dialog::{self, FileDialogType, NativeFileChooser};
use fltk::enums::{Event, Key, Shortcut};
use fltk::prelude::*;
use fltk::window::DoubleWindow;

use super::Outbox;
use super::bar::{self, Bar};
use super::chat::Chat;
use super::page::Pages;
use super::shake::shake;
use super::side::Side;
use super::sign_in::SignIn;
use crate::app::order::{Changes, Order};
use crate::app::{App, Msg, Page, Screen, Setting};
use crate::design::paint::{self, Area};
use crate::design::theme::size;
use crate::design::{Theme, icon};
use crate::images::ImageStore;
use crate::network::Bell;
use crate::widget::Control;

/// The window and everything in it.
pub struct MainWindow {
    window: DoubleWindow,
    sign_in: SignIn,
    side: Side,
    chat: Chat,
    pages: Pages,
    bar: Bar,
    bar_shown: bool,
    paged: bool,
    images: ImageStore,
    out: Outbox,
    /// Something asked for a new layout.
    stale: Rc<RefCell<bool>>,
    screen: Screen,
}

impl std::fmt::Debug for MainWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MainWindow").field("screen", &self.screen).finish_non_exhaustive()
    }
}

impl MainWindow {
    /// Builds the window; it is shown by [`show`](Self::show).
    pub fn new(app: &App, bell: &Bell) -> Self {
        paint::set_family(paint::default_family());
        let [x, y, w, h] = place_of(app.settings.window);
        let mut window = DoubleWindow::new(x, y, w, h, "Uchat");
        if x < 0 {
            window = window.center_screen();
        }
        window.set_xclass("Uchat");
        window.set_icon(icon::mark(64));
        window.size_range(size::MIN_WIDTH, size::MIN_HEIGHT, 0, 0);
        let out = Outbox::default();
        let stale = Rc::new(RefCell::new(true));
        let ring = bell.clone();
        let images = ImageStore::new(app.home.files_dir(), std::sync::Arc::new(move || ring.ring()));
        let theme = app.theme;
        let sign_in = SignIn::new(app, &out);
        let side = Side::new(theme, &out);
        let again = Rc::clone(&stale);
        let relayout: Rc<dyn Fn()> = Rc::new(move || *again.borrow_mut() = true);
        let picker = out.clone();
        let chat = Chat::new(theme, &out, images.clone(), move || pick_file(&picker), &relayout);
        let pages = Pages::new(theme, &out, images.clone(), &relayout);
        let bar = Bar::new(theme, &out);
        window.end();
        window.make_resizable(true);
        let resized = Rc::clone(&stale);
        window.resize_callback(move |_, _, _, _, _| *resized.borrow_mut() = true);
        let keys = out.clone();
        window.handle(move |window, event| match event {
            Event::Shortcut if app::event_key() == Key::Tab => around(window),
            Event::Shortcut | Event::KeyDown => shortcut(&keys),
            _ => false,
        });
        window.set_callback(|window| {
            // Escape belongs to the pages; only the window manager closes.
            if app::event() == Event::Close {
                window.hide();
            }
        });
        let screen = app.screen;
        Self {
            window,
            sign_in,
            side,
            chat,
            pages,
            bar,
            bar_shown: false,
            paged: false,
            images,
            out,
            stale,
            screen,
        }
    }

    /// Puts it on the screen.
    pub fn show(&mut self, app: &App) {
        self.window.show();
        self.sign_in.focus(&app.form);
    }

    /// Whether it is still there.
    pub fn is_open(&self) -> bool {
        self.window.shown()
    }

    /// The next thing that the user did.
    pub fn next(&self) -> Option<Msg> {
        self.out.take()
    }

    /// Whether keys go to this window.
    pub fn is_in_front(&self) -> bool {
        app::focus().is_some()
    }

    /// Makes the window say what the app says.
    pub fn follow(&mut self, app: &mut App) {
        app.in_front = self.is_in_front();
        if self.images.poll() {
            self.chat.images_changed();
            self.window.redraw();
        }
        let changes = std::mem::take(&mut app.changes);
        if changes.everything {
            self.set_look(app);
        }
        if changes != Changes::default() {
            self.follow_panes(app, changes);
        }
        for order in std::mem::take(&mut app.orders) {
            self.obey(app, order);
        }
        if std::mem::take(&mut *self.stale.borrow_mut()) {
            self.layout(app);
        }
    }

    fn set_look(&mut self, app: &App) {
        let theme: Theme = app.theme;
        let family = if app.settings.font.is_empty() { paint::default_family() } else { &app.settings.font };
        paint::set_family(family);
        let ground = theme.surface;
        self.window.set_color(ground);
        let (r, g, b) = theme.selection.to_rgb();
        app::set_selection_color(r, g, b);
        self.sign_in.set_look(app);
        self.side.set_look(app);
        self.chat.set_look(app);
        self.pages.set_look(app);
        *self.stale.borrow_mut() = true;
        self.window.redraw();
    }

    fn follow_panes(&mut self, app: &App, changes: Changes) {
        if self.screen != app.screen {
            self.screen = app.screen;
            *self.stale.borrow_mut() = true;
            if app.screen == Screen::SignIn {
                self.sign_in.set_look(app);
            }
        }
        if app.screen == Screen::SignIn {
            self.sign_in.follow(app);
        }
        if changes.contacts || changes.page {
            self.side.follow(app);
            self.window.set_label(&app.title());
        }
        if changes.bar {
            let shown = self.bar.follow(app);
            *self.stale.borrow_mut() |= shown != self.bar_shown;
            self.bar_shown = shown;
        }
        if changes.page {
            let paged = self.pages.follow(app);
            *self.stale.borrow_mut() |= paged != self.paged;
            self.paged = paged;
        }
        if changes.head || changes.page {
            self.chat.follow(app, self.is_narrow());
            *self.stale.borrow_mut() |= self.is_narrow();
        }
    }

    fn obey(&mut self, app: &App, order: Order) {
        match order {
            Order::FileReady(name) => {
                self.images.look_again(&name);
                self.window.redraw();
            }
            Order::FindUser(name) => self.pages.find_user(&name),
            Order::Notice(head, text) => notify(&head, &text),
            Order::Shake => shake(&self.window),
            Order::Beep => dialog::beep(dialog::BeepType::Message),
            Order::OpenOutside(what) => open_outside(&what),
            Order::ChooseDownloads => choose_downloads(app, &self.out),
            Order::SaveAs(from, name) => save_as(app, &self.out, from, &name),
            order => self.chat.obey(order),
        }
    }

    fn is_narrow(&self) -> bool {
        self.window.w() < size::TWO_PANES
    }

    /// One pane or two.
    pub fn panes(&self) -> i32 {
        if self.is_narrow() { 1 } else { 2 }
    }

    fn layout(&mut self, app: &App) {
        let (w, h) = (self.window.w(), self.window.h());
        let main = app.screen == Screen::Main;
        let appears = !main && !self.sign_in.is_visible();
        self.sign_in.set_visible(!main);
        if !main {
            self.side.set_visible(false);
            self.chat.set_visible(false);
            self.bar.place(Area::new(0, 0, 0, 0));
            self.sign_in.place(Area::new(0, 0, w, h), &app.form);
            if appears {
                // What is not shown yet takes no focus.
                self.sign_in.focus(&app.form);
            }
            return self.window.redraw();
        }
        let top = if self.bar_shown { bar::HEIGHT } else { 0 };
        self.bar.place(Area::new(0, 0, w, top));
        let right = self.paged || app.state.open_conversation().is_some();
        let (side, left) = match (self.is_narrow(), right) {
            (false, _) => (size::SIDE, size::SIDE),
            (true, false) => (w, w),
            (true, true) => (0, 0),
        };
        self.side.set_visible(side > 0);
        self.side.place(Area::new(0, top, side, h - top));
        let pane = Area::new(left, top, w - left, h - top);
        self.chat.set_visible(pane.w > 0 && !self.paged);
        self.chat.follow(app, self.is_narrow());
        self.chat.place(pane);
        self.pages.place(pane);
        self.window.redraw();
    }

    /// Place and size for the next start.
    pub fn place(&self) -> [i32; 4] {
        [self.window.x(), self.window.y(), self.window.w(), self.window.h()]
    }

    /// Does what a click on this row or this part of the conversation does. False for anything else.
    pub fn activate(&mut self, control: &Control) -> bool {
        let lists = self.pages.lists().into_iter().chain([self.side.list()]);
        lists.into_iter().any(|list| list.activate(control)) || self.chat.activate(control)
    }

    /// Takes the keyboard to this row of a list. False for anything else.
    pub fn focus_row(&mut self, control: &Control) -> bool {
        let mut lists = self.pages.lists().into_iter().chain([self.side.list()]);
        lists.any(|list| list.focus_row(control))
    }

    /// As tests and screen readers see it.
    pub fn controls(&self) -> Vec<Control> {
        let mut out = Vec::new();
        self.sign_in.controls(&mut out);
        self.bar.controls(&mut out);
        self.side.controls(&mut out);
        self.chat.controls(&mut out);
        self.pages.controls(&mut out);
        out
    }

    /// The FLTK window, for a picture of it.
    pub fn window(&mut self) -> &mut DoubleWindow {
        &mut self.window
    }
}

/// A remembered place that is still on a screen, else the middle (marked by a negative x).
fn place_of(remembered: Option<[i32; 4]>) -> [i32; 4] {
    let usable = remembered.filter(|[x, y, w, h]| {
        let on_screen = (0..app::screen_count()).any(|screen| {
            let (left, top, width, height) = app::screen_work_area(screen);
            Area::new(left, top, width, height).contains(x + w / 2, y + 20)
        });
        on_screen && *w >= size::MIN_WIDTH && *h >= size::MIN_HEIGHT && *x >= 0
    });
    usable.unwrap_or([-1, -1, 980, 680])
}

/// Tab at the last control goes to the first one, and the other way round. FLTK finds no way back into the only pane
/// that is shown.
fn around(window: &DoubleWindow) -> bool {
    let mut panes: Vec<_> = (0..window.children()).filter_map(|at| window.child(at)).collect();
    if app::event_state().contains(Shortcut::Shift) {
        panes.reverse();
    }
    panes.iter_mut().any(|pane| pane.visible() && pane.take_focus().is_ok())
}

/// The shortcuts that work everywhere; the settings list them.
fn shortcut(out: &Outbox) -> bool {
    let ctrl = app::event_state().contains(Shortcut::Ctrl);
    let is = |c: char| app::event_key() == Key::from_char(c);
    let page = match () {
        () if app::event_key() == Key::Escape => {
            out.put(Msg::Back);
            return true;
        }
        () if ctrl && is('n') => Page::New,
        () if ctrl && is('f') => Page::Search,
        () if ctrl && is(',') => Page::Settings,
        () if ctrl && is('i') => Page::Details,
        () if ctrl && is('o') => {
            pick_file(out);
            return true;
        }
        () => return false,
    };
    out.put(Msg::Go(page));
    true
}

fn pick_file(out: &Outbox) {
    let mut chooser = NativeFileChooser::new(FileDialogType::BrowseMultiFile);
    chooser.show();
    for path in chooser.filenames() {
        out.put(Msg::Attach(path));
    }
}

fn save_as(app: &App, out: &Outbox, from: PathBuf, name: &str) {
    let mut chooser = NativeFileChooser::new(FileDialogType::BrowseSaveFile);
    chooser.set_option(dialog::FileDialogOptions::SaveAsConfirm);
    chooser.set_preset_file(name);
    if !app.settings.downloads.is_empty() {
        let _ = chooser.set_directory(&app.settings.downloads);
    }
    chooser.show();
    let to = chooser.filename();
    if !to.as_os_str().is_empty() {
        if let Some(folder) = to.parent().and_then(|folder| folder.to_str()) {
            out.put(Msg::Set(Setting::Downloads(folder.to_owned())));
        }
        out.put(Msg::SaveAs(from, to));
    }
}

/// Lets the user choose where the dialogues for saving begin.
fn choose_downloads(app: &App, out: &Outbox) {
    let mut chooser = NativeFileChooser::new(FileDialogType::BrowseDir);
    if !app.settings.downloads.is_empty() {
        let _ = chooser.set_directory(&app.settings.downloads);
    }
    chooser.show();
    if let Some(folder) = chooser.filename().to_str().filter(|folder| !folder.is_empty()) {
        out.put(Msg::Set(Setting::Downloads(folder.to_owned())));
    }
}

/// Opens a link or a file with the program that the system has for it.
fn open_outside(what: &str) {
    let program = if cfg!(windows) {
        "explorer"
    } else if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let what = what.to_owned();
    // The program may take its time; nobody waits for it but this thread, which takes its end.
    std::thread::spawn(move || {
        if let Ok(mut child) = std::process::Command::new(program).arg(what).spawn() {
            let _ = child.wait();
        }
    });
}

/// A notice of the desktop. Where there is none, the count in the title remains.
fn notify(head: &str, text: &str) {
    let (head, text) = (head.to_owned(), text.to_owned());
    std::thread::spawn(move || {
        let _ = notify_rust::Notification::new().appname("Uchat").summary(&head).body(&text).show();
    });
}
