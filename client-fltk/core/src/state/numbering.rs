//! The numbers of messages as a list and a conversation show them: what is unread, what has arrived where.

use std::collections::HashMap;

use uchat_codec::chat::{CursorMoved, Standing, TARGET_ROOM, TARGET_USER};

use super::{ConversationId, Effect, Entry, State};
use crate::arrived::Place;
use crate::event::Fetched;

/// How the server numbers a conversation, and how far everybody is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbering {
    /// The server's number of the conversation.
    pub conversation: u64,
    /// The user sees what is behind this number.
    pub first: u64,
    /// The number of the last message.
    pub latest: u64,
    /// Up to where the user has read.
    pub read: u64,
    /// How far others are, as user, received, read; empty where nobody is told.
    pub others: Vec<(u64, u64, u64)>,
}

/// How far an own message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// The server has it.
    Server,
    /// It has arrived at everybody.
    Everybody,
    /// Everybody has read it.
    Readers,
}

impl Numbering {
    /// Up to where everything has arrived at everybody, and up to where everybody has read it; zero where nobody is told.
    pub fn everybody(&self) -> (u64, u64) {
        let least = |of: fn(&(u64, u64, u64)) -> u64| self.others.iter().map(of).min().unwrap_or(0);
        (least(|other| other.1), least(|other| other.2))
    }

    /// How far a message with this number has come.
    pub fn reached(&self, number: u64) -> Reached {
        match self.everybody() {
            (_, read) if number <= read => Reached::Readers,
            (arrived, _) if number <= arrived => Reached::Everybody,
            _ => Reached::Server,
        }
    }
}

impl State {
    /// How far an own message has come, by its number.
    pub fn reached(&self, id: ConversationId, number: Option<u64>) -> Reached {
        let numbering = self.contacts.get(&id).and_then(|contact| contact.numbering.as_ref());
        numbering.zip(number).map_or(Reached::Server, |(numbering, number)| numbering.reached(number))
    }

    /// Where the last own message of a conversation is that has not been taken back, if the server numbers messages.
    pub fn last_said(&self, id: ConversationId) -> Option<Place> {
        let numbering = self.contacts.get(&id)?.numbering.as_ref()?;
        let own = |entry: &&Entry| self.is_me(entry.sender_id) && entry.content.taken_back().is_none();
        let number = self.histories.get(&id)?.entries().rev().find(own)?.number?;
        Some(Place { conversation: numbering.conversation, number })
    }

    /// The server says how things stand. What is unread it knows better: it may have been read elsewhere.
    pub(super) fn take_standings(&mut self, standings: Vec<Standing>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for standing in standings {
            let id = match standing.target_type {
                TARGET_USER => ConversationId::Friend(standing.target_id),
                TARGET_ROOM => ConversationId::Room(standing.target_id),
                _ => continue,
            };
            let Some(contact) = self.contacts.get_mut(&id) else { continue };
            let Standing { conversation, first, latest, read, others, .. } = standing;
            contact.numbering = Some(Numbering { conversation, first, latest, read, others });
            contact.unread = latest.saturating_sub(read.max(first));
            self.numbered.insert(conversation, id);
            if self.open == Some(id) {
                effects.extend(self.read_all(id));
            }
        }
        effects
    }

    /// A message came with its number.
    pub(super) fn take_place(&mut self, id: ConversationId, place: Place) {
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        let before = place.number.saturating_sub(1);
        let numbering = contact.numbering.get_or_insert_with(|| Numbering {
            first: before,
            read: before,
            ..Numbering::default()
        });
        numbering.conversation = place.conversation;
        numbering.latest = numbering.latest.max(place.number);
        self.numbered.insert(place.conversation, id);
    }

    /// Nothing of a conversation is unread any more; the server is told, if it does not know.
    pub(super) fn read_all(&mut self, id: ConversationId) -> Option<Effect> {
        let contact = self.contacts.get_mut(&id)?;
        contact.unread = 0;
        let numbering = contact.numbering.as_mut().filter(|numbering| numbering.read < numbering.latest)?;
        numbering.read = numbering.latest;
        Some(Effect::Read(Place { conversation: numbering.conversation, number: numbering.latest }))
    }

    /// Somebody else is farther now.
    pub(super) fn take_cursor(&mut self, moved: CursorMoved) -> Vec<Effect> {
        let CursorMoved { conversation, user, received, read } = moved;
        let Some(id) = self.numbered.get(&conversation).copied() else { return Vec::new() };
        let most = self.bounds.members;
        let numbering = self.contacts.get_mut(&id).and_then(|contact| contact.numbering.as_mut());
        let Some(numbering) = numbering else { return Vec::new() };
        let others = &mut numbering.others;
        match others.iter().position(|other| other.0 == user) {
            Some(at) => others[at] = (user, others[at].1.max(received), others[at].2.max(read)),
            None if others.len() < most => others.push((user, received, read)),
            None => {}
        }
        vec![Effect::ReachedChanged(id)]
    }

    /// Messages from before: they are no news, but they were missing.
    pub(super) fn take_fetched(&mut self, fetched: Fetched) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut conversations: HashMap<ConversationId, Vec<(Entry, bool)>> = HashMap::new();
        for arrived in fetched.messages {
            let Some(id) = ConversationId::of(&arrived.message) else { continue };
            let (entry, file) = Entry::of_arrived(arrived);
            if let Some((attachment, data)) = file {
                effects.push(Effect::SaveFile { name: attachment.file_name(), data });
            }
            conversations.entry(id).or_default().push((entry, true));
        }
        for (id, entries) in conversations {
            if !self.make_place(id, None) {
                continue;
            }
            self.histories.entry(id).or_default().merge(entries);
            self.refresh(id);
            effects.extend([Effect::ContactsChanged, Effect::ConversationChanged(id)]);
        }
        effects
    }
}
