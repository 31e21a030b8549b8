//! What is inside a bubble: lines of text, an image, a file's card.

use std::ops::Range;

use uchat_client_core::state::Content;
use uchat_codec::chat::TakenBack;

use super::bubble::{Around, MOST_BYTES, ceil};
use super::links::links;
use super::measure::Measure;
use super::row::Row;
use super::wrap::{LINE_ENDS, Line, wrap};
use crate::design::theme::type_scale;
use crate::images::THUMB;
use crate::texts::Texts;

/// Text of others is drawn no smaller and no larger than this.
const SIZES: (i32, i32) = (10, 40);
/// A line end costs as much of what is shown first as so many bytes.
pub const LINE_END: usize = 40;
/// The height of the line that shows more.
pub const ROOM_BELOW: i32 = 26;
/// The place of an image that is not decoded yet.
const LOADING: (i32, i32) = (220, 150);
/// A file's card; with this width the time has room beside its buttons.
pub(super) const CARD: (i32, i32) = (292, 52);
/// Between a small picture and the card of its file.
const PICTURE_GAP: i32 = 8;

/// What is inside a bubble.
#[derive(Clone, Debug, PartialEq)]
pub enum Inside {
    /// Text in lines.
    Text(Lines),
    /// An image of this size; known says whether that is its own size.
    Image {
        /// Width.
        w: i32,
        /// Height.
        h: i32,
        /// Whether the image has been decoded once.
        known: bool,
    },
    /// A file; above its card a small picture of this size, if there is one.
    Card {
        /// Width and height.
        picture: Option<(i32, i32)>,
    },
    /// A line of the server, without a bubble.
    Line {
        /// What it says.
        words: String,
        /// In lines, each in the middle.
        lines: Lines,
    },
    /// Something that can't be shown.
    Other,
}

/// Text in lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// The lines.
    pub lines: Vec<Line>,
    /// The height of one.
    pub height: i32,
    /// The size of the text.
    pub size: i32,
    /// Where links are.
    pub links: Vec<Range<usize>>,
    /// What is not shown, if something is not.
    pub rest: Option<Rest>,
}

/// The part of a long text that is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// How many bytes.
    pub bytes: usize,
    /// Whether more can be shown; else it can only be copied.
    pub can_grow: bool,
}

impl Lines {
    /// The width of the last line.
    pub fn last_width(&self) -> i32 {
        self.lines.last().map_or(0, |line| ceil(line.width))
    }

    /// The lines that meet this span, counted from the upper edge of the first line.
    pub fn within(&self, from: i32, to: i32) -> Range<usize> {
        let number = |y: i32| usize::try_from(y.max(0) / self.height.max(1)).unwrap_or(0);
        let end = number(to).saturating_add(1).min(self.lines.len());
        number(from).min(end)..end
    }
}

/// A sender's size of text within bounds.
pub fn clamped(size: u32) -> i32 {
    i32::try_from(size).unwrap_or(SIZES.1).clamp(SIZES.0, SIZES.1)
}

/// The height of a line of text.
pub fn line_height(size: i32) -> i32 {
    size * 7 / 5 + 1
}

/// The texts that stand in the place of a content that is not shown.
pub(super) const INSTEAD: [&str; 3] = ["t-cant-show", "t-taken-back", "t-took-back"];

/// What stands in the place of a content that is not shown.
pub fn instead(texts: &Texts, content: &Content) -> String {
    texts.get(match content.taken_back() {
        None => INSTEAD[0],
        Some(TakenBack::This) => INSTEAD[1],
        Some(TakenBack::Other(_)) => INSTEAD[2],
    })
}

/// What is inside the bubble of a message, and how large it is.
pub(super) fn of_content(
    row: &Row,
    around: &Around<'_>,
    room: i32,
    measure: &mut impl Measure,
) -> (Inside, i32, i32) {
    match &row.content {
        Content::Text { text, size, .. } => of_text(text, clamped(*size), around.shown, room, measure),
        Content::File(file) if file.is_image() => {
            let (w, h) = around.image.unwrap_or(LOADING);
            let (w, h) = if w > room { (room, h * room / w.max(1)) } else { (w, h) };
            let (w, h) = (w.clamp(24, THUMB.0), h.clamp(24, THUMB.1));
            (Inside::Image { w, h, known: around.image.is_some() }, w, h)
        }
        Content::Shared(file) if file.thumbnail.is_some() => {
            let (w, h) = around.image.unwrap_or(LOADING);
            let (w, h) = if w > room { (room, h * room / w.max(1)) } else { (w, h) };
            let picture = (w.clamp(24, THUMB.0), h.clamp(24, THUMB.1));
            let card = Inside::Card { picture: Some(picture) };
            (card, CARD.0.min(room).max(picture.0), CARD.1 + picture.1 + PICTURE_GAP)
        }
        Content::File(_) | Content::Shared(_) => (Inside::Card { picture: None }, CARD.0.min(room), CARD.1),
        // Laid out without a bubble.
        Content::System { .. } | Content::Other(_) => (Inside::Other, around.other_width.min(room), 22),
    }
}

/// A line of the server within this width.
pub(super) fn of_line(words: &str, room: i32, measure: &mut impl Measure) -> (Inside, i32) {
    let size = type_scale::SMALL;
    let lines = wrap(words, px(room), size, measure);
    let height = line_height(size);
    let h = height * i32::try_from(lines.len()).unwrap_or(i32::MAX / 64);
    let lines = Lines { lines, height, size, links: Vec::new(), rest: None };
    (Inside::Line { words: words.to_owned(), lines }, h)
}

fn of_text(text: &str, size: i32, shown: usize, room: i32, measure: &mut impl Measure) -> (Inside, i32, i32) {
    let visible = cut(text, shown.min(MOST_BYTES));
    let lines = wrap(visible, px(room), size, measure);
    let height = line_height(size);
    let widest = lines.iter().map(|line| ceil(line.width)).max().unwrap_or(0);
    let bytes = text.len() - visible.len();
    let rest = (bytes > 0).then_some(Rest { bytes, can_grow: shown < MOST_BYTES });
    let h = height * i32::try_from(lines.len()).unwrap_or(i32::MAX / 64);
    let (w, h) = if rest.is_some() { (room, h + ROOM_BELOW) } else { (widest, h) };
    (Inside::Text(Lines { lines, height, size, links: links(visible), rest }), w, h)
}

/// The beginning of a text that costs no more than so many bytes, cut between characters.
fn cut(text: &str, most: usize) -> &str {
    let mut cost = 0;
    for (at, c) in text.char_indices() {
        cost += if LINE_ENDS.contains(&c) { LINE_END } else { c.len_utf8() };
        if cost > most {
            return &text[..at];
        }
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "widths of views on a screen")]
fn px(width: i32) -> f32 {
    width as f32
}
