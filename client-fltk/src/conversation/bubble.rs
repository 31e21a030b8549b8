//! How one message is laid out: which lines, how large the bubble, where the time stands.

use std::ops::Range;

use uchat_client_core::state::Content;

use super::row::{Delivery, Row};
use super::wrap::{Line, Measure, links, wrap};
use crate::design::theme::{size, space, type_scale};

/// Text of others is drawn no smaller and no larger than this.
pub const SIZES: (i32, i32) = (11, 40);
/// A longer text shows this many bytes first; each click shows four times as many.
pub const FIRST_BYTES: usize = 6_000;
/// The widest bubble.
const WIDEST: i32 = 560;
/// The largest thumbnail.
pub const THUMB: (i32, i32) = (320, 260);
/// The place of an image that is not decoded yet.
const THUMB_LOADING: (i32, i32) = (220, 150);
/// A file's card.
const CARD: (i32, i32) = (270, 66);
/// The distance to a message of another sender.
const GAP: i32 = 12;
/// The distance to a message of the same sender.
const NEAR: i32 = 3;
/// Messages of one sender belong together when they are no further apart.
const TOGETHER_MS: u64 = 5 * 60 * 1000;
/// The height of a day mark, and of the mark of the first new message.
pub const MARK: i32 = 40;
/// The margin inside a bubble.
pub const PAD: (i32, i32) = (12, 8);

/// What is inside a bubble.
#[derive(Clone, Debug, PartialEq)]
pub enum Inside {
    /// Text in lines.
    Text {
        /// The lines.
        lines: Vec<Line>,
        /// The height of one.
        line_height: i32,
        /// The size of the text.
        size: i32,
        /// Where links are.
        links: Vec<Range<usize>>,
        /// How many bytes are not shown yet.
        hidden: usize,
    },
    /// An image of this size.
    Image(i32, i32),
    /// A file.
    Card,
    /// Something that can't be shown.
    Other,
}

#[expect(clippy::struct_excessive_bools, reason = "four things that are drawn or not")]
/// One message, laid out. All places are relative to the upper left corner of the row.
#[derive(Clone, Debug, PartialEq)]
pub struct Bubble {
    /// The height of the whole row, with marks and distances.
    pub height: i32,
    /// Whether a day mark stands above.
    pub day: bool,
    /// Whether the mark of the first new message stands above.
    pub fresh: bool,
    /// The bubble's left edge, upper edge, width, height.
    pub x: i32,
    /// See `x`.
    pub y: i32,
    /// See `x`.
    pub w: i32,
    /// See `x`.
    pub h: i32,
    /// Where the sender's name stands, when it does.
    pub name: bool,
    /// Whether the avatar is drawn beside it.
    pub avatar: bool,
    /// What is inside.
    pub inside: Inside,
    /// The upper edge of what is inside.
    pub inside_y: i32,
}

/// What a layout depends on besides the message.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The width of the view.
    pub width: i32,
    /// The message before.
    pub before: Option<&'a Row>,
    /// Whether senders are named: a room.
    pub names: bool,
    /// Whether this is the first new message.
    pub fresh: bool,
    /// How many bytes of a long text are shown.
    pub shown: usize,
    /// The size of the image, once it is known.
    pub image: Option<(i32, i32)>,
    /// Whether the day is another than that of the message before.
    pub day: bool,
    /// The width of the time with the mark of its delivery.
    pub time_width: i32,
}

/// Whether two messages stand close together.
fn together(before: &Row, row: &Row) -> bool {
    before.sender_id == row.sender_id
        && before.own == row.own
        && row.time.saturating_sub(before.time) < TOGETHER_MS
}

/// The line under a failed message.
pub fn has_retry(row: &Row) -> bool {
    row.own && row.delivery == Delivery::Failed
}

/// Lays a message out.
pub fn lay_out(row: &Row, around: Around<'_>, measure: &mut impl Measure) -> Bubble {
    let follows = around.before.is_some_and(|before| together(before, row)) && !around.day && !around.fresh;
    let gutter = if around.names && !row.own { size::SMALL_AVATAR + space::S } else { 0 };
    let most = (around.width * 74 / 100).min(WIDEST).min(around.width - 2 * space::M - gutter).max(60);
    let room = most - 2 * PAD.0;
    let name = around.names && !row.own && !follows;
    let name_width =
        if name { ceil(measure.width(&row.sender_name, type_scale::NOTE)).min(room) + 4 } else { 0 };
    let (inside, w, h) = inside_of(row, &around, room, measure);
    let framed = !matches!(inside, Inside::Image(..));
    let pad = if framed { PAD } else { (3, 3) };
    let (inner_w, inner_h) = with_time(&inside, w.max(name_width), h, room, around.time_width);
    let name_height = if name { 20 } else { 0 };
    let mut y = if follows { NEAR } else { GAP };
    y += if around.day { MARK } else { 0 } + if around.fresh { MARK } else { 0 };
    let w = inner_w + 2 * pad.0;
    let h = inner_h + 2 * pad.1 + name_height;
    let x = if row.own { around.width - space::L - w } else { space::M + gutter };
    let below = if has_retry(row) { 24 } else { 0 };
    Bubble {
        height: y + h + below,
        day: around.day,
        fresh: around.fresh,
        x,
        y,
        w,
        h,
        name,
        avatar: gutter > 0 && !follows,
        inside,
        inside_y: y + pad.1 + name_height,
    }
}

fn inside_of(row: &Row, around: &Around<'_>, room: i32, measure: &mut impl Measure) -> (Inside, i32, i32) {
    match &row.content {
        Content::Text { text, size, .. } => {
            let size = i32::try_from(*size).unwrap_or(SIZES.1).clamp(SIZES.0, SIZES.1);
            let shown = cut(text, around.shown);
            let lines = wrap(shown, px(room), size, measure);
            let line_height = size * 7 / 5 + 1;
            let widest = lines.iter().map(|line| ceil(line.width)).max().unwrap_or(0);
            let hidden = text.len() - shown.len();
            let more = if hidden > 0 { 26 } else { 0 };
            let h = line_height * i32::try_from(lines.len()).unwrap_or(i32::MAX / 64) + more;
            let inside = Inside::Text { lines, line_height, size, links: links(shown), hidden };
            (inside, if hidden > 0 { room } else { widest }, h)
        }
        Content::File(file) if file.is_image() => {
            let (w, h) = around.image.unwrap_or(THUMB_LOADING);
            let (w, h) = if w > room { (room, h * room / w.max(1)) } else { (w, h) };
            (Inside::Image(w, h.max(24)), w.max(60), h.max(24))
        }
        Content::File(_) => (Inside::Card, CARD.0.min(room), CARD.1),
        Content::Other(_) => (Inside::Other, 200.min(room), 22),
    }
}

/// The size with the time: beside the last line when it fits there, else below it. On an image it lies on the image.
fn with_time(inside: &Inside, w: i32, h: i32, room: i32, time: i32) -> (i32, i32) {
    match inside {
        Inside::Image(..) => (w, h),
        Inside::Text { lines, hidden: 0, .. } => {
            let last = lines.last().map_or(0, |line| ceil(line.width));
            if last + space::S + time <= room { (w.max(last + space::S + time), h) } else { (w, h + 16) }
        }
        Inside::Text { .. } => (w.max(time), h),
        Inside::Card | Inside::Other => (w.max(time), h + 12),
    }
}

/// The beginning of a text, at most so many bytes, cut between characters.
fn cut(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

#[expect(clippy::cast_possible_truncation, reason = "widths of texts on a screen")]
fn ceil(width: f32) -> i32 {
    width.ceil() as i32
}

#[expect(clippy::cast_precision_loss, reason = "widths of views on a screen")]
fn px(width: i32) -> f32 {
    width as f32
}

#[cfg(test)]
mod tests {
    use super::super::row::RowKey;
    use super::super::wrap::tests::Fixed;
    use super::*;

    fn row(sender: u64, time: u64, text: &str) -> Row {
        Row {
            key: RowKey::Stored { time, row: 1 },
            sender_id: sender,
            sender_name: "Bob".into(),
            own: sender == 1,
            time,
            content: Content::Text { text: text.into(), size: 15, colour: "#000000".into() },
            delivery: Delivery::Sent,
        }
    }

    fn around(before: Option<&Row>) -> Around<'_> {
        Around {
            width: 400,
            before,
            names: true,
            fresh: false,
            shown: FIRST_BYTES,
            image: None,
            day: false,
            time_width: 30,
        }
    }

    #[test]
    fn messages_of_one_sender_within_five_minutes_stand_together() {
        let first = row(2, 1_000, "hi");
        let near = lay_out(&row(2, 2_000, "there"), around(Some(&first)), &mut Fixed);
        assert!(!near.name && !near.avatar);
        let late = lay_out(&row(2, 400_000, "there"), around(Some(&first)), &mut Fixed);
        assert!(late.name && late.avatar && late.y > near.y);
        let other = lay_out(&row(3, 2_000, "there"), around(Some(&first)), &mut Fixed);
        assert!(other.name);
    }

    #[test]
    fn own_messages_are_at_the_right_and_within_the_view() {
        let own = lay_out(&row(1, 1, &"word ".repeat(80)), around(None), &mut Fixed);
        assert_eq!(own.x + own.w, 400 - space::L);
        assert!(own.x > 0);
        let theirs = lay_out(&row(2, 1, "short"), around(None), &mut Fixed);
        assert!(theirs.x < 100 && theirs.x + theirs.w < 400);
    }

    #[test]
    fn a_megabyte_shows_its_beginning_and_how_much_is_hidden() {
        let text = "很长的一句话 ".repeat(50_000);
        let bubble = lay_out(&row(2, 1, &text), around(None), &mut Fixed);
        let Inside::Text { hidden, lines, .. } = bubble.inside else { panic!("text") };
        assert!(hidden > 900_000);
        assert!(lines.len() < 1_000);
    }

    #[test]
    fn the_time_stands_beside_a_short_last_line_and_below_a_full_one() {
        let short = lay_out(&row(2, 1, "ok"), around(None), &mut Fixed);
        let full = lay_out(&row(2, 1, &"x".repeat(33)), around(None), &mut Fixed);
        assert_eq!(full.h - short.h, 16);
    }
}
