//! Numbers of messages: what is safe is confirmed, what is older than the disk is asked for, what was not confirmed is kept.

use std::collections::HashSet;

use uchat_client_core::event::Fetched;
use uchat_client_core::state::{Reached, SendState};
use uchat_client_core::store::Unsent;
use uchat_client_core::{ConversationId, Place};

use super::App;
use super::order::Order;
use crate::conversation::{Delivery, Row, RowKey};
use crate::disk::Position;

/// How many older messages are asked for at once.
const PAGE: usize = 100;

impl App {
    /// These messages are on the disk: the server need not send them again.
    pub(super) fn safe(&mut self, places: &[(ConversationId, Place)]) {
        let Some(client) = self.network.current() else { return };
        client.confirm(&places.iter().map(|(_, place)| *place).collect::<Vec<_>>());
        let conversations: HashSet<_> = places.iter().map(|(id, place)| (*id, place.conversation)).collect();
        let safe = |(id, number)| Some((id, number, client.safe_up_to(number)?));
        self.disk.set_safe(conversations.into_iter().filter_map(safe).collect());
    }

    /// How far an own message has come.
    pub(super) fn delivery(&self, id: ConversationId, row: &Row) -> Delivery {
        match self.state.reached(id, row.number) {
            Reached::Server => Delivery::Sent,
            Reached::Everybody => Delivery::Arrived,
            Reached::Readers => Delivery::Read,
        }
    }

    pub(super) fn show_reached(&mut self, id: ConversationId) {
        if let Some(numbering) = self.state.contact(id).and_then(|contact| contact.numbering.as_ref()) {
            let (arrived, read) = numbering.everybody();
            self.orders.push(Order::Reached(arrived, read));
        }
    }

    /// Whether there are older messages of the open conversation: on the disk (`more`), or else at the server.
    pub(super) fn has_older(&mut self, id: ConversationId, more: bool, oldest: Option<u64>) -> bool {
        (self.disk_ends, self.oldest) = (!more, oldest);
        more || self.older_place(id).is_some()
    }

    /// Before which place the server has more than the disk.
    fn older_place(&self, id: ConversationId) -> Option<Place> {
        let numbering = self.state.contact(id)?.numbering.as_ref()?;
        let number = self.oldest.unwrap_or(numbering.latest.saturating_add(1));
        let place = Place { conversation: numbering.conversation, number };
        (number > numbering.first.saturating_add(1)).then_some(place)
    }

    /// The view is near the first message that it has.
    pub(super) fn ask_older(&mut self, id: ConversationId, key: RowKey) {
        let place = self.older_place(id).filter(|_| self.disk_ends);
        if let (Some(place), Some(client)) = (place, self.network.current())
            && client.older(place, PAGE)
        {
            self.asked_older = Some(key);
        } else {
            self.disk.older(id, Position::of(key), super::chat::PAGE);
        }
    }

    /// Older messages have come, and go to the disk now: from there they are shown.
    pub(super) fn fetched(&mut self, fetched: &Fetched) {
        let Some(open) = self.state.open_conversation() else { return };
        let numbering = self.state.contact(open).and_then(|contact| contact.numbering.as_ref());
        if numbering.is_none_or(|numbering| numbering.conversation != fetched.conversation) {
            return;
        }
        match self.asked_older.take_if(|_| fetched.asked) {
            Some(_) if fetched.messages.is_empty() => self.orders.push(Order::Prepend(Vec::new(), false)),
            Some(key) => {
                self.disk_ends = false;
                self.fetched_before = Some((open, key));
            }
            // What was missing belongs between what is shown.
            None => self.fetched_between = Some(open),
        }
    }

    /// What was fetched is on its way to the disk: it is read from there behind that.
    pub(super) fn show_fetched(&mut self) {
        if let Some((id, key)) = self.fetched_before.take() {
            self.disk.older(id, Position::of(key), super::chat::PAGE);
        }
        if let Some(id) = self.fetched_between.take() {
            self.show_conversation(id);
        }
    }

    /// Keeps own messages on the disk until the server has confirmed them, so that they survive the window.
    pub(super) fn keep_outgoing(&mut self) {
        let waiting = |state, name: &[u8; 16]| state == SendState::Sending && *name != [0; 16];
        let mut now = HashSet::new();
        for outgoing in self.state.outgoing().filter(|outgoing| waiting(outgoing.state, &outgoing.name)) {
            now.insert(outgoing.id);
            if !self.outbox.contains(&outgoing.id) {
                self.disk.put_outgoing(Unsent {
                    id: outgoing.id,
                    to: outgoing.to,
                    time: outgoing.time,
                    state: outgoing.state,
                    name: Some(outgoing.name),
                    body: outgoing.message.clone(),
                });
            }
        }
        for gone in self.outbox.difference(&now) {
            self.disk.remove_outgoing(*gone);
        }
        self.outbox = now;
    }
}
