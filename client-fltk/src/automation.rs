//! A channel for tests of the real window: it tells where each named control is and what it says. Keys and clicks come
//! from outside, as real events.
//!
//! One JSON object a line on standard input, one answer a line on standard output, in the same order. An `id` of an
//! order comes back with its answer. An order is obeyed when the keys and clicks that came before it have been.
//!
//! - `{"do":"look"}` → `{"seen":7,"facts":{…},"controls":[{"name","role","x","y","w","h","text","filled","enabled",
//!   "focused"}],"window":{"x","y","w","h","scale"}}`. Places of controls are within the window, all in FLTK's units:
//!   times `scale` they are pixels. `{"do":"look","unlike":7}` answers when there is something else to see than in look 7, or after
//!   [`PATIENCE`]: so who waits for a state need not ask all the time.
//! - `{"do":"clipboard","text":"…"}` puts a text on the clipboard
//! - `{"do":"attach","path":"…"}` does what choosing a file in the system's dialog does
//! - `{"do":"screenshot","path":"….png"}` writes a picture of the window
//! - `{"do":"quit"}` closes the window
//!
//! What cannot be done is answered with `{"error":"…"}`. What is in a password field is never told.

use std::io::{BufRead, Read as _, Write as _};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::{Duration, Instant};

use fltk::prelude::*;
use serde_json::{Value, json};
use uchat_client_core::state::Link;

use crate::app::{App, Msg, Page, Screen};
use crate::view::MainWindow;
use crate::widget::Control;

/// So many orders may wait; then nothing more is read.
const MAX_WAITING: usize = 64;
/// The longest order: a megabyte of text for the clipboard, escaped.
const MAX_ORDER: u64 = 8 * 1024 * 1024;
/// A look that waits for something new answers after this time anyway.
pub const PATIENCE: Duration = Duration::from_millis(200);

/// The channel.
#[derive(Debug)]
pub struct Automation {
    orders: Receiver<Value>,
    /// What the last look saw, and how many different sights there were before it.
    last: Value,
    seen: u64,
    /// An order that has come in this turn: it is obeyed in the next one, when the events that were on their way have
    /// been handled.
    next: Option<Value>,
    /// A look that waits for something else than the last sight, until then: later orders wait behind it.
    waiting: Option<(Value, Instant)>,
}

impl Automation {
    /// Begins to listen on standard input.
    pub fn start() -> Self {
        let (sender, orders) = mpsc::sync_channel(MAX_WAITING);
        std::thread::spawn(move || listen(&mut std::io::stdin().lock(), &sender));
        Self { orders, last: Value::Null, seen: 0, next: None, waiting: None }
    }

    /// Obeys what came before this turn of the main loop.
    pub fn serve(&mut self, app: &mut App, window: &mut MainWindow) {
        if let Some((order, until)) = self.waiting.take() {
            let sight = sight(app, window);
            if sight == self.last && Instant::now() < until {
                self.waiting = Some((order, until));
                return;
            }
            answer(&order, self.number(sight));
        } else if let Some(order) = self.next.take() {
            self.obey(order, app, window);
        }
        if self.waiting.is_none() && self.next.is_none() {
            self.next = self.orders.try_recv().ok();
            if self.next.is_some() {
                fltk::app::awake();
            }
        }
    }

    fn obey(&mut self, order: Value, app: &mut App, window: &mut MainWindow) {
        if order["do"] != "look" {
            let done = obey(&order, app, window);
            return answer(&order, done.map_or_else(|error| json!({ "error": error }), |()| json!({})));
        }
        let sight = sight(app, window);
        if order["unlike"].as_u64() == Some(self.seen) && sight == self.last {
            self.waiting = Some((order, Instant::now() + PATIENCE));
            fltk::app::add_timeout3(PATIENCE.as_secs_f64(), |_| {});
        } else {
            answer(&order, self.number(sight));
        }
    }

    /// Equal sights have the same number.
    fn number(&mut self, sight: Value) -> Value {
        if sight != self.last {
            self.seen += 1;
            self.last = sight;
        }
        let mut told = self.last.clone();
        told["seen"] = self.seen.into();
        told
    }
}

/// Hands on what comes, line by line, until the other side goes away.
fn listen(input: &mut impl BufRead, orders: &SyncSender<Value>) {
    loop {
        let mut line = Vec::new();
        match input.by_ref().take(MAX_ORDER).read_until(b'\n', &mut line) {
            Ok(read) if read > 0 => {}
            _ => return,
        }
        let order = serde_json::from_slice(&line).unwrap_or_else(|error| json!({"wrong": error.to_string()}));
        if orders.send(order).is_err() {
            return;
        }
        fltk::app::awake();
    }
}

fn answer(order: &Value, mut told: Value) {
    if let Some(id) = order.get("id") {
        told["id"] = id.clone();
    }
    let mut out = std::io::stdout().lock();
    // Nobody is there any more: then nobody misses the answer.
    let _ = writeln!(out, "{told}").and_then(|()| out.flush());
}

fn obey(order: &Value, app: &mut App, window: &mut MainWindow) -> Result<(), String> {
    let text = |key: &str| order[key].as_str().ok_or_else(|| format!("the order has no {key}"));
    match order["do"].as_str() {
        Some("clipboard") => fltk::app::copy(text("text")?),
        Some("attach") => {
            app.update(Msg::Attach(text("path")?.into()));
            window.follow(app);
        }
        Some("screenshot") => screenshot(window, text("path")?)?,
        Some("quit") => window.window().hide(),
        _ => return Err(order["wrong"].as_str().unwrap_or("unknown order").to_owned()),
    }
    Ok(())
}

/// All that can be seen now.
fn sight(app: &App, window: &mut MainWindow) -> Value {
    let controls: Vec<Value> = window.controls().into_iter().map(described).collect();
    let facts = json!({
        "screen": if app.screen == Screen::Main { "main" } else { "sign-in" },
        "busy": app.form.busy,
        "link": link_name(app.state.link()),
        "ready": app.state.is_ready(),
        "open": app.open_name(),
        "panel": page_name(app),
        "unread": app.state.unread(),
        "title": app.title(),
        "panes": window.panes(),
        "front": window.is_in_front(),
    });
    let fltk_window = window.window();
    let place = json!({
        "x": fltk_window.x_root(), "y": fltk_window.y_root(), "w": fltk_window.w(), "h": fltk_window.h(),
        "scale": fltk::app::screen_scale(fltk_window.screen_num()),
    });
    json!({ "facts": facts, "controls": controls, "window": place })
}

fn described(control: Control) -> Value {
    // The fields keep their secrets themselves; this is the last door.
    let text = if control.role == "password" { String::new() } else { control.text };
    json!({
        "name": control.name, "role": control.role, "text": text,
        "x": control.area.x, "y": control.area.y, "w": control.area.w, "h": control.area.h,
        "enabled": control.enabled, "focused": control.focused, "filled": control.filled,
    })
}

fn link_name(link: &Link) -> &'static str {
    match link {
        Link::Idle => "idle",
        Link::Connecting => "connecting",
        Link::Connected => "connected",
        Link::Disconnected { comes_back: true, .. } => "coming-back",
        Link::Disconnected { .. } => "disconnected",
        Link::Kicked => "kicked",
    }
}

fn page_name(app: &App) -> Option<&'static str> {
    match app.page {
        _ if app.screen == Screen::SignIn => None,
        Page::Chat => None,
        Page::New => Some("new"),
        Page::Details => Some("details"),
        Page::Rules => Some("rules"),
        Page::Invite => Some("invite"),
        Page::Member(_) => Some("member"),
        Page::Settings => Some("settings"),
        Page::Search => Some("search"),
        Page::Password => Some("password"),
        Page::Image(_) => Some("image"),
    }
}

fn screenshot(window: &mut MainWindow, path: &str) -> Result<(), String> {
    let image = fltk::draw::capture_window(window.window()).map_err(|error| error.to_string())?;
    let (w, h) = (image.data_w().unsigned_abs(), image.data_h().unsigned_abs());
    let rgb = image::RgbImage::from_raw(w, h, image.to_rgb_data()).ok_or("not three bytes a pixel")?;
    rgb.save(path).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_a_password_field_is_never_told_even_if_the_field_forgets_to_hide_it() {
        let area = crate::design::paint::Area::new(0, 0, 10, 10);
        let told = described(Control::new("password", "password", area, "secret"));
        assert_eq!((&told["text"], &told["role"]), (&json!(""), &json!("password")));
    }

    #[test]
    fn an_endless_line_ends_as_a_wrong_order_and_not_in_all_of_the_memory() {
        let (sender, orders) = mpsc::sync_channel(8);
        let mut endless = std::io::BufReader::new(std::io::repeat(b'x').take(MAX_ORDER + 10));
        listen(&mut endless, &sender);
        drop(sender);
        assert!(orders.iter().all(|order| order["wrong"].is_string()));
    }
}
