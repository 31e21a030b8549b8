//! The thin scroll bar.

use fltk::enums::Color;

use super::state::State;
use crate::design::Theme;
use crate::design::paint::{self, Area};

/// The width of the thumb, and while the pointer holds it.
const WIDTH: (i32, i32) = (5, 8);
/// The distance to the edges.
const MARGIN: i32 = 3;
/// The part at the right edge that takes the pointer.
const REACH: i32 = 14;
/// How much of the thumb is the colour of second lines; the rest is that of hairlines.
const THUMB_SHADE: f32 = 0.35;
/// The shortest thumb.
const SHORTEST: i32 = 36;

/// The thumb, when not everything is in sight.
fn thumb(state: &State) -> Option<Area> {
    let (view, all) = (state.view, i64::from(state.timeline.content()));
    let track = i64::from(view.h - 2 * MARGIN);
    let hidden = all - i64::from(view.h);
    if hidden <= 0 || track <= i64::from(SHORTEST) {
        return None;
    }
    let h = (track * i64::from(view.h) / all).max(i64::from(SHORTEST));
    let y = (track - h) * i64::from(state.timeline.offset()) / hidden;
    let (h, y) = (i32::try_from(h).ok()?, i32::try_from(y).ok()?);
    let w = if state.grabbed.is_some() { WIDTH.1 } else { WIDTH.0 };
    Some(Area::new(view.x + view.w - MARGIN - w, view.y + MARGIN + y, w, h))
}

/// Whether a point belongs to the bar.
pub(super) fn is_over(state: &State, x: i32, y: i32) -> bool {
    let view = state.view;
    x >= view.x + view.w - REACH && view.contains(x, y) && thumb(state).is_some()
}

/// Takes hold of the thumb; beside it, brings it here first.
pub(super) fn grab(state: &mut State, y: i32) {
    let Some(thumb) = thumb(state) else { return };
    let held = y >= thumb.y && y < thumb.y + thumb.h;
    state.grabbed = Some(if held { y - thumb.y } else { thumb.h / 2 });
    if !held {
        drag(state, y);
    }
}

/// Moves the view with the thumb. False when it is not held.
pub(super) fn drag(state: &mut State, y: i32) -> bool {
    let (Some(within), Some(thumb)) = (state.grabbed, thumb(state)) else { return false };
    let track = i64::from((state.view.h - 2 * MARGIN - thumb.h).max(1));
    let hidden = i64::from(state.timeline.content() - state.view.h);
    let wanted = i64::from(y - within - state.view.y - MARGIN) * hidden / track;
    if wanted <= 0 {
        state.timeline.to_start(&mut state.outside);
        return true;
    }
    let by = wanted.min(hidden) - i64::from(state.timeline.offset());
    state.scroll(i32::try_from(by).unwrap_or(0));
    true
}

pub(super) fn draw(state: &State, theme: &Theme) {
    if let Some(thumb) = thumb(state) {
        let colour = if state.grabbed.is_some() {
            theme.faint
        } else {
            Color::color_average(theme.faint, theme.line, THUMB_SHADE)
        };
        paint::rounded(thumb, thumb.w / 2, colour);
    }
}
