//! What can be clicked, and what a click does.

use std::ops::Range;

use uchat_client_core::attachment::Attachment;
use uchat_client_core::state::Content;

use super::bubble::{Bubble, has_failed};
use super::inside::Inside;
use super::links::address;
use super::row::{Asked, FileStage, Row, RowKey};
use super::state::State;
use crate::design::paint::{self, Area, FACE};
use crate::design::theme::{space, type_scale};

/// Something that can be clicked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// These bytes of a text are a link.
    Link(RowKey, Range<usize>),
    Image(RowKey),
    Open(RowKey),
    Save(RowKey),
    /// Fetches the file, again if it must be.
    Get(RowKey),
    /// Ends that.
    CancelGet(RowKey),
    /// Opens a fetched file, and its folder.
    OpenFetched(RowKey),
    Folder(RowKey),
    Retry(RowKey),
    Discard(RowKey),
    /// Takes back an own message that is new.
    TakeBack(RowKey),
    Person(RowKey),
    /// Shows more of a long text, or copies it when it is too long to be shown.
    More(RowKey),
    /// Goes to the newest message.
    Newest,
}

/// The buttons on a file's card: open, save.
pub(super) const CARD_BUTTONS: [(i32, i32); 2] = [(60, 76), (138, 100)];

/// For so long the server takes a message back, unless its operator has set another time; in milliseconds.
const TAKEN_BACK_FOR: u64 = 2 * 60 * 1000;
/// The button beside a bubble.
const TAKE_BACK: i32 = 28;

impl State {
    /// Everything in sight that can be clicked, in the order of the conversation; a link of two lines is there twice.
    pub(super) fn targets(&mut self) -> Vec<(Target, Area)> {
        let mut out = Vec::new();
        for at in self.timeline.visible() {
            let (Some(row), Some(bubble)) = (self.timeline.row(at), self.timeline.bubble(at)) else {
                continue;
            };
            let (key, bubble) = (row.key, bubble.clone());
            let failed_words = bubble.below.map(|below| (self.failed_buttons(below), below));
            self.people(at, key, &bubble, &mut out);
            let content = self.placed(at, bubble.content);
            match &bubble.inside {
                Inside::Text(_) => self.links(at, key, content, &mut out),
                Inside::Image { .. } => out.push((Target::Image(key), content)),
                Inside::Card { picture } => {
                    let buttons = self.card_buttons(row);
                    // A click on the picture does what the first button does.
                    if let (Some((w, h)), Some(first)) = (picture, buttons.first()) {
                        out.push((first.clone(), Area::new(content.x, content.y, *w, *h)));
                    }
                    let y = content.y + content.h - 24;
                    for (button, (x, w)) in buttons.into_iter().zip(CARD_BUTTONS) {
                        out.push((button, Area::new(content.x + x, y, w.min(content.w - x), 24)));
                    }
                }
                Inside::Line { .. } | Inside::Other => {}
            }
            if let Some(more) = bubble.more {
                out.push((Target::More(key), self.placed(at, more)));
            }
            if let Some(button) = self.take_back_button(at) {
                out.push((Target::TakeBack(key), button));
            }
            if let Some(([discard, retry], _)) = failed_words {
                out.push((Target::Retry(key), self.placed(at, retry)));
                out.push((Target::Discard(key), self.placed(at, discard)));
            }
        }
        if let Some(chip) = self.chip() {
            out.push((Target::Newest, chip));
        }
        out
    }

    /// What can be done with the file of a card, in the order of [`CARD_BUTTONS`].
    pub(super) fn card_buttons(&self, row: &Row) -> Vec<Target> {
        let key = row.key;
        if !matches!(row.content, Content::Shared(_)) {
            return vec![Target::Open(key), Target::Save(key)];
        }
        match self.stage(row) {
            // What can be done about it stands below its bubble.
            _ if has_failed(row) => Vec::new(),
            FileStage::There | FileStage::Failed => vec![Target::Get(key)],
            FileStage::Waiting | FileStage::Moving(_) => vec![Target::CancelGet(key)],
            FileStage::Here => vec![Target::OpenFetched(key), Target::Folder(key)],
        }
    }

    /// What a point is over.
    pub(super) fn target_at(&mut self, x: i32, y: i32) -> Option<Target> {
        if !self.view.contains(x, y) {
            return None;
        }
        self.targets().into_iter().rev().find(|(_, area)| area.contains(x, y)).map(|(target, _)| target)
    }

    fn people(&self, at: usize, key: RowKey, bubble: &Bubble, out: &mut Vec<(Target, Area)>) {
        if self.timeline.names() {
            for area in [bubble.avatar, bubble.name].into_iter().flatten() {
                out.push((Target::Person(key), self.placed(at, area)));
            }
        }
    }

    fn links(&mut self, at: usize, key: RowKey, content: Area, out: &mut Vec<(Target, Area)>) {
        let Some((lines, text)) = self.lines(at) else { return };
        if lines.links.is_empty() {
            return;
        }
        let (lines, text) = (lines.clone(), text.to_owned());
        let seen = lines.within(self.view.y - content.y, self.view.y + self.view.h - content.y);
        for number in seen {
            let line = &lines.lines[number];
            let y = content.y + lines.height * i32::try_from(number).unwrap_or(0);
            for link in &lines.links {
                let (start, end) = (link.start.max(line.range.start), link.end.min(line.range.end));
                if start < end {
                    let left = self.advance(&text, line.range.start..start, lines.size);
                    let right = self.advance(&text, line.range.start..end, lines.size);
                    let area = Area::new(content.x + left, y, right - left, lines.height);
                    out.push((Target::Link(key, link.clone()), area));
                }
            }
        }
    }

    /// Where the button stands that takes back a message of this row: beside the bubble of an own one that is new. Another
    /// one has none.
    pub(super) fn take_back_button(&self, at: usize) -> Option<Area> {
        let (row, bubble) = (self.timeline.row(at)?, self.timeline.bubble(at)?);
        let is_new = super::now().saturating_sub(row.time) < TAKEN_BACK_FOR;
        let is_said = !matches!(row.content, Content::System { .. }) && row.content.taken_back().is_none();
        if !(row.own && row.number.is_some() && is_new && is_said) {
            return None;
        }
        let area = self.placed(at, bubble.area);
        let y = area.y + (area.h - TAKE_BACK) / 2;
        Some(Area::new(area.x - TAKE_BACK - space::XS, y, TAKE_BACK, TAKE_BACK))
    }

    /// The row that the pointer is over, at whatever place.
    pub(super) fn row_at(&self, y: i32) -> Option<RowKey> {
        let below = |at: &usize| self.view.y + self.timeline.top(at + 1) > y;
        self.timeline.visible().find(below).and_then(|at| self.timeline.row(at)).map(|row| row.key)
    }

    /// Where the words under a failed message stand: discard, retry.
    pub(super) fn failed_buttons(&self, below: Area) -> [Area; 2] {
        let width = |key: &str| paint::width(&self.texts.get(key), FACE, type_scale::NOTE) + 2 * space::S;
        let (discard, retry) = (width("t-discard"), width("t-retry"));
        let right = below.x + below.w + space::XS;
        [
            Area::new(right - discard, below.y, discard, below.h),
            Area::new(right - discard - retry, below.y, retry, below.h),
        ]
    }

    /// The button to the newest message, when it is not in sight.
    pub(super) fn chip(&self) -> Option<Area> {
        if self.timeline.is_at_newest() || self.timeline.is_empty() {
            return None;
        }
        let words = self.chip_text().map_or(0, |text| paint::width(&text, FACE, type_scale::NOTE) + 10);
        let (w, view) = (40 + words, self.view);
        Some(Area::new(view.x + view.w - w - space::L, view.y + view.h - 40 - space::M, w, 40))
    }

    /// How many new messages are below.
    pub(super) fn chip_text(&self) -> Option<String> {
        (self.unseen > 0).then(|| self.texts.with("t-chip-new", &[("count", self.unseen.into())]))
    }

    /// Does what a click on this does; what is to be asked outside comes back.
    pub(super) fn activate(&mut self, target: &Target) -> Option<Asked> {
        let file = |state: &Self, key| state.found(key).and_then(file_of);
        let shared = |state: &Self, key| state.found(key)?.content.file_reference().cloned();
        match target {
            Target::Link(key, range) => {
                let text = self.found(*key)?.content.text()?.get(range.clone())?;
                Some(Asked::Link(address(text)))
            }
            Target::Image(key) => file(self, *key).map(Asked::OpenImage),
            Target::Open(key) => file(self, *key).map(Asked::OpenFile),
            Target::Save(key) => file(self, *key).map(Asked::SaveFile),
            Target::Get(key) => shared(self, *key).map(Asked::GetFile),
            Target::CancelGet(RowKey::Upload(id)) | Target::Discard(RowKey::Upload(id)) => {
                Some(Asked::DropFile(*id))
            }
            Target::Retry(RowKey::Upload(id)) => Some(Asked::ResendFile(*id)),
            Target::CancelGet(key) => shared(self, *key).map(|file| Asked::CancelFile(file.sha256)),
            Target::OpenFetched(key) => shared(self, *key).map(|file| Asked::OpenFetched(file.sha256)),
            Target::Folder(key) => shared(self, *key).map(|file| Asked::OpenFolder(file.sha256)),
            Target::Retry(RowKey::Outgoing(id)) => Some(Asked::Retry(*id)),
            Target::Discard(RowKey::Outgoing(id)) => Some(Asked::Discard(*id)),
            Target::Retry(RowKey::Stored { .. }) | Target::Discard(RowKey::Stored { .. }) => None,
            Target::TakeBack(key) => self.found(*key)?.number.map(Asked::TakeBack),
            Target::Person(key) => {
                self.found(*key).map(|row| Asked::Person(row.sender_id, row.sender_name.clone()))
            }
            Target::More(key) => {
                self.show_more(*key);
                None
            }
            Target::Newest if self.timeline.more_after() => {
                self.unseen = 0;
                Some(Asked::ToNewest)
            }
            Target::Newest => {
                self.unseen = 0;
                self.owes_newest = true;
                self.way = 0;
                self.timeline.to_end(&mut self.outside);
                None
            }
        }
    }

    fn show_more(&mut self, key: RowKey) {
        let rest = self.timeline.index(key).and_then(|at| self.lines(at)).and_then(|(lines, _)| lines.rest);
        match rest {
            Some(rest) if rest.can_grow => self.timeline.grow(key, &mut self.outside),
            Some(_) => {
                if let Some(text) = self.found(key).and_then(|row| row.content.text()) {
                    fltk::app::copy(text);
                }
            }
            None => {}
        }
    }

    fn found(&self, key: RowKey) -> Option<&Row> {
        self.timeline.row(self.timeline.index(key)?)
    }
}

fn file_of(row: &Row) -> Option<Attachment> {
    match &row.content {
        Content::File(file) => Some(file.clone()),
        _ => None,
    }
}
