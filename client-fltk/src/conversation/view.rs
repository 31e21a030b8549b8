//! The widget.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use fltk::enums::FrameType;
use fltk::prelude::*;
use fltk::widget::Widget;
use uchat_client_core::state::Content;

use super::bubble::{Inside, THUMB};
use super::row::{Asked, Delivery, Row, RowKey};
use super::selection::{Caret, Selection};
use super::timeline::{Surroundings, Timeline};
use super::wrap::Measure;
use super::{day, input, paint};
use crate::design::Theme;
use crate::design::paint::{Area, FACE};
use crate::design::theme::{Accent, type_scale};
use crate::images::{ImageStore, Thumb};
use crate::texts::{Language, Texts};
use crate::widget::backdrop::area_of;

/// So many widths are remembered; then all are forgotten.
const MAX_WIDTHS: usize = 40_000;
/// Longer pieces are not worth remembering.
const MAX_PIECE: usize = 48;
/// Pages are asked for when the end of what is loaded is nearer than this.
const AHEAD: i32 = 900;

/// Measures with the font of the window, and remembers.
pub(super) struct Ruler {
    widths: HashMap<(i32, Box<str>), f32>,
    pub(super) images: ImageStore,
}

impl Measure for Ruler {
    fn width(&mut self, text: &str, size: i32) -> f32 {
        let measured = || {
            fltk::draw::set_font(FACE, size);
            #[expect(clippy::cast_possible_truncation, reason = "widths of texts on a screen")]
            let width = fltk::draw::width(text) as f32;
            width
        };
        if text.len() > MAX_PIECE {
            return measured();
        }
        if let Some(width) = self.widths.get(&(size, Box::from(text))) {
            return *width;
        }
        if self.widths.len() >= MAX_WIDTHS {
            self.widths.clear();
        }
        let width = measured();
        self.widths.insert((size, Box::from(text)), width);
        width
    }
}

impl Surroundings for Ruler {
    fn image(&mut self, row: &Row) -> Option<(i32, i32)> {
        match &row.content {
            Content::File(file) if file.is_image() => match self.images.size(file)? {
                (w, h) if w <= THUMB.0 && h <= THUMB.1 => Some((w, h)),
                (w, h) if i64::from(w) * i64::from(THUMB.1) > i64::from(h) * i64::from(THUMB.0) => {
                    Some((THUMB.0, (h * THUMB.0 / w).max(24)))
                }
                (w, h) => Some(((w * THUMB.1 / h).max(24), THUMB.1)),
            },
            _ => None,
        }
    }

    fn time_width(&mut self, row: &Row) -> i32 {
        let mark = if row.own { 16 } else { 0 };
        // All clocks are as wide as this one, nearly.
        crate::design::paint::width("00:00", FACE, type_scale::SMALL - 1) + mark + 2
    }
}

/// What the pointer is over.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Under {
    Nothing,
    Link(usize, String),
    Image(usize),
    Open(usize),
    Save(usize),
    Retry(usize),
    Discard(usize),
    Person(usize),
    More(usize),
    Chip,
    Thumb,
}

pub(super) struct Inner {
    pub(super) theme: Theme,
    pub(super) texts: Rc<Texts>,
    pub(super) timeline: Timeline,
    pub(super) ruler: Ruler,
    pub(super) selection: Option<Selection>,
    pub(super) under: Under,
    pub(super) unseen: usize,
    pub(super) lit: Option<RowKey>,
    pub(super) grabbed: Option<i32>,
    pub(super) ask: Rc<dyn Fn(Asked)>,
    asked_before: Option<RowKey>,
    asked_after: Option<RowKey>,
    /// A message to show as soon as it is loaded.
    wanted: Option<RowKey>,
}

/// The view of one conversation. Clones are the same view.
#[derive(Clone)]
pub struct ConversationView {
    widget: Widget,
    inner: Rc<RefCell<Inner>>,
}

impl std::fmt::Debug for ConversationView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConversationView").finish_non_exhaustive()
    }
}

impl ConversationView {
    /// An empty view within the group that is open now.
    pub fn new(ask: Rc<dyn Fn(Asked)>, images: ImageStore) -> Self {
        let mut widget = Widget::new(0, 0, 0, 0, None);
        widget.set_frame(FrameType::NoBox);
        let inner = Rc::new(RefCell::new(Inner {
            theme: Theme::light(Accent::Sky),
            texts: Rc::new(Texts::new(Language::En)),
            timeline: Timeline::default(),
            ruler: Ruler { widths: HashMap::new(), images },
            selection: None,
            under: Under::Nothing,
            unseen: 0,
            lit: None,
            grabbed: None,
            ask,
            asked_before: None,
            asked_after: None,
            wanted: None,
        }));
        let drawn = Rc::clone(&inner);
        widget.draw(move |widget| {
            let area = area_of(widget);
            let mut inner = drawn.borrow_mut();
            inner.fit(area);
            paint::paint(&inner, area, widget.has_focus());
        });
        let handled = Rc::clone(&inner);
        widget.handle(move |widget, event| input::handle(&handled, widget, event));
        Self { widget, inner }
    }

    /// The widget, to be placed.
    pub fn widget(&self) -> Widget {
        self.widget.clone()
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        let mut inner = self.inner.borrow_mut();
        inner.fit(area_of(&self.widget));
        change(&mut inner);
        let asked = inner.wanted_pages();
        let ask = Rc::clone(&inner.ask);
        drop(inner);
        for asked in asked {
            ask(asked);
        }
        self.widget.clone().redraw();
    }

    /// Takes in language and theme.
    pub fn set_look(&self, theme: Theme, texts: Rc<Texts>) {
        self.change(|inner| {
            (inner.theme, inner.texts) = (theme, texts);
            // The family may be another now.
            inner.ruler.widths.clear();
            inner.timeline.refresh(&mut inner.ruler);
        });
    }

    /// Another conversation, or the same one loaded again.
    pub fn show(
        &self,
        rows: Vec<Row>,
        more_before: bool,
        more_after: bool,
        names: bool,
        unread_from: Option<RowKey>,
    ) {
        self.change(|inner| {
            (inner.selection, inner.lit, inner.unseen) = (None, None, 0);
            (inner.asked_before, inner.asked_after) = (None, None);
            let more = (more_before, more_after);
            inner.timeline.show(rows, more, names, unread_from, &mut inner.ruler);
        });
    }

    /// Older messages, as asked for.
    pub fn prepend(&self, rows: Vec<Row>, more_before: bool) {
        self.change(|inner| {
            inner.selection = None;
            inner.timeline.prepend(rows, more_before, &mut inner.ruler);
            inner.asked_before = None;
        });
    }

    /// Newer messages, as asked for.
    pub fn append_page(&self, rows: Vec<Row>, more_after: bool) {
        self.change(|inner| {
            inner.selection = None;
            inner.timeline.append(rows, more_after, &mut inner.ruler);
            inner.asked_after = None;
        });
    }

    /// Messages that have just come.
    pub fn arrived(&self, rows: Vec<Row>) {
        self.change(|inner| {
            let others = rows.iter().filter(|row| !row.own).count();
            if inner.timeline.arrived(rows, &mut inner.ruler) {
                inner.unseen = 0;
            } else {
                inner.unseen += others;
            }
        });
    }

    /// Own messages that are not confirmed.
    pub fn set_outgoing(&self, rows: Vec<Row>) {
        self.change(|inner| inner.timeline.set_outgoing(rows, &mut inner.ruler));
    }

    /// Shows a message and lights it up.
    pub fn reveal(&self, key: RowKey) {
        self.change(|inner| {
            inner.lit = Some(key);
            if !inner.timeline.reveal(key) {
                inner.wanted = Some(key);
            }
        });
    }

    /// An image was decoded: lays out again what depends on it.
    pub fn images_changed(&self) {
        self.change(|inner| inner.timeline.refresh(&mut inner.ruler));
    }

    /// Whether the newest message is in sight.
    pub fn is_at_newest(&self) -> bool {
        self.inner.borrow().timeline.is_at_newest()
    }

    /// Puts the selected text on the clipboard. False when nothing is selected.
    pub fn copy_selection(&self) -> bool {
        self.inner.borrow().copy()
    }

    /// What is in sight, for tests and screen readers: name, place, text.
    pub fn controls(&self) -> Vec<(String, Area, String)> {
        let inner = self.inner.borrow();
        let area = area_of(&self.widget);
        let mut out = Vec::new();
        for (number, at) in inner.timeline.visible().enumerate() {
            inner.describe(at, number, area, &mut out);
        }
        if let Some(chip) = inner.chip(area) {
            out.push(("newest".into(), chip, inner.unseen.to_string()));
        }
        out
    }
}

impl Inner {
    /// Fits the layout to the widget's size.
    fn fit(&mut self, area: Area) {
        self.timeline.resize(area.w, area.h, &mut self.ruler);
        if let Some(key) = self.wanted
            && self.timeline.reveal(key)
        {
            self.wanted = None;
        }
        if self.timeline.is_at_newest() {
            self.unseen = 0;
        }
    }

    /// The pages that are needed soon and were not asked for yet.
    pub(super) fn wanted_pages(&mut self) -> Vec<Asked> {
        let mut asked = Vec::new();
        let Some((first, last)) = self.timeline.ends() else { return asked };
        let below = self.timeline.content() - self.timeline.height() - self.timeline.offset();
        if self.timeline.more_before && self.timeline.offset() < AHEAD && self.asked_before != Some(first) {
            self.asked_before = Some(first);
            asked.push(Asked::Older(first));
        }
        if self.timeline.more_after && below < AHEAD && self.asked_after != Some(last) {
            self.asked_after = Some(last);
            asked.push(Asked::Newer(last));
        }
        asked
    }

    pub(super) fn copy(&self) -> bool {
        let Some(selection) = self.selection.filter(|selection| !selection.is_empty()) else { return false };
        fltk::app::copy(&selection.text(|at| self.timeline.row(at)));
        true
    }

    /// The button to the newest message, when it is not in sight.
    pub(super) fn chip(&self, view: Area) -> Option<Area> {
        if self.timeline.is_at_newest() || self.timeline.is_empty() {
            return None;
        }
        let words =
            self.chip_text().map_or(0, |text| crate::design::paint::width(&text, FACE, type_scale::NOTE) + 8);
        let w = 38 + words;
        Some(Area::new(view.x + view.w - w - 20, view.y + view.h - 52, w, 38))
    }

    pub(super) fn chip_text(&self) -> Option<String> {
        (self.unseen > 0).then(|| self.texts.with("t-chip-new", &[("count", self.unseen.into())]))
    }

    /// The scroll bar's thumb.
    pub(super) fn thumb(&self, view: Area) -> Option<Area> {
        let (all, height) = (self.timeline.content(), view.h);
        if all <= height || height <= 0 {
            return None;
        }
        let h = i32::try_from(i64::from(height) * i64::from(height) / i64::from(all)).unwrap_or(0).max(32);
        let way =
            i64::from(height - h) * i64::from(self.timeline.offset()) / i64::from((all - height).max(1));
        Some(Area::new(view.x + view.w - 8, view.y + i32::try_from(way).unwrap_or(0), 6, h))
    }

    /// The bubble of a row, in the window.
    pub(super) fn bubble_area(&self, at: usize, view: Area) -> Option<Area> {
        let bubble = self.timeline.bubble(at)?;
        Some(Area::new(view.x + bubble.x, view.y + self.timeline.top(at) + bubble.y, bubble.w, bubble.h))
    }

    /// The area of what is inside a bubble, in the window.
    pub(super) fn inside_area(&self, at: usize, view: Area) -> Option<Area> {
        let bubble = self.timeline.bubble(at)?;
        let pad = if matches!(bubble.inside, Inside::Image(..)) { 3 } else { super::bubble::PAD.0 };
        let y = view.y + self.timeline.top(at) + bubble.inside_y;
        let h = bubble.y + bubble.h - bubble.inside_y;
        Some(Area::new(view.x + bubble.x + pad, y, bubble.w - 2 * pad, h))
    }

    /// The place in the text that is nearest to a point.
    pub(super) fn caret(&mut self, view: Area, x: i32, y: i32) -> Option<Caret> {
        let visible = self.timeline.visible();
        let row = visible.clone().find(|at| view.y + self.timeline.top(at + 1) > y).or(visible.last())?;
        let inside = self.inside_area(row, view)?;
        let Some(Inside::Text { lines, line_height, size, .. }) =
            self.timeline.bubble(row).map(|b| b.inside.clone())
        else {
            return Some(Caret { row, byte: 0 });
        };
        let at = usize::try_from((y - inside.y) / line_height.max(1)).unwrap_or(0);
        let Some(line) = (if y < inside.y { lines.first() } else { lines.get(at) }) else {
            return Some(Caret { row, byte: lines.last().map_or(0, |line| line.range.end) });
        };
        let text = self.timeline.row(row)?.content.text()?.to_owned();
        let part = text.get(line.range.clone())?;
        let byte = nearest(part, x - inside.x, size, &mut self.ruler);
        Some(Caret { row, byte: line.range.start + byte })
    }

    fn describe(&self, at: usize, number: usize, view: Area, out: &mut Vec<(String, Area, String)>) {
        let (Some(row), Some(area), Some(inside)) =
            (self.timeline.row(at), self.bubble_area(at, view), self.inside_area(at, view))
        else {
            return;
        };
        let top = area.y.max(view.y);
        let seen = Area::new(area.x, top, area.w, (area.y + area.h).min(view.y + view.h) - top);
        let state = match row.delivery {
            Delivery::Sending => "sending",
            Delivery::Sent => "sent",
            Delivery::Failed => "failed",
        };
        match &row.content {
            Content::Text { text, .. } => {
                let start: String = text.chars().take(500).collect();
                out.push((
                    format!("message:{number}"),
                    seen,
                    format!("{}: {start} ({state})", row.sender_name),
                ));
            }
            Content::File(file) if file.is_image() => {
                let shown = match self.ruler.images.thumbnail(file) {
                    Thumb::Ready(..) => "shown",
                    Thumb::Loading => "loading",
                    Thumb::Broken(_) => "broken",
                };
                let text = format!("{}: image {} {shown} ({state})", row.sender_name, file.extension);
                out.push((format!("image:{number}"), seen, text));
            }
            Content::File(file) => {
                let text = format!("{}: file {} {} ({state})", row.sender_name, file.extension, file.bytes);
                out.push((format!("file:{number}"), seen, text));
                for (name, area) in ["file-open", "file-save"].iter().zip(paint::card_buttons(inside)) {
                    out.push((format!("{name}:{number}"), area, String::new()));
                }
            }
            Content::Other(_) => out.push((format!("message:{number}"), seen, row.sender_name.clone())),
        }
        if super::bubble::has_retry(row) {
            out.push((format!("retry:{number}"), paint::retry_area(area), String::new()));
        }
        if let Some(Inside::Text { links, .. }) = self.timeline.bubble(at).map(|bubble| &bubble.inside)
            && let (Some(text), false) = (row.content.text(), links.is_empty())
        {
            let words: Vec<&str> = links.iter().filter_map(|link| text.get(link.clone())).collect();
            out.push((format!("link:{number}"), inside, words.join(" ")));
        }
        if self.timeline.bubble(at).is_some_and(|bubble| bubble.day) {
            let mark = Area::new(view.x, view.y + self.timeline.top(at), view.w, super::bubble::MARK);
            out.push((format!("day:{number}"), mark, day::words(&self.texts, row.time, crate::app::now())));
        }
    }
}

/// The end of the grapheme that is nearest to a distance from the left.
fn nearest(text: &str, x: i32, size: i32, ruler: &mut Ruler) -> usize {
    use unicode_segmentation::UnicodeSegmentation as _;
    if x <= 0 {
        return 0;
    }
    let ends: Vec<usize> = text.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len()).collect();
    #[expect(clippy::cast_precision_loss, reason = "a distance on a screen")]
    let wanted = x as f32;
    let past = ends.partition_point(|end| ruler.width(&text[..*end], size) <= wanted);
    let before = past.checked_sub(1).map_or(0, |at| ends[at]);
    let Some(after) = ends.get(past) else { return text.len() };
    let (low, high) = (ruler.width(&text[..before], size), ruler.width(&text[..*after], size));
    if wanted - low < high - wanted { before } else { *after }
}
