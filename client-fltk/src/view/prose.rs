//! Sentences in several lines, broken as each script breaks its lines: Chinese has no blanks to break at.

use fltk::enums::{Align, Color};

use crate::conversation::measure::Ruler;
use crate::conversation::wrap::wrap;
use crate::design::paint::{self, Area, FACE};
use crate::design::theme::type_scale;

/// The height of a line.
const LINE: i32 = 19;

/// The text in lines that are no wider than this.
fn lines(text: &str, w: i32) -> Vec<&str> {
    #[expect(clippy::cast_precision_loss, reason = "a width on a screen")]
    let most = w.max(1) as f32;
    let broken = wrap(text, most, type_scale::NOTE, &mut Ruler::default());
    broken.into_iter().filter_map(|line| text.get(line.range)).collect()
}

/// How high it is at this width, with a little room below.
pub(super) fn height(text: &str, w: i32) -> i32 {
    i32::try_from(lines(text, w).len()).unwrap_or(i32::MAX / LINE - 1) * LINE + 4
}

/// Draws it from the upper edge of its place; `align` says to which side.
pub(super) fn paint(text: &str, area: Area, colour: Color, align: Align) {
    for (at, line) in (0..).zip(lines(text, area.w)) {
        let place = Area::new(area.x, area.y + at * LINE, area.w, LINE);
        paint::line(line, place, FACE, type_scale::NOTE, colour, align);
    }
}
