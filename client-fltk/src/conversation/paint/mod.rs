//! How the conversation is drawn.
//!
//! - `text`: lines with links and selection
//! - `media`: images and files
//! - `marks`: days, new messages, what floats above the messages

mod marks;
mod media;
mod text;

use fltk::draw;
use fltk::enums::{Align, Color};
use uchat_client_core::state::Content;

pub(super) use self::media::file_size;
use super::bubble::Bubble;
use super::inside::{CARD, Inside};
use super::row::{Delivery, Row};
use super::state::{DELIVERY, State, TIME_SIZE};
use super::{day, inside, scrollbar};
use crate::design::paint::{self, Area, BOLD, FACE};
use crate::design::theme::{radius, space, type_scale};
use crate::design::{Icon, icon};

/// The corner at the avatar's side of a sender's first bubble.
const TAIL: i32 = 4;
/// The ground of a time that lies on an image: the same in both themes.
const PLATE: (u8, u8, u8) = (38, 50, 62);
/// A time on that ground.
const ON_PLATE: (u8, u8, u8) = (240, 244, 248);
/// How much of the band behind a found message is the colour of selected text; the rest is the ground's.
const LIGHT: f32 = 0.55;
/// The mark of the delivery.
const MARK_SIZE: i32 = 14;

/// Text begins at the left edge of its area.
fn left() -> Align {
    Align::Left | Align::Inside
}

/// Draws everything that is in sight; `chosen` is what Enter would act on.
pub(super) fn paint(state: &State, focused: bool, chosen: Option<Area>) {
    let (theme, view) = (&state.theme, state.view);
    draw::push_clip(view.x, view.y, view.w, view.h);
    paint::fill(view, theme.canvas);
    if state.timeline.is_empty() {
        marks::empty(state);
    }
    for at in state.timeline.visible() {
        if let (Some(row), Some(bubble)) = (state.timeline.row(at), state.timeline.bubble(at)) {
            paint_row(state, at, row, bubble);
        }
    }
    marks::history_above(state);
    marks::chip(state);
    scrollbar::draw(state, theme);
    if focused && state.ring {
        marks::ring(state, chosen.unwrap_or(view));
    }
    draw::pop_clip();
}

fn paint_row(state: &State, at: usize, row: &Row, bubble: &Bubble) {
    let theme = &state.theme;
    if let Some(mark) = bubble.day {
        let words = day::words(&state.texts, row.time, day::now());
        marks::pill(state, &words, state.placed(at, mark));
    }
    if let Some(mark) = bubble.fresh {
        marks::fresh(state, state.placed(at, mark));
    }
    let area = state.placed(at, bubble.area);
    if let Inside::Line { words, lines } = &bubble.inside {
        return text::middle(state, words, lines, area);
    }
    if state.lit.is_some_and(|(key, _)| key == row.key) {
        let band = Area::new(state.view.x, area.y - space::XS, state.view.w, area.h + space::S);
        paint::fill(band, Color::color_average(theme.selection, theme.canvas, LIGHT));
    }
    let ground = paint_ground(state, row, bubble, area);
    if let Some(place) = bubble.avatar {
        let place = state.placed(at, place);
        paint::avatar(theme, &row.sender_name, place.x, place.y, place.w);
    }
    if let Some(place) = bubble.name {
        let colour = theme.readable(theme.person(&row.sender_name), ground);
        paint::line(&row.sender_name, state.placed(at, place), BOLD, type_scale::NOTE, colour, left());
    }
    paint_content(state, at, (row, bubble), ground);
    paint_time(state, row, bubble, state.placed(at, bubble.time), ground);
    marks::take_back(state, at, row.key);
    if let Some(below) = bubble.below {
        marks::failed(state, at, row.key, below);
    }
}

/// The bubble without what is in it; gives its colour.
fn paint_ground(state: &State, row: &Row, bubble: &Bubble, area: Area) -> Color {
    let theme = &state.theme;
    let selected =
        row.content.text().is_none() && state.selection.is_some_and(|selection| selection.covers(row.key));
    let ground = match (selected, row.own) {
        (true, _) => theme.selection,
        (false, true) => theme.own_bubble,
        (false, false) => theme.bubble,
    };
    if !theme.dark {
        // A hair of shadow lifts the bubble from the canvas.
        shape(Area::new(area.x, area.y + 1, area.w, area.h), bubble.follows, row.own, theme.line);
    }
    shape(area, bubble.follows, row.own, ground);
    ground
}

/// A rounded rectangle; a sender's first one has a sharper corner at the sender's side.
fn shape(area: Area, follows: bool, own: bool, colour: Color) {
    if follows {
        paint::rounded(area, radius::BUBBLE, colour);
        return;
    }
    // Its soft edges must not be drawn twice: each part is cut from a rounded rectangle of its own. The parts reach one
    // pixel beyond the outer edges, where the softness ends.
    let side = radius::BUBBLE;
    let (left, right) = (area.x - 1, area.x + area.w + 1);
    let inner = if own { right - 1 - side } else { left + 1 + side };
    let (column, column_w) = if own { (inner, right - inner) } else { (left, inner - left) };
    let (rest, rest_w) = if own { (left, inner - left) } else { (inner, right - inner) };
    let (top, below) = (area.y - 1, area.y + side);
    let end = area.y + area.h + 1;
    for (part, radius) in [
        (Area::new(rest, top, rest_w, end - top), radius::BUBBLE),
        (Area::new(column, below, column_w, end - below), radius::BUBBLE),
        (Area::new(column, top, column_w, below - top), TAIL),
    ] {
        draw::push_clip(part.x, part.y, part.w, part.h);
        paint::rounded(area, radius, colour);
        draw::pop_clip();
    }
}

fn paint_content(state: &State, at: usize, (row, bubble): (&Row, &Bubble), ground: Color) {
    let content = state.placed(at, bubble.content);
    match (&bubble.inside, &row.content) {
        (Inside::Text(lines), Content::Text { text, colour, .. }) => {
            text::paint(state, row.key, (text, colour), lines, content, ground);
            if let (Some(rest), Some(more)) = (lines.rest, bubble.more) {
                text::more(state, row.key, rest, state.placed(at, more), ground);
            }
        }
        (Inside::Image { .. }, Content::File(file)) => media::image(state, file, content),
        (Inside::Card { .. }, Content::File(file)) => media::card(state, row, file, content, ground),
        (Inside::Card { picture }, Content::Shared(file)) => {
            if let (Some((w, h)), Some(thumbnail)) = (picture, &file.thumbnail) {
                media::image(state, thumbnail, Area::new(content.x, content.y, *w, *h));
            }
            let card = Area::new(content.x, content.y + content.h - CARD.1, content.w, CARD.1);
            media::shared_card(state, row, file, card, ground);
        }
        _ => {
            let colour = state.theme.readable(state.theme.faint, ground);
            let words = inside::instead(&state.texts, &row.content);
            paint::line(&words, content, FACE, type_scale::NOTE, colour, left());
        }
    }
}

fn paint_time(state: &State, row: &Row, bubble: &Bubble, area: Area, ground: Color) {
    let theme = &state.theme;
    let rgb = |(r, g, b)| Color::from_rgb(r, g, b);
    let colour = if matches!(bubble.inside, Inside::Image { .. }) {
        paint::rounded(Area::new(area.x - 7, area.y - 1, area.w + 13, area.h + 2), 9, rgb(PLATE));
        rgb(ON_PLATE)
    } else {
        theme.readable(theme.faint, ground)
    };
    paint::line(&day::clock(row.time), area, FACE, TIME_SIZE, colour, left());
    if row.own {
        let (shape, colour) = match row.delivery {
            Delivery::Sending => (Icon::Clock, colour),
            Delivery::Sent => (Icon::Check, colour),
            Delivery::Arrived => (Icon::Checks, colour),
            Delivery::Read => (Icon::Checks, theme.readable(theme.accent, ground)),
            Delivery::Failed => (Icon::Alert, theme.readable(theme.danger, ground)),
        };
        let x = area.x + area.w - DELIVERY + 3;
        icon::draw(shape, x, area.y + (area.h - MARK_SIZE) / 2, MARK_SIZE, colour);
    }
}
