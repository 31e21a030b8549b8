//! How one message is laid out: how large the bubble is, and where everything in it stands.

use uchat_client_core::state::Content;

use super::inside::{CARD, Inside, ROOM_BELOW, of_content, of_line};
use super::measure::Measure;
use super::row::{Delivery, Row};
use crate::design::paint::Area;
use crate::design::theme::{size, space, type_scale};

/// A longer text shows this much first: bytes, where a line end counts as [`LINE_END`](super::inside::LINE_END).
pub const FIRST_BYTES: usize = 2_400;
/// A text never shows more than this in its bubble; all of it can be copied.
pub const MOST_BYTES: usize = 48_000;
/// The height of a day mark, and of the mark of the first new message.
pub const MARK: i32 = 40;
/// The margin inside a bubble.
pub const PAD: (i32, i32) = (12, 8);
/// The widest bubble.
const WIDEST: i32 = 560;
/// The margin around an image.
const THIN: i32 = 3;
/// The distance to a message of another sender.
const GAP: i32 = 12;
/// The distance to a message of the same sender.
const NEAR: i32 = 3;
/// The height of the sender's name.
const NAME: i32 = 20;
/// The distance of a line of the server to both sides.
const LINE_MARGIN: i32 = 32;
/// The line under a failed message.
const BELOW: i32 = 26;
/// The height of the time.
const TIME: i32 = 16;
/// In narrower views avatars are only where they tell who speaks: in rooms.
const ROOM_FOR_AVATARS: i32 = 480;
/// Messages of one sender belong together when they are no further apart, in milliseconds.
const TOGETHER: u64 = 5 * 60 * 1000;

/// One message, laid out. All places are relative to the upper left corner of its row, which is as wide as the view.
#[derive(Clone, Debug, PartialEq)]
pub struct Bubble {
    /// The height of the whole row, with marks and distances.
    pub height: i32,
    /// The day mark above, when this message begins a day.
    pub day: Option<Area>,
    /// The mark above the first new message.
    pub fresh: Option<Area>,
    /// The bubble itself.
    pub area: Area,
    /// Whether it follows another message of the same sender closely.
    pub follows: bool,
    /// The sender's name.
    pub name: Option<Area>,
    /// The sender's avatar.
    pub avatar: Option<Area>,
    /// What is inside.
    pub inside: Inside,
    /// Where that is.
    pub content: Area,
    /// What shows more of a long text.
    pub more: Option<Area>,
    /// The time, with the mark of the delivery.
    pub time: Area,
    /// What can be done about a failed message.
    pub below: Option<Area>,
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
    /// The width of the words for what can't be shown.
    pub other_width: i32,
    /// What a line of the server says.
    pub line: &'a str,
}

/// Whether a message stands close to the one before.
pub fn together(before: &Row, row: &Row) -> bool {
    let is_line = |row: &Row| matches!(row.content, Content::System { .. });
    before.sender_id == row.sender_id
        && !is_line(before)
        && !is_line(row)
        && before.own == row.own
        && row.time.saturating_sub(before.time) < TOGETHER
}

/// Whether something can be done about this message: it did not get out.
pub fn has_failed(row: &Row) -> bool {
    row.own && row.delivery == Delivery::Failed
}

/// The place left of the bubbles of others, for the avatar.
fn gutter(row: &Row, around: &Around<'_>) -> i32 {
    let shown = around.names || around.width >= ROOM_FOR_AVATARS;
    if row.own || !shown { 0 } else { size::SMALL_AVATAR + space::S }
}

/// The widest content of a bubble.
pub fn room(row: &Row, around: &Around<'_>) -> i32 {
    let free = around.width - space::M - space::L - gutter(row, around);
    (around.width * 74 / 100).min(WIDEST).min(free).max(80) - 2 * PAD.0
}

/// Lays a message out.
pub fn lay_out(row: &Row, around: Around<'_>, measure: &mut impl Measure) -> Bubble {
    if matches!(row.content, Content::System { .. }) {
        return lay_out_line(&around, measure);
    }
    let follows = around.before.is_some_and(|before| together(before, row)) && !around.day && !around.fresh;
    let (gutter, room) = (gutter(row, &around), room(row, &around));
    let named = around.names && !row.own && !follows;
    let name_width =
        if named { ceil(measure.width(&row.sender_name, type_scale::NOTE) * 1.1).min(room) } else { 0 };
    let (inside, inner_w, inner_h) = of_content(row, &around, room, measure);
    let pad = if matches!(inside, Inside::Image { .. }) { (THIN, THIN) } else { PAD };
    let (w, h) = with_time(&inside, inner_w.max(name_width), inner_h, room, around.time_width);
    let name_height = if named { NAME } else { 0 };

    let (day, fresh, top) = marks(&around);
    let top = top + if follows { NEAR } else { GAP };
    let (w, h) = (w + 2 * pad.0, h + 2 * pad.1 + name_height);
    let x = if row.own { around.width - space::L - w } else { space::M + gutter };
    let area = Area::new(x, top, w, h);
    let content = Area::new(x + pad.0, top + pad.1 + name_height, inner_w, inner_h);
    let failed = has_failed(row);
    Bubble {
        height: top + h + if failed { BELOW } else { 0 },
        day,
        fresh,
        area,
        follows,
        name: named.then(|| Area::new(x + PAD.0, top + 6, w - 2 * PAD.0 + 4, NAME)),
        avatar: (gutter > 0 && !follows)
            .then(|| Area::new(space::M, top, size::SMALL_AVATAR, size::SMALL_AVATAR)),
        more: more_area(&inside, content),
        time: time_area(&inside, area, around.time_width),
        below: failed.then(|| Area::new(0, top + h + 2, around.width - space::L, BELOW - 2)),
        inside,
        content,
    }
}

/// The marks above a message, and where they end.
fn marks(around: &Around<'_>) -> (Option<Area>, Option<Area>, i32) {
    let mut top = 0;
    let mut mark = |there: bool| {
        there.then(|| {
            top += MARK;
            Area::new(0, top - MARK, around.width, MARK)
        })
    };
    let (day, fresh) = (mark(around.day), mark(around.fresh));
    (day, fresh, top)
}

/// A line of the server: in the middle, across the view, without a bubble and without a time.
fn lay_out_line(around: &Around<'_>, measure: &mut impl Measure) -> Bubble {
    let room = (around.width - 2 * LINE_MARGIN).clamp(80, WIDEST);
    let (inside, h) = of_line(around.line, room, measure);
    let (day, fresh, top) = marks(around);
    let area = Area::new((around.width - room) / 2, top + GAP, room, h);
    Bubble {
        height: top + GAP + h,
        day,
        fresh,
        area,
        follows: false,
        name: None,
        avatar: None,
        inside,
        content: area,
        more: None,
        time: Area::new(area.x, area.y, 0, 0),
        below: None,
    }
}

/// The size with the time: beside the last line when it fits there, else below it. On an image it lies on the image.
fn with_time(inside: &Inside, w: i32, h: i32, room: i32, time: i32) -> (i32, i32) {
    match inside {
        Inside::Image { .. } => (w.max(time + 2 * space::M), h),
        Inside::Text(lines) if lines.rest.is_none() => {
            let beside = lines.last_width() + space::S + time;
            if beside <= room { (w.max(beside), h) } else { (w.max(time), h + TIME) }
        }
        Inside::Other if w + space::S + time <= room => (w + space::S + time, h),
        Inside::Card { .. } if w < CARD.0 => (w.max(time), h + TIME),
        Inside::Text(_) | Inside::Card { .. } => (w.max(time), h),
        Inside::Line { .. } | Inside::Other => (w.max(time), h + TIME),
    }
}

fn time_area(inside: &Inside, bubble: Area, width: i32) -> Area {
    let (right, below) = if matches!(inside, Inside::Image { .. }) { (14, 10) } else { (9, 5) };
    Area::new(bubble.x + bubble.w - right - width, bubble.y + bubble.h - below - TIME, width, TIME)
}

fn more_area(inside: &Inside, content: Area) -> Option<Area> {
    let Inside::Text(lines) = inside else { return None };
    lines.rest.as_ref()?;
    let y = content.y + content.h - ROOM_BELOW;
    Some(Area::new(content.x, y, content.w - 60, ROOM_BELOW))
}

/// About how high a message will be; it is measured when it comes into sight.
pub fn estimate(row: &Row, width: i32) -> i32 {
    let inner = match &row.content {
        Content::Text { text, size, .. } => {
            let size = super::inside::clamped(*size);
            let letters = i32::try_from(text.len().min(FIRST_BYTES)).unwrap_or(i32::MAX);
            let line = (width * 7 / 10).clamp(60, WIDEST) * 2 / size;
            (letters / line.max(1) + 1).saturating_mul(super::inside::line_height(size))
        }
        Content::File(file) if file.is_image() => 180,
        Content::Shared(file) if file.thumbnail.is_some() => 246,
        Content::File(_) | Content::Shared(_) => 66,
        Content::System { .. } => return GAP + super::inside::line_height(type_scale::SMALL),
        Content::Other(_) => 22,
    };
    inner + 2 * PAD.1 + NEAR
}

#[expect(clippy::cast_possible_truncation, reason = "widths of texts on a screen")]
pub(super) fn ceil(width: f32) -> i32 {
    width.ceil() as i32
}

#[cfg(test)]
mod tests {
    use uchat_client_core::shared_file::SharedFile;
    use uchat_codec::chat::FileHash;
    use uchat_codec::chat::room::SystemLine;

    use super::super::measure::Fixed;

    use super::super::row::RowKey;
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
            number: None,
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
            other_width: 100,
            line: "bob left",
        }
    }

    #[test]
    fn messages_of_one_sender_within_five_minutes_stand_together() {
        let first = row(2, 1_000, "hi");
        let near = lay_out(&row(2, 2_000, "there"), around(Some(&first)), &mut Fixed);
        assert!(near.name.is_none() && near.avatar.is_none());
        let late = lay_out(&row(2, 400_000, "there"), around(Some(&first)), &mut Fixed);
        assert!(late.name.is_some() && late.avatar.is_some() && late.area.y > near.area.y);
        let other = lay_out(&row(3, 2_000, "there"), around(Some(&first)), &mut Fixed);
        assert!(other.name.is_some());
        let next_day = Around { day: true, ..around(Some(&first)) };
        assert!(lay_out(&row(2, 2_000, "there"), next_day, &mut Fixed).name.is_some());
    }

    #[test]
    fn a_line_of_the_server_stands_in_the_middle_and_parts_the_messages_around_it() {
        let told = |name: &str| Content::System {
            line: SystemLine { event: "left".into(), user: 2, name: name.into(), detail: String::new() },
            text: String::new(),
        };
        let mut line = row(2, 1_000, "");
        line.content = told("bob");
        for width in [200, 360, 900] {
            let bubble = lay_out(&line, Around { width, ..around(None) }, &mut Fixed);
            assert!(bubble.name.is_none() && bubble.avatar.is_none());
            assert!((2 * bubble.area.x + bubble.area.w - width).abs() <= 1, "{width}");
        }
        let said = lay_out(&row(2, 2_000, "hi"), around(Some(&line)), &mut Fixed);
        assert!(said.name.is_some(), "who speaks next is named");
        let long = "word ".repeat(60);
        let high = lay_out(&line, Around { line: &long, ..around(None) }, &mut Fixed);
        assert!(high.area.h > lay_out(&line, around(None), &mut Fixed).area.h && high.area.w < 400);
    }

    #[test]
    fn own_messages_are_at_the_right_and_within_the_view() {
        for width in [200, 360, 900, 3_000] {
            let around = Around { width, ..around(None) };
            let own = lay_out(&row(1, 1, &"word ".repeat(80)), around, &mut Fixed).area;
            assert_eq!(own.x + own.w, width - space::L);
            assert!(own.x > 0 && own.w <= WIDEST);
            let theirs = lay_out(&row(2, 1, &"word ".repeat(80)), around, &mut Fixed).area;
            assert!(theirs.x + theirs.w <= width, "{width}");
        }
    }

    #[test]
    fn between_two_people_names_are_left_out_and_avatars_in_narrow_views_too() {
        let narrow = Around { names: false, ..around(None) };
        let bubble = lay_out(&row(2, 1, "hi"), narrow, &mut Fixed);
        assert!(bubble.name.is_none() && bubble.avatar.is_none());
        let wide = Around { width: 700, ..narrow };
        assert!(lay_out(&row(2, 1, "hi"), wide, &mut Fixed).avatar.is_some());
    }

    #[test]
    fn a_megabyte_shows_its_beginning_and_how_much_is_hidden() {
        let shown = |text: &str| {
            let bubble = lay_out(&row(2, 1, text), around(None), &mut Fixed);
            let Inside::Text(lines) = bubble.inside else { panic!("text") };
            assert!(bubble.more.is_some());
            (lines.lines.len(), lines.rest.unwrap())
        };
        let (lines, rest) = shown(&"很长的一句话 ".repeat(50_000));
        assert!(lines < 200 && rest.bytes > 900_000 && rest.can_grow);
        for end in ["\n", "\r", "\u{2028}"] {
            let (lines, _) = shown(&end.repeat(100_000));
            assert!(lines < 100, "{lines} empty lines");
        }
    }

    #[test]
    fn the_time_stands_beside_a_short_last_line_and_below_a_full_one() {
        let short = lay_out(&row(2, 1, "ok"), around(None), &mut Fixed);
        let full = lay_out(&row(2, 1, &"x".repeat(33)), around(None), &mut Fixed);
        assert_eq!(full.area.h - short.area.h, TIME);
        for bubble in [short, full] {
            let (time, area) = (bubble.time, bubble.area);
            assert!(time.x > area.x && time.x + time.w < area.x + area.w);
            assert!(time.y > area.y && time.y + time.h < area.y + area.h);
            let Inside::Text(lines) = &bubble.inside else { panic!("text") };
            let end = bubble.content.x + lines.last_width();
            let below = bubble.content.y + bubble.content.h <= time.y + TIME / 2;
            assert!(time.x >= end || below, "the time lies on the text");
        }
    }

    #[test]
    fn the_time_of_a_card_stands_below_its_buttons_where_there_is_no_room_beside_them() {
        let file = SharedFile { sha256: FileHash([1; 32]), size: 9, name: "a.zip".into(), thumbnail: None };
        let mut card = row(1, 1, "");
        card.content = Content::Shared(file);
        let laid_out = |width| lay_out(&card, Around { width, ..around(None) }, &mut Fixed);
        let (wide, narrow) = (laid_out(900), laid_out(300));
        let below = |bubble: &Bubble| bubble.time.y >= bubble.content.y + bubble.content.h;
        assert!(!below(&wide) && below(&narrow));
        assert!(narrow.time.y + narrow.time.h <= narrow.area.y + narrow.area.h);
    }

    #[test]
    fn a_failed_message_has_room_for_what_can_be_done_about_it() {
        let mut failed = row(1, 1, "hi");
        let sent = lay_out(&failed, around(None), &mut Fixed);
        failed.delivery = Delivery::Failed;
        let bubble = lay_out(&failed, around(None), &mut Fixed);
        assert!(bubble.height > sent.height && bubble.below.is_some() && sent.below.is_none());
    }

    #[test]
    fn an_image_keeps_its_shape_in_a_narrow_view() {
        let file = uchat_client_core::attachment::Attachment {
            sha256: String::new(),
            bytes: 1,
            extension: "png",
            name: String::new(),
        };
        let mut image = row(2, 1, "");
        image.content = Content::File(file);
        let narrow = Around { width: 200, image: Some((320, 160)), ..around(None) };
        let bubble = lay_out(&image, narrow, &mut Fixed);
        let Inside::Image { w, h, known: true } = bubble.inside else { panic!("image") };
        assert!(w < 200 && (h - w / 2).abs() <= 1);
    }
}
