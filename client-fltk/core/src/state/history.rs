//! The messages of one conversation, in the order of their time.

use std::collections::{HashMap, HashSet, VecDeque};

use bytes::BytesMut;
use sha2::{Digest as _, Sha256};
use uchat_codec::Value;
use uchat_codec::chat::room::SystemLine;
use uchat_codec::chat::{FileRef, MessageBody, NewMessage, TARGET_ROOM, TakenBack};

use crate::arrived::Arrived;
use crate::attachment::Attachment;
use crate::shared_file::SharedFile;

/// What a message is charged for besides its text.
const OVERHEAD: usize = 128;
/// A preview in a list needs no more characters.
const PREVIEW_CHARS: usize = 120;

/// One message as it is kept and shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Who sent it.
    pub sender_id: u64,
    /// The sender's name.
    pub sender_name: String,
    /// When the server got it, in milliseconds since 1970 UTC.
    pub time: u64,
    /// What was sent.
    pub content: Content,
    /// Its number in the conversation, where the server numbers messages.
    pub number: Option<u64>,
    /// Tells this message from others of the same sender and time.
    fingerprint: u64,
}

/// What was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Text.
    Text {
        /// The text itself.
        text: String,
        /// Its size in points.
        size: u32,
        /// Its colour as `#rrggbb`.
        colour: String,
    },
    /// An image or a file; its bytes were handed out with [`Effect::SaveFile`](super::Effect::SaveFile).
    File(Attachment),
    /// A file that the server has; the bytes of its small picture were handed out with
    /// [`Effect::SaveFile`](super::Effect::SaveFile).
    Shared(SharedFile),
    /// A line of the server about a change of the room; its sender is who made the change.
    System {
        /// What has changed.
        line: SystemLine,
        /// The server's words for it.
        text: String,
    },
    /// Anything else, as it came.
    Other(Value),
}

impl Content {
    /// The text, if it is text.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text { text, .. } = self { Some(text) } else { None }
    }

    /// The line of the server that this content says it is, if it says so.
    pub(crate) fn system(value: &Value) -> Option<Self> {
        let (line, text) = SystemLine::of(value)?;
        Some(Self::System { line, text: text.to_owned() })
    }

    /// The file that it refers to, if it does.
    pub fn file_reference(&self) -> Option<&SharedFile> {
        if let Self::Shared(file) = self { Some(file) } else { None }
    }

    /// What it says about taking back; most say nothing.
    pub fn taken_back(&self) -> Option<TakenBack> {
        if let Self::Other(value) = self { TakenBack::of(value) } else { None }
    }

    /// What is left of a message that was taken back.
    pub(crate) fn emptied() -> Self {
        Self::Other(TakenBack::This.content("").unwrap_or(Value::None))
    }

    /// The same with a long text cut, and without a foreign value's parts.
    pub(crate) fn preview(&self) -> Self {
        match self {
            Self::Text { text, size, colour } => {
                let text = text.chars().take(PREVIEW_CHARS).collect();
                Self::Text { text, size: *size, colour: colour.clone() }
            }
            Self::File(_) | Self::Shared(_) | Self::System { .. } => self.clone(),
            Self::Other(_) if self.taken_back().is_some() => self.clone(),
            Self::Other(_) => Self::Other(Value::None),
        }
    }

    fn cost(&self) -> usize {
        match self {
            Self::Text { text, colour, .. } => text.len() + colour.len(),
            Self::File(_) => 64,
            Self::Shared(file) => 192 + file.name.len(),
            Self::System { line, text } => {
                text.len() + line.event.len() + line.name.len() + line.detail.len()
            }
            Self::Other(value) => weight(value),
        }
    }
}

/// About how much memory a value takes.
fn weight(value: &Value) -> usize {
    let inside = match value {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(list) => list.iter().map(weight).sum(),
        Value::Dict(dict) => dict.iter().map(|(key, value)| key.len() + weight(value)).sum(),
        _ => 0,
    };
    inside + size_of::<Value>()
}

impl Entry {
    /// Reads a message; an image's bytes come back apart. Only a server that numbers messages sees to it that nobody else
    /// says what it says itself: without a number, a line of the server is a text of its sender.
    pub(crate) fn of(message: NewMessage, number: Option<u64>) -> (Self, Option<(Attachment, bytes::Bytes)>) {
        let fingerprint = fingerprint(&message.message);
        let NewMessage { sender_id, sender_name, time, target_type, .. } = message;
        let is_told = number.is_some() && target_type == TARGET_ROOM;
        if let Some(content) = Content::system(&message.message).filter(|_| is_told) {
            return (Self { sender_id, sender_name, time, content, number, fingerprint }, None);
        }
        if let Some(file) = FileRef::in_message(&message.message) {
            let (file, picture) = SharedFile::of(file);
            let content = Content::Shared(file);
            return (Self { sender_id, sender_name, time, content, number, fingerprint }, picture);
        }
        let (content, file) = match MessageBody::from(message.message) {
            MessageBody::Text { data, fontsize, fontcolor } => {
                (Content::Text { text: data, size: fontsize, colour: fontcolor }, None)
            }
            MessageBody::Image { data, name } => {
                let attachment = Attachment::of(&data.0).called(name.as_deref().unwrap_or_default());
                (Content::File(attachment.clone()), Some((attachment, data.0)))
            }
            MessageBody::Other(value) => (Content::Other(value), None),
        };
        (Self { sender_id, sender_name, time, content, number, fingerprint }, file)
    }

    /// The same of one that has come, with its number.
    pub(crate) fn of_arrived(arrived: Arrived) -> (Self, Option<(Attachment, bytes::Bytes)>) {
        let number = arrived.place.map(|place| place.number);
        Self::of(arrived.message, number)
    }

    /// Tells this message from others of the same sender and time; the same for equal contents, always and everywhere.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    fn cost(&self) -> usize {
        OVERHEAD + self.sender_name.len() + self.content.cost()
    }

    /// The number of the message that is known by this one to be taken back: another one, or this itself.
    pub(crate) fn takes_back(&self) -> Option<u64> {
        match self.content.taken_back()? {
            TakenBack::Other(number) => Some(number),
            TakenBack::This => self.number,
        }
    }

    fn key(&self) -> (u64, u64, u64) {
        (self.time, self.sender_id, self.fingerprint)
    }
}

/// The beginning of the encoded value's SHA-256: it is stored, so no program and no version may come to another one.
fn fingerprint(value: &Value) -> u64 {
    let mut bytes = BytesMut::new();
    let digest = match value.encode(&mut bytes) {
        Ok(()) => Sha256::digest(&bytes),
        Err(_) => Sha256::digest(format!("{value:?}")),
    };
    digest.iter().take(8).rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Messages in the order of their time, the newest last; old ones make room for new ones.
#[derive(Clone, Debug, Default)]
pub struct History {
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl History {
    /// All of it, the oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// How many messages are kept.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The newest message.
    pub fn last(&self) -> Option<&Entry> {
        self.entries.back()
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether this very message, or one that is alike in everything, is here.
    pub(super) fn holds(&self, entry: &Entry) -> bool {
        let from = self.entries.partition_point(|other| other.time < entry.time);
        self.entries
            .iter()
            .skip(from)
            .take_while(|other| other.time == entry.time)
            .any(|other| other.key() == entry.key())
    }

    /// Puts a message at its place; after others of the same time.
    pub(super) fn insert(&mut self, entry: Entry) {
        let taken_back = entry.takes_back().map(|number| (number, entry.sender_id));
        self.bytes += entry.cost();
        let place = self.entries.partition_point(|other| other.time <= entry.time);
        self.entries.insert(place, entry);
        self.forget(taken_back);
    }

    /// Forgets what messages said that were taken back, by their numbers and those of their senders: nobody takes back
    /// what somebody else has said.
    fn forget(&mut self, taken_back: impl IntoIterator<Item = (u64, u64)>) {
        for (number, sender) in taken_back {
            let meant = |entry: &&mut Entry| entry.number == Some(number) && entry.sender_id == sender;
            let found = self.entries.iter_mut().find(meant);
            if let Some(entry) = found.filter(|entry| entry.content.taken_back().is_none()) {
                self.bytes -= entry.cost();
                entry.content = Content::emptied();
                self.bytes += entry.cost();
            }
        }
    }

    /// Drops the oldest messages beyond these bounds, but never the newest one.
    pub(super) fn trim(&mut self, messages: usize, bytes: usize) {
        while self.entries.len() > 1 && (self.entries.len() > messages || self.bytes > bytes) {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= oldest.cost();
            }
        }
    }

    /// Adds what is not there yet, and says which of the additions those were. Messages with numbers are told apart by
    /// them; of others, two that are alike in everything are two when both sides have two.
    pub(super) fn merge(&mut self, others: Vec<(Entry, bool)>) -> Vec<(u64, bool)> {
        let taken_back: Vec<(u64, u64)> =
            others.iter().filter_map(|(entry, _)| Some((entry.takes_back()?, entry.sender_id))).collect();
        let mut numbers: HashSet<u64> = self.entries.iter().filter_map(|entry| entry.number).collect();
        let mut known: HashMap<(u64, u64, u64), usize> = HashMap::new();
        let numbered = others.iter().any(|(entry, _)| entry.number.is_some());
        for entry in self.entries.iter().filter(|entry| !numbered || entry.number.is_none()) {
            *known.entry(entry.key()).or_default() += 1;
        }
        let mut added = Vec::new();
        let mut all: Vec<Entry> = std::mem::take(&mut self.entries).into();
        for (entry, sent) in others {
            if entry.number.is_some_and(|number| !numbers.insert(number)) {
                continue;
            }
            match known.get_mut(&entry.key()) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    let same = |other: &&mut Entry| other.number.is_none() && other.key() == entry.key();
                    if let Some(other) = all.iter_mut().find(same) {
                        other.number = entry.number;
                    }
                }
                _ => {
                    added.push((entry.sender_id, sent));
                    self.bytes += entry.cost();
                    all.push(entry);
                }
            }
        }
        all.sort_by_key(|entry| entry.time);
        self.entries = all.into();
        self.forget(taken_back);
        added
    }
}
