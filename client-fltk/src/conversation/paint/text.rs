//! Lines of text with links and selection.

use std::ops::Range;

use fltk::draw;
use fltk::enums::{Align, Color};

use super::super::inside::{Lines, Rest};
use super::super::measure::printable;
use super::super::row::RowKey;
use super::super::state::State;
use super::super::target::Target;
use super::super::wrap::Line;
use super::left;
use super::media::file_size;
use crate::design::paint::{self, Area, FACE};
use crate::design::theme::{parse_colour, type_scale};

/// What a program writes when nobody has chosen a colour: then a text has the theme's own.
const UNCHOSEN: [&str; 2] = ["#000000", "#ffffff"];

/// How the parts of one text are drawn.
struct Look {
    plain: Color,
    link: Color,
    /// The same on selected ground.
    plain_selected: Color,
    size: i32,
    height: i32,
    /// The link under the pointer.
    hovered: Option<Range<usize>>,
}

/// Draws the lines that are in sight.
pub(super) fn paint(
    state: &State,
    key: RowKey,
    (text, colour): (&str, &str),
    lines: &Lines,
    content: Area,
    ground: Color,
) {
    let theme = &state.theme;
    let chosen = parse_colour(colour).filter(|_| !UNCHOSEN.contains(&colour));
    let plain = chosen.map_or(theme.text, |colour| theme.readable(colour, ground));
    let hovered = match &state.hover {
        Some(Target::Link(over, range)) if *over == key => Some(range.clone()),
        _ => None,
    };
    let look = Look {
        plain,
        link: theme.readable(theme.link, ground),
        plain_selected: theme.readable(plain, theme.selection),
        size: lines.size,
        height: lines.height,
        hovered,
    };
    let selected = state.selection.map(|selection| selection.within(key, text.len())).unwrap_or_default();
    let view = state.view;
    draw::set_font(FACE, lines.size);
    let rise = i32::midpoint(lines.height, draw::height()) - draw::descent();
    for number in lines.within(view.y - content.y, view.y + view.h - content.y) {
        let Some(line) = lines.lines.get(number) else { break };
        let y = content.y + lines.height * i32::try_from(number).unwrap_or(0);
        let part = clamp(&selected, &line.range);
        paint_line(text, line, &lines.links, &look, (content.x, y, rise), look.plain);
        if !part.is_empty() {
            let from = content.x + advance(text, line.range.start..part.start, lines.size);
            let to = content.x + advance(text, line.range.start..part.end, lines.size);
            let area = Area::new(from, y, to - from, lines.height);
            paint::fill(area, theme.selection);
            // The same line again, cut to what is selected: letters keep their places.
            draw::push_clip(area.x, area.y, area.w, area.h);
            paint_line(text, line, &[], &look, (content.x, y, rise), look.plain_selected);
            draw::pop_clip();
        }
    }
}

/// Draws a line in pieces: text, link, text.
fn paint_line(
    text: &str,
    line: &Line,
    links: &[Range<usize>],
    look: &Look,
    (x, y, rise): (i32, i32, i32),
    plain: Color,
) {
    draw::set_font(FACE, look.size);
    let (from, to) = (line.range.start, line.range.end);
    let mut at = from;
    for link in links.iter().filter(|link| link.start < to && link.end > from) {
        let piece = clamp(link, &line.range);
        draw_piece(text, from, at..piece.start, look.size, (x, y + rise), plain);
        let left = draw_piece(text, from, piece.clone(), look.size, (x, y + rise), look.link);
        if look.hovered.as_ref() == Some(link) {
            let right = x + advance(text, from..piece.end, look.size);
            paint::fill(Area::new(left, y + i32::midpoint(rise, look.height), right - left, 1), look.link);
        }
        at = piece.end;
    }
    draw_piece(text, from, at..to, look.size, (x, y + rise), plain);
}

/// Draws a part of a line; gives its left edge.
fn draw_piece(
    text: &str,
    start: usize,
    piece: Range<usize>,
    size: i32,
    (x, y): (i32, i32),
    colour: Color,
) -> i32 {
    let x = x + advance(text, start..piece.start, size);
    if let Some(words) = text.get(piece).filter(|words| !words.is_empty()) {
        draw::set_draw_color(colour);
        draw::draw_text_n(&printable(words), x, y);
    }
    x
}

/// How far a part of a line reaches.
fn advance(text: &str, part: Range<usize>, size: i32) -> i32 {
    let Some(part) = text.get(part).filter(|part| !part.is_empty()) else { return 0 };
    draw::set_font(FACE, size);
    #[expect(clippy::cast_possible_truncation, reason = "a width on a screen")]
    let width = draw::width(&printable(part)).round() as i32;
    width
}

/// The part of a range that is in another one.
fn clamp(range: &Range<usize>, bounds: &Range<usize>) -> Range<usize> {
    let start = range.start.clamp(bounds.start, bounds.end);
    start..range.end.clamp(start, bounds.end)
}

/// A line of the server: quiet, on the canvas, each of its lines in the middle.
pub(super) fn middle(state: &State, words: &str, lines: &Lines, area: Area) {
    let colour = state.theme.readable(state.theme.faint, state.theme.canvas);
    for (number, line) in (0..).zip(&lines.lines) {
        let place = Area::new(area.x, area.y + number * lines.height, area.w, lines.height);
        let part = words.get(line.range.clone()).unwrap_or_default().trim_end();
        paint::line(part, place, FACE, lines.size, colour, Align::Center);
    }
}

/// The words below a long text.
pub(super) fn more(state: &State, key: RowKey, rest: Rest, area: Area, ground: Color) {
    let size = file_size(u64::try_from(rest.bytes).unwrap_or(u64::MAX));
    let words = if rest.can_grow { "t-show-more" } else { "t-copy-all" };
    let words = state.texts.with(words, &[("size", size.into())]);
    let link = state.theme.readable(state.theme.link, ground);
    paint::line(&words, area, FACE, type_scale::NOTE, link, left());
    if state.hover == Some(Target::More(key)) {
        let w = paint::width(&words, FACE, type_scale::NOTE).min(area.w);
        paint::fill(Area::new(area.x, area.y + area.h / 2 + 9, w, 1), link);
    }
}
