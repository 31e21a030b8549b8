//! What is in sight, in words: for screen readers and tests.

use uchat_client_core::attachment::Attachment;
use uchat_client_core::state::Content;

use super::day;
use super::inside::{self, Inside};
use super::paint::file_size;
use super::row::{Delivery, Row, RowKey};
use super::state::State;
use super::target::Target;
use crate::design::paint::Area;
use crate::images::Thumb;
use crate::widget::Control;

/// A long text is told so far, in characters.
const MOST_CHARS: usize = 500;

/// Everything in sight. Names carry the number of a message among those in sight; what it is known by does not.
pub(super) fn controls(state: &mut State, focused: bool) -> Vec<Control> {
    let visible = state.timeline.visible();
    let mut out = vec![Control {
        label: state.texts.get("t-messages"),
        focused: focused && state.chosen.is_none(),
        ..Control::new("conversation", "log", state.view, "")
    }];
    for (number, at) in visible.clone().enumerate() {
        message(state, at, number, &mut out);
    }
    let keys: Vec<_> = visible.filter_map(|at| state.timeline.row(at)).map(|row| row.key).collect();
    let number = |key| keys.iter().position(|other| *other == key).unwrap_or(0);
    let mut before: Option<Target> = None;
    let mut links = 0;
    for (target, area) in state.targets() {
        let told = before.as_ref() == Some(&target);
        // An image is told with its message; a link of two lines, and an avatar with its name, are one thing.
        if !told && !matches!(target, Target::Image(_)) {
            let first =
                !matches!((&before, &target), (Some(Target::Link(a, _)), Target::Link(b, _)) if a == b);
            links = if first { 0 } else { links + 1 };
            let (kind, text, label) = called(state, &target);
            let name = match key_of(&target) {
                Some(key) if links > 0 => format!("{kind}:{}.{links}", number(key)),
                Some(key) => format!("{kind}:{}", number(key)),
                None => kind.to_owned(),
            };
            out.push(Control {
                label,
                key: known_by(&target),
                focused: focused && state.chosen.as_ref() == Some(&target),
                ..Control::new(name, "message", area, text)
            });
        }
        before = Some(target);
    }
    out
}

/// What a click on this control would be on, if it is still in sight.
pub(super) fn target_of(state: &mut State, control: &Control) -> Option<Target> {
    state.targets().into_iter().map(|(target, _)| target).find(|target| known_by(target) == control.key)
}

fn known_by(target: &Target) -> String {
    format!("{target:?}")
}

fn key_of(target: &Target) -> Option<RowKey> {
    match target {
        Target::Link(key, _)
        | Target::Image(key)
        | Target::Open(key)
        | Target::Save(key)
        | Target::Get(key)
        | Target::CancelGet(key)
        | Target::OpenFetched(key)
        | Target::Folder(key)
        | Target::Retry(key)
        | Target::Discard(key)
        | Target::TakeBack(key)
        | Target::Person(key)
        | Target::More(key) => Some(*key),
        Target::Newest => None,
    }
}

/// The kind of a target, what it says, and what it is called where that is something else.
fn called(state: &State, target: &Target) -> (&'static str, String, String) {
    let row = |key| state.timeline.index(key).and_then(|at| state.timeline.row(at));
    let text = |key| state.texts.get(key);
    let (kind, said) = match target {
        Target::Link(key, range) => {
            let link = row(*key).and_then(|row| row.content.text()?.get(range.clone()));
            ("link", link.unwrap_or_default().to_owned())
        }
        Target::Image(_) => ("image", text("t-image")),
        Target::Open(_) | Target::OpenFetched(_) => ("file-open", text("t-file-open")),
        Target::Save(_) => ("file-save", text("t-file-save")),
        Target::Get(_) => ("file-get", text("t-file-get")),
        Target::CancelGet(_) => ("file-cancel", text("t-file-cancel")),
        Target::Folder(_) => ("file-folder", text("t-file-folder")),
        Target::Retry(_) => ("retry", text("t-retry")),
        Target::Discard(_) => ("discard", text("t-discard")),
        Target::TakeBack(_) => ("take-back", text("t-take-back")),
        Target::More(_) => ("more", text("t-more-of-text")),
        Target::Person(key) => ("person", row(*key).map(|row| row.sender_name.clone()).unwrap_or_default()),
        Target::Newest => {
            let label = state.chip_text().unwrap_or_else(|| text("t-to-newest"));
            return ("newest", state.unseen.to_string(), label);
        }
    };
    (kind, said, String::new())
}

fn message(state: &State, at: usize, number: usize, out: &mut Vec<Control>) {
    let (Some(row), Some(bubble)) = (state.timeline.row(at), state.timeline.bubble(at)) else { return };
    if let Some(day) = bubble.day {
        let words = day::words(&state.texts, row.time, day::now());
        let key = format!("day {}", day::number(row.time));
        let control = Control::new(format!("day:{number}"), "message", state.placed(at, day), words);
        out.push(Control { key, ..control });
    }
    let (kind, text) = words(state, row, &bubble.inside);
    if kind == "line" {
        let seen = within(state.placed(at, bubble.area), state.view);
        let label = state
            .texts
            .with("t-spoken-line", &[("when", day::clock(row.time).into()), ("what", text.clone().into())]);
        let key = format!("{:?}", row.key);
        out.push(Control { label, key, ..Control::new(format!("line:{number}"), "message", seen, text) });
        return;
    }
    let seen = within(state.placed(at, bubble.area), state.view);
    let (role, key) = if kind == "image" {
        ("image", known_by(&Target::Image(row.key)))
    } else {
        ("message", format!("{:?}", row.key))
    };
    let said = format!("{}: {text} ({})", row.sender_name, delivery(row));
    out.push(Control {
        label: spoken(state, row, &bubble.inside),
        key,
        ..Control::new(format!("{kind}:{number}"), role, seen, said)
    });
}

/// A message for the ear: who, when, what, and how far it is.
fn spoken(state: &State, row: &Row, inside: &Inside) -> String {
    let texts = &state.texts;
    let what = match (&row.content, inside) {
        (Content::File(file), Inside::Image { .. }) => match state.outside.images.thumbnail(file) {
            Thumb::Ready(..) => texts.get("t-image"),
            Thumb::Loading => texts.get("t-thumb-loading"),
            Thumb::Broken(_) => texts.get("t-thumb-broken"),
        },
        (Content::File(file), _) => {
            let called = if file.name.is_empty() { file.extension } else { file.name.as_str() };
            format!("{} {}, {}", texts.get("t-file-unknown"), called, file_size(file.bytes))
        }
        (Content::Shared(file), _) => {
            format!("{} {}, {}", texts.get("t-file-unknown"), file.name, file_size(file.size))
        }
        _ => words(state, row, inside).1,
    };
    let key = match row.delivery {
        _ if !row.own => None,
        Delivery::Sending => Some("t-sending"),
        Delivery::Sent => Some("t-sent"),
        Delivery::Arrived => Some("t-arrived"),
        Delivery::Read => Some("t-read"),
        Delivery::Failed => Some("t-not-sent"),
    };
    let (who, when) = (row.sender_name.as_str(), day::clock(row.time));
    let mut args = vec![("who", who.into()), ("when", when.into()), ("what", what.into())];
    let Some(key) = key else { return texts.with("t-spoken", &args) };
    args.push(("state", texts.get(key).into()));
    texts.with("t-spoken-own", &args)
}

fn words(state: &State, row: &Row, inside: &Inside) -> (&'static str, String) {
    match (&row.content, inside) {
        (Content::Text { text, .. }, _) => ("message", text.chars().take(MOST_CHARS).collect()),
        (Content::File(file), Inside::Image { .. }) => {
            ("image", format!("image {} {}", file.extension, look(state, file)))
        }
        (Content::File(file), _) => {
            ("file", format!("file {} {} {}", file.extension, file.bytes, file.name).trim_end().to_owned())
        }
        (Content::Shared(file), _) => {
            let picture = file.thumbnail.as_ref().map(|made| format!(", picture {}", look(state, made)));
            ("file", format!("file {} {}{}", file.size, file.name, picture.unwrap_or_default()))
        }
        (_, Inside::Line { words, .. }) => ("line", words.clone()),
        (other @ (Content::Other(_) | Content::System { .. }), _) => {
            ("message", inside::instead(&state.texts, other))
        }
    }
}

/// How a picture looks now.
fn look(state: &State, file: &Attachment) -> &'static str {
    match state.outside.images.thumbnail(file) {
        Thumb::Ready(..) => "shown",
        Thumb::Loading => "loading",
        Thumb::Broken(_) => "broken",
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
