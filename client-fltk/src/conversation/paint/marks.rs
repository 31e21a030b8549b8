//! Days, the first new message, and what floats above the messages.

use fltk::enums::Align;

use super::super::row::RowKey;
use super::super::state::State;
use super::super::target::Target;
use super::super::timeline::ABOVE;
use super::left;
use crate::design::paint::{self, Area, FACE};
use crate::design::theme::{space, type_scale};
use crate::design::{Icon, icon};

/// The height of a pill.
const PILL: i32 = 24;
/// Marks stand this much below the middle of their place: below them is the distance to the next bubble too.
const LOWER: i32 = 5;
/// The width of the focus ring.
const RING: i32 = 2;

/// Nothing has been said yet.
pub(super) fn empty(state: &State) {
    let (theme, view) = (&state.theme, state.view);
    let words = state.texts.get("t-say-hello");
    let w = paint::width(&words, FACE, type_scale::BODY) + 2 * space::XL;
    let card = Area::new(view.x + (view.w - w) / 2, view.y + view.h / 2 - 60, w, 104);
    paint::rounded(card, 16, theme.surface);
    icon::draw(Icon::Smile, card.x + w / 2 - 17, card.y + 20, 34, theme.link);
    let place = Area::new(card.x, card.y + 62, w, 24);
    paint::line(&words, place, FACE, type_scale::BODY, theme.faint, Align::Center);
}

/// Words in a pill in the middle.
pub(super) fn pill(state: &State, words: &str, area: Area) {
    let theme = &state.theme;
    let w = paint::width(words, FACE, type_scale::SMALL) + space::XL;
    let pill = Area::new(area.x + (area.w - w) / 2, area.y + (area.h - PILL) / 2 + LOWER, w, PILL);
    paint::rounded(pill, PILL / 2, theme.surface);
    paint::line(words, pill, FACE, type_scale::SMALL, theme.faint, Align::Center);
}

/// The mark above the first new message.
pub(super) fn fresh(state: &State, area: Area) {
    let theme = &state.theme;
    let area = Area::new(area.x, area.y + LOWER, area.w, area.h);
    let words = state.texts.get("t-new-messages");
    let w = paint::width(&words, FACE, type_scale::SMALL) + space::L;
    let link = theme.readable(theme.link, theme.canvas);
    let y = area.y + area.h / 2;
    let side = (area.w - w) / 2 - space::L;
    paint::fill(Area::new(area.x + space::L, y, side, 1), link);
    paint::fill(Area::new(area.x + area.w - space::L - side, y, side, 1), link);
    paint::line(&words, area, FACE, type_scale::SMALL, link, Align::Center);
}

/// What stands above the first message while older ones are on their way.
pub(super) fn history_above(state: &State) {
    let top = state.timeline.top(0);
    if state.timeline.more_before() && top > 0 {
        let area = Area::new(state.view.x, state.view.y + top - ABOVE, state.view.w, ABOVE);
        pill(state, &state.texts.get("t-history-above"), area);
    }
}

/// What can be done about a message that did not get out.
pub(super) fn failed(state: &State, at: usize, key: RowKey, below: Area) {
    let theme = &state.theme;
    let [discard, retry] = state.failed_buttons(below);
    let note = Area::new(below.x, below.y, retry.x - below.x - space::XS, below.h);
    let danger = theme.readable(theme.danger, theme.canvas);
    let right = Align::Right | Align::Inside;
    let words = state.texts.get("t-not-sent");
    paint::line(&words, state.placed(at, note), FACE, type_scale::SMALL, danger, right);
    let link = theme.readable(theme.link, theme.canvas);
    let faint = theme.readable(theme.faint, theme.canvas);
    let buttons =
        [(Target::Retry(key), "t-retry", retry, link), (Target::Discard(key), "t-discard", discard, faint)];
    for (target, words, area, colour) in buttons {
        let area = state.placed(at, area);
        if state.hover.as_ref() == Some(&target) {
            paint::rounded(area, space::S, theme.hover);
        }
        paint::line(&state.texts.get(words), area, FACE, type_scale::NOTE, colour, Align::Center);
    }
}

/// The button that takes a message back: there while the pointer or the keyboard is at the message.
pub(super) fn take_back(state: &State, at: usize, key: RowKey) {
    let target = Target::TakeBack(key);
    let is_chosen = state.chosen.as_ref() == Some(&target);
    if state.hover_row != Some(key) && !is_chosen {
        return;
    }
    let Some(area) = state.take_back_button(at) else { return };
    let theme = &state.theme;
    let is_over = state.hover.as_ref() == Some(&target);
    paint::rounded(area, area.h / 2, if is_over { theme.hover } else { theme.surface });
    let colour = theme.readable(if is_over { theme.danger } else { theme.faint }, theme.surface);
    icon::draw(Icon::Undo, area.x + (area.w - 18) / 2, area.y + (area.h - 18) / 2, 18, colour);
    if is_over {
        let words = state.texts.get("t-take-back");
        let w = paint::width(&words, FACE, type_scale::SMALL) + space::L;
        let label = Area::new(area.x - w - space::XS, area.y + (area.h - PILL) / 2, w, PILL);
        if label.x > state.view.x {
            paint::rounded(label, PILL / 2, theme.surface);
            paint::line(&words, label, FACE, type_scale::SMALL, theme.faint, Align::Center);
        }
    }
}

/// The button to the newest message.
pub(super) fn chip(state: &State) {
    let Some(area) = state.chip() else { return };
    let (theme, round) = (&state.theme, area.h / 2);
    paint::rounded(Area::new(area.x - 1, area.y, area.w + 2, area.h + 2), round, theme.line);
    let hovered = state.hover == Some(Target::Newest);
    paint::rounded(area, round, if hovered { theme.selected } else { theme.surface });
    icon::draw(Icon::Down, area.x + 10, area.y + 10, 20, theme.link);
    if let Some(words) = state.chip_text() {
        let place = Area::new(area.x + 36, area.y, area.w - 40, area.h);
        paint::line(&words, place, FACE, type_scale::NOTE, theme.link, left());
    }
}

/// The keyboard is here.
pub(super) fn ring(state: &State, area: Area) {
    let colour = state.theme.link;
    let Area { x, y, w, h } = area;
    for edge in [
        Area::new(x, y, w, RING),
        Area::new(x, y + h - RING, w, RING),
        Area::new(x, y, RING, h),
        Area::new(x + w - RING, y, RING, h),
    ] {
        paint::fill(edge, colour);
    }
}
