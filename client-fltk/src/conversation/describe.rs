//! What is in sight, in words: for screen readers and tests.

use uchat_client_core::state::Content;

use super::day;
use super::inside::{self, Inside};
use super::row::{Delivery, Row};
use super::state::State;
use super::target::Target;
use crate::design::paint::Area;
use crate::images::Thumb;

/// A long text is told so far, in characters.
const MOST_CHARS: usize = 500;

/// Name, place in the window, text. Names carry the number of the message among those in sight.
pub(super) fn controls(state: &mut State) -> Vec<(String, Area, String)> {
    let mut out = Vec::new();
    let visible = state.timeline.visible();
    for (number, at) in visible.clone().enumerate() {
        message(state, at, number, &mut out);
    }
    let keys: Vec<_> = visible.filter_map(|at| state.timeline.row(at)).map(|row| row.key).collect();
    let number = |key| keys.iter().position(|other| *other == key).unwrap_or(0);
    let mut before: Option<Target> = None;
    let mut links = 0;
    for (target, area) in state.targets() {
        if before.as_ref() == Some(&target) {
            continue;
        }
        let (name, text) = match &target {
            Target::Link(key, range) => {
                let first = !matches!(&before, Some(Target::Link(other, _)) if other == key);
                links = if first { 0 } else { links + 1 };
                let name = format!("link:{}", number(*key));
                let row = state.timeline.index(*key).and_then(|at| state.timeline.row(at));
                let link = row.and_then(|row| row.content.text()?.get(range.clone())).unwrap_or_default();
                (if first { name } else { format!("{name}.{links}") }, link.to_owned())
            }
            Target::Open(key) => (format!("file-open:{}", number(*key)), state.texts.get("t-file-open")),
            Target::Save(key) => (format!("file-save:{}", number(*key)), state.texts.get("t-file-save")),
            Target::Retry(key) => (format!("retry:{}", number(*key)), state.texts.get("t-retry")),
            Target::Discard(key) => (format!("discard:{}", number(*key)), state.texts.get("t-discard")),
            Target::More(key) => (format!("more:{}", number(*key)), state.texts.get("t-more-of-text")),
            Target::Newest => ("newest".into(), state.unseen.to_string()),
            Target::Person(key) => {
                let row = state.timeline.index(*key).and_then(|at| state.timeline.row(at));
                let name = row.map(|row| row.sender_name.clone()).unwrap_or_default();
                (format!("person:{}", number(*key)), name)
            }
            // Told with its message.
            Target::Image(_) => {
                before = Some(target);
                continue;
            }
        };
        out.push((name, area, text));
        before = Some(target);
    }
    out
}

fn message(state: &State, at: usize, number: usize, out: &mut Vec<(String, Area, String)>) {
    let (Some(row), Some(bubble)) = (state.timeline.row(at), state.timeline.bubble(at)) else { return };
    if let Some(day) = bubble.day {
        let words = day::words(&state.texts, row.time, day::now());
        out.push((format!("day:{number}"), state.placed(at, day), words));
    }
    let (kind, text) = words(state, row, &bubble.inside);
    let seen = within(state.placed(at, bubble.area), state.view);
    out.push((format!("{kind}:{number}"), seen, format!("{}: {text} ({})", row.sender_name, delivery(row))));
}

fn words(state: &State, row: &Row, inside: &Inside) -> (&'static str, String) {
    match (&row.content, inside) {
        (Content::Text { text, .. }, _) => ("message", text.chars().take(MOST_CHARS).collect()),
        (Content::File(file), Inside::Image { .. }) => {
            let look = match state.outside.images.thumbnail(file) {
                Thumb::Ready(..) => "shown",
                Thumb::Loading => "loading",
                Thumb::Broken(_) => "broken",
            };
            ("image", format!("image {} {look}", file.extension))
        }
        (Content::File(file), _) => {
            ("file", format!("file {} {} {}", file.extension, file.bytes, file.name).trim_end().to_owned())
        }
        (other @ Content::Other(_), _) => ("message", inside::instead(&state.texts, other)),
    }
}

fn delivery(row: &Row) -> &'static str {
    match row.delivery {
        Delivery::Sending => "sending",
        Delivery::Sent => "sent",
        Delivery::Arrived => "sent, arrived",
        Delivery::Read => "sent, read",
        Delivery::Failed => "failed",
    }
}

/// The part of an area that is in the view.
fn within(area: Area, view: Area) -> Area {
    let top = area.y.max(view.y);
    let end = (area.y + area.h).min(view.y + view.h);
    Area::new(area.x, top, area.w, (end - top).max(0))
}
