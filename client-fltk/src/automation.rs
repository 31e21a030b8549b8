//! A channel for tests of the real window: it tells where each named control is and what it says. Keys and clicks come
//! from outside, as real events.
//!
//! One JSON object a line on standard input, one answer a line on standard output:
//!
//! - `{"do":"look"}` → `{"facts":{…},"controls":[{"name","role","x","y","w","h","text","enabled","focused"}],"window":{…}}`
//! - `{"do":"clipboard","text":"…"}` puts a text on the clipboard
//! - `{"do":"attach","path":"…"}` does what choosing a file in the system's dialog does
//! - `{"do":"screenshot","path":"….png"}` writes a picture of the window
//! - `{"do":"quit"}` closes the window

use std::io::{BufRead as _, Write as _};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use fltk::prelude::*;
use serde_json::{Value, json};

use crate::app::{App, Msg, Screen};
use crate::view::MainWindow;

/// So many orders may wait.
const MAX_WAITING: usize = 64;
/// A look that waits for a change answers after this time anyway.
const PATIENCE: Duration = Duration::from_millis(100);

/// The channel.
#[derive(Debug)]
pub struct Automation {
    orders: Receiver<Value>,
}

impl Automation {
    /// Begins to listen on standard input.
    pub fn start() -> Self {
        let (sender, orders) = mpsc::sync_channel(MAX_WAITING);
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                let order =
                    serde_json::from_str(&line).unwrap_or_else(|error| json!({"error": error.to_string()}));
                // A test that polls must not keep the window from living.
                std::thread::park_timeout(if order["do"] == "look" { PATIENCE / 4 } else { Duration::ZERO });
                if sender.send(order).is_err() {
                    return;
                }
                fltk::app::awake();
            }
        });
        Self { orders }
    }

    /// Answers what was asked since the last turn.
    pub fn serve(&mut self, app: &mut App, window: &mut MainWindow) {
        while let Ok(order) = self.orders.try_recv() {
            let answer = match order["do"].as_str() {
                Some("look") => look(app, window),
                Some("clipboard") => {
                    fltk::app::copy(order["text"].as_str().unwrap_or_default());
                    json!({})
                }
                Some("attach") => {
                    app.update(Msg::Attach(order["path"].as_str().unwrap_or_default().into()));
                    window.follow(app);
                    json!({})
                }
                Some("screenshot") => screenshot(window, order["path"].as_str().unwrap_or_default()),
                Some("quit") => {
                    window.window().hide();
                    json!({})
                }
                _ => json!({"error": "unknown order"}),
            };
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "{answer}");
            let _ = out.flush();
        }
    }
}

fn look(app: &App, window: &mut MainWindow) -> Value {
    let controls: Vec<Value> = window
        .controls()
        .into_iter()
        .map(|control| {
            json!({
                "name": control.name, "role": control.role, "text": control.text,
                "x": control.area.x, "y": control.area.y, "w": control.area.w, "h": control.area.h,
                "enabled": control.enabled, "focused": control.focused,
            })
        })
        .collect();
    let fltk_window = window.window();
    let place = json!({
        "x": fltk_window.x_root(), "y": fltk_window.y_root(), "w": fltk_window.w(), "h": fltk_window.h(),
    });
    json!({
        "facts": {
            "screen": if app.screen == Screen::Main { "main" } else { "sign-in" },
            "ready": app.state.is_ready(),
            "open": app.open_name(),
            "unread": app.state.unread(),
            "title": app.title(),
            "panes": window.panes(),
        },
        "controls": controls,
        "window": place,
    })
}

fn screenshot(window: &mut MainWindow, path: &str) -> Value {
    let taken =
        fltk::draw::capture_window(window.window()).map_err(|error| error.to_string()).and_then(|image| {
            let (w, h) = (image.data_w().unsigned_abs(), image.data_h().unsigned_abs());
            let rgb =
                image::RgbImage::from_raw(w, h, image.to_rgb_data()).ok_or("not three bytes a pixel")?;
            rgb.save(path).map_err(|error| error.to_string())
        });
    match taken {
        Ok(()) => json!({}),
        Err(error) => json!({"error": error}),
    }
}
