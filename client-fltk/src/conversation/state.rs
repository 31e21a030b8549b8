//! What the view holds, and what it asks for.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::time::{Duration, Instant};

use uchat_client_core::state::Content;

use super::day;
use super::inside::{self, Inside, Lines};
use super::measure::{Measure, Ruler};
use super::row::{Asked, FileKey, FileStage, Row, RowKey};
use super::selection::{Caret, Selection};
use super::target::Target;
use super::timeline::{Surroundings, Timeline};
use crate::design::Theme;
use crate::design::paint::{self, Area, FACE};
use crate::design::theme::type_scale;
use crate::images::ImageStore;
use crate::texts::Texts;

/// Pages are asked for when the end of what is loaded is nearer than this.
const AHEAD: i32 = 1_200;
/// The size of times.
pub(super) const TIME_SIZE: i32 = type_scale::SMALL - 1;
/// The width of the mark of the delivery, with its distance to the time.
pub(super) const DELIVERY: i32 = 17;
/// How long a found message is lit up.
const LIT: Duration = Duration::from_millis(1_800);

/// What layouts need: widths of texts, sizes of images.
pub(super) struct Outside {
    pub(super) ruler: Ruler,
    pub(super) images: ImageStore,
    /// The width of the widest clock.
    clock_width: i32,
    other_width: i32,
    /// For the words of the server's lines.
    texts: Rc<Texts>,
}

impl Outside {
    pub(super) fn new(images: ImageStore, texts: Rc<Texts>) -> Self {
        Self { ruler: Ruler::default(), images, clock_width: 0, other_width: 0, texts }
    }

    fn look(&mut self, texts: &Rc<Texts>) {
        self.texts = Rc::clone(texts);
        self.ruler.clear();
        self.clock_width = paint::width("00:00", FACE, TIME_SIZE) + 2;
        let width = |key: &&str| paint::width(&texts.get(key), FACE, type_scale::NOTE) + 2;
        self.other_width = inside::INSTEAD.iter().map(width).max().unwrap_or_default();
    }
}

impl Measure for Outside {
    fn width(&mut self, text: &str, size: i32) -> f32 {
        self.ruler.width(text, size)
    }
}

impl Surroundings for Outside {
    fn image(&mut self, row: &Row) -> Option<(i32, i32)> {
        match &row.content {
            Content::File(file) if file.is_image() => self.images.size(file),
            Content::Shared(file) => self.images.size(file.thumbnail.as_ref()?),
            _ => None,
        }
    }

    fn time_width(&mut self, row: &Row) -> i32 {
        self.clock_width + if row.own { DELIVERY } else { 0 }
    }

    fn other_width(&mut self) -> i32 {
        self.other_width
    }

    fn line(&mut self, row: &Row) -> String {
        self.texts.of_line(&row.sender_name, &row.content).unwrap_or_default()
    }
}

pub(super) struct State {
    pub(super) theme: Theme,
    pub(super) texts: Rc<Texts>,
    pub(super) timeline: Timeline,
    pub(super) outside: Outside,
    pub(super) selection: Option<Selection>,
    /// What the pointer is over.
    pub(super) hover: Option<Target>,
    /// The row that it is over.
    pub(super) hover_row: Option<RowKey>,
    /// What Enter would do.
    pub(super) chosen: Option<Target>,
    /// Whether the keyboard brought the focus here.
    pub(super) ring: bool,
    /// How many messages came that have not been in sight.
    pub(super) unseen: usize,
    /// Whether [`Asked::AtNewest`] is due when the newest message comes into sight.
    pub(super) owes_newest: bool,
    pub(super) lit: Option<(RowKey, Instant)>,
    /// How far below the upper edge of the scroll bar's thumb the pointer holds it.
    pub(super) grabbed: Option<i32>,
    /// Where the pointer is while it selects beyond the edge.
    pub(super) beyond: Option<(i32, i32)>,
    /// How far the view still has to move.
    pub(super) way: i32,
    pub(super) view: Area,
    pub(super) ask: Rc<dyn Fn(Asked)>,
    pub(super) asked_before: Option<RowKey>,
    pub(super) asked_after: Option<RowKey>,
    /// A message to show as soon as it is loaded.
    pub(super) wanted: Option<RowKey>,
    /// How far files are; nothing is said of those that nobody has asked for.
    pub(super) files: HashMap<FileKey, FileStage>,
}

impl State {
    pub(super) fn new(theme: Theme, texts: Rc<Texts>, images: ImageStore, ask: Rc<dyn Fn(Asked)>) -> Self {
        Self {
            theme,
            timeline: Timeline::default(),
            outside: Outside::new(images, Rc::clone(&texts)),
            texts,
            selection: None,
            hover: None,
            hover_row: None,
            chosen: None,
            ring: false,
            unseen: 0,
            owes_newest: false,
            lit: None,
            grabbed: None,
            beyond: None,
            way: 0,
            view: Area::default(),
            ask,
            asked_before: None,
            asked_after: None,
            wanted: None,
            files: HashMap::new(),
        }
    }

    /// How far the file of a row is.
    pub(super) fn stage(&self, row: &Row) -> FileStage {
        let known = FileKey::of(row).and_then(|key| self.files.get(&key)).copied();
        known.unwrap_or(match row.key {
            RowKey::Upload(_) => FileStage::Waiting,
            _ => FileStage::There,
        })
    }

    pub(super) fn set_look(&mut self, theme: Theme, texts: Rc<Texts>) {
        (self.theme, self.texts) = (theme, texts);
        self.outside.look(&self.texts);
        self.timeline.refresh(&mut self.outside);
    }

    /// Fits the layout to the widget's place.
    pub(super) fn fit(&mut self, view: Area) {
        if self.outside.clock_width == 0 {
            self.outside.look(&self.texts);
        }
        self.view = view;
        self.timeline.resize(view.w, view.h, &mut self.outside);
        if let Some(key) = self.wanted
            && self.timeline.reveal(key, &mut self.outside)
        {
            self.wanted = None;
        }
        if self.timeline.is_at_newest() {
            self.unseen = 0;
        }
    }

    /// Moves the view.
    pub(super) fn scroll(&mut self, by: i32) -> bool {
        let moved = self.timeline.scroll_by(by, &mut self.outside);
        if self.timeline.is_at_newest() {
            self.unseen = 0;
        }
        moved
    }

    /// Lights a message up for a moment.
    pub(super) fn light(&mut self, key: RowKey) {
        self.lit = Some((key, Instant::now() + LIT));
    }

    /// What is due: pages that are needed soon and were not asked for yet, that the newest message has been seen.
    pub(super) fn due(&mut self) -> Vec<Asked> {
        let mut due = Vec::new();
        if self.owes_newest && self.timeline.is_at_newest() && !self.timeline.is_empty() {
            self.owes_newest = false;
            due.push(Asked::AtNewest);
        }
        let Some((first, last)) = self.timeline.ends() else { return due };
        let below = self.timeline.content() - self.timeline.height() - self.timeline.offset();
        if self.timeline.more_before() && self.timeline.offset() < AHEAD && self.asked_before != Some(first) {
            self.asked_before = Some(first);
            due.push(Asked::Older(first));
        }
        if self.timeline.more_after() && below < AHEAD && self.asked_after != Some(last) {
            self.asked_after = Some(last);
            due.push(Asked::Newer(last));
        }
        due
    }

    /// A place of a row's layout as a place in the window.
    pub(super) fn placed(&self, at: usize, area: Area) -> Area {
        Area::new(self.view.x + area.x, self.view.y + self.timeline.top(at) + area.y, area.w, area.h)
    }

    /// The lines of a row's text.
    pub(super) fn lines(&self, at: usize) -> Option<(&Lines, &str)> {
        match &self.timeline.bubble(at)?.inside {
            Inside::Text(lines) => Some((lines, self.timeline.row(at)?.content.text()?)),
            _ => None,
        }
    }

    /// The place in the text that is nearest to a point.
    pub(super) fn caret(&mut self, x: i32, y: i32) -> Option<Caret> {
        let visible = self.timeline.visible();
        let below = |at: &usize| self.view.y + self.timeline.top(at + 1) > y;
        let at = visible.clone().find(below).or(visible.last())?;
        let content = self.placed(at, self.timeline.bubble(at)?.content);
        let key = self.timeline.row(at)?.key;
        let Some((lines, text)) = self.lines(at) else {
            let beyond = y > content.y + content.h / 2;
            return Some(Caret { key, byte: usize::from(beyond) });
        };
        let number = usize::try_from((y - content.y).max(0) / lines.height.max(1)).unwrap_or(0);
        let size = lines.size;
        let line = lines.lines.get(number).or(lines.lines.last())?;
        // Below its last line a text is selected to its end.
        let is_below = number >= lines.lines.len();
        let (start, end) = (line.range.start, line.range.end);
        let part = text.get(start..end)?.to_owned();
        if is_below {
            return Some(Caret { key, byte: end });
        }
        let byte =
            if y < content.y { 0 } else { nearest(&part, x - content.x, size, &mut self.outside.ruler) };
        Some(Caret { key, byte: start + byte })
    }

    /// How far right of the line's left edge a byte of it is drawn.
    pub(super) fn advance(&mut self, text: &str, range: Range<usize>, size: i32) -> i32 {
        let part = text.get(range).unwrap_or_default();
        if part.is_empty() { 0 } else { super::bubble::ceil(self.outside.ruler.width(part, size)) }
    }

    /// The selected text.
    pub(super) fn selected(&mut self) -> Option<String> {
        let selection = self.selection.filter(|selection| !selection.is_empty())?;
        let (first, last) = selection.ordered();
        let image = self.texts.get("t-copied-image");
        let (file, other) = (self.texts.get("t-copied-file"), self.texts.get("t-copied-other"));
        let texts = Rc::clone(&self.texts);
        let describe = |row: &Row| match &row.content {
            line @ Content::System { .. } => texts.of_line(&row.sender_name, line).unwrap_or_default(),
            Content::File(attachment) if attachment.is_image() => image.clone(),
            Content::File(_) | Content::Shared(_) => file.clone(),
            _ => other.clone(),
        };
        let text = selection.text(self.timeline.between(first.key, last.key), day::clock, describe);
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn copy(&mut self) -> bool {
        let Some(text) = self.selected() else { return false };
        fltk::app::copy(&text);
        true
    }

    pub(super) fn select_all(&mut self) {
        let last = self.timeline.len().checked_sub(1).and_then(|at| self.timeline.row(at));
        self.selection = match (self.timeline.row(0), last) {
            (Some(first), Some(last)) => Some(Selection::all(first.key, last.key)),
            _ => None,
        };
    }
}

/// The end of the grapheme that is nearest to a distance from the left.
fn nearest(text: &str, x: i32, size: i32, measure: &mut impl Measure) -> usize {
    use unicode_segmentation::UnicodeSegmentation as _;
    if x <= 0 {
        return 0;
    }
    let ends: Vec<usize> = text.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len()).collect();
    #[expect(clippy::cast_precision_loss, reason = "a distance on a screen")]
    let wanted = x as f32;
    let past = ends.partition_point(|end| measure.width(&text[..*end], size) <= wanted);
    let before = past.checked_sub(1).map_or(0, |at| ends[at]);
    let Some(after) = ends.get(past) else { return text.len() };
    let (low, high) = (measure.width(&text[..before], size), measure.width(&text[..*after], size));
    if wanted - low < high - wanted { before } else { *after }
}

#[cfg(test)]
mod tests {
    use super::super::measure::Fixed;
    use super::*;

    #[test]
    fn the_caret_goes_to_the_nearer_side_of_a_letter() {
        assert_eq!(nearest("ab你", -3, 10, &mut Fixed), 0);
        assert_eq!(nearest("ab你", 2, 10, &mut Fixed), 0);
        assert_eq!(nearest("ab你", 3, 10, &mut Fixed), 1);
        assert_eq!(nearest("ab你", 16, 10, &mut Fixed), 5);
        assert_eq!(nearest("ab你", 900, 10, &mut Fixed), 5);
    }
}
