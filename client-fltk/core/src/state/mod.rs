//! What a client knows, as a pure function: an event or a command goes in, effects come out.
//!
//! No network, no disk, no clock in here. The same sequence of inputs always gives the same state.

mod bundle;
mod contact;
mod history;
mod numbering;
mod outgoing;
mod people;
mod rooms;
mod words;

use std::collections::HashMap;

use uchat_codec::SuiteName;
use uchat_codec::chat::UserInfo;
use uchat_codec::chat::room::{InvitationTo, RoomRequest};

pub use contact::{Contact, ConversationId, Preview};
pub use history::{Content, Entry, History};
pub use numbering::{Numbering, Reached};
pub use outgoing::{Outgoing, SendState};
pub use rooms::{Room, Rules, entry_of, entry_word};
pub use words::{Bounds, Command, Effect, Input, Link};

use crate::{Arrived, DisconnectReason, Event, Request, Turn};

/// Everything that a client shows.
#[derive(Clone, Debug, Default)]
pub struct State {
    bounds: Bounds,
    link: Link,
    me: Option<UserInfo>,
    /// Whether the bundle of the present login has come.
    ready: bool,
    contacts: HashMap<ConversationId, Contact>,
    /// The keys of `contacts` in the order of the list; kept by `settle`.
    order: Vec<ConversationId>,
    histories: HashMap<ConversationId, History>,
    /// Which conversation has which number at the server.
    numbered: HashMap<u64, ConversationId>,
    requests: Vec<UserInfo>,
    rooms: HashMap<u64, Room>,
    invitations: Vec<InvitationTo>,
    room_requests: Vec<RoomRequest>,
    open: Option<ConversationId>,
    outgoing: Vec<Outgoing>,
    next_outgoing: u64,
    /// What the names of own messages are made of; all zero for a state that gives them none.
    seed: [u8; 16],
    /// Whether the last connection was over the strong suite.
    strong: bool,
    /// When the next message is handed over.
    turn: Turn,
}

impl State {
    /// An empty state with these bounds.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    /// The same, with names for own messages, so that they can be sent again: `seed` is random, and no other state's.
    #[must_use]
    pub fn naming(mut self, seed: [u8; 16]) -> Self {
        self.seed = seed;
        self
    }

    /// The connection that will come is over the strong suite: what is written before it is there waits for it.
    pub fn expect_strong(&mut self) {
        self.strong = true;
    }

    /// Takes in what has happened; says what is to be done.
    pub fn update(&mut self, input: impl Into<Input>) -> Vec<Effect> {
        let effects = match input.into() {
            Input::Event(event) => self.event(event),
            Input::Command(command) => self.command(command),
        };
        if effects.contains(&Effect::ContactsChanged) {
            self.settle();
        }
        effects
    }

    /// How things are with the server.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Who is logged in, or was last.
    pub fn me(&self) -> Option<&UserInfo> {
        self.me.as_ref()
    }

    /// Whether a login is complete: contacts and messages are there.
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Friends and rooms: online first, then the latest message, then the name.
    pub fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.all_contacts().filter(|contact| contact.listed)
    }

    /// People and rooms that are no contacts but with whom there are messages, in the same order.
    pub fn former_contacts(&self) -> impl Iterator<Item = &Contact> {
        self.all_contacts().filter(|contact| !contact.listed)
    }

    fn all_contacts(&self) -> impl Iterator<Item = &Contact> {
        self.order.iter().filter_map(|id| self.contacts.get(id))
    }

    /// One contact, also one of before.
    pub fn contact(&self, id: ConversationId) -> Option<&Contact> {
        self.contacts.get(&id)
    }

    /// The messages of a conversation, if there are any.
    pub fn history(&self, id: ConversationId) -> Option<&History> {
        self.histories.get(&id)
    }

    /// Friend requests that wait for an answer, the oldest first.
    pub fn requests(&self) -> &[UserInfo] {
        &self.requests
    }

    /// The conversation that is being looked at.
    pub fn open_conversation(&self) -> Option<ConversationId> {
        self.open
    }

    /// All unread messages.
    pub fn unread(&self) -> u64 {
        self.contacts().map(|contact| contact.unread).sum()
    }

    fn command(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::Open(id) => {
                if self.open != Some(id) {
                    self.look_away();
                }
                self.open = Some(id);
                let changed = [Effect::ContactsChanged, Effect::ConversationChanged(id)];
                changed.into_iter().chain(self.read_all(id)).collect()
            }
            Command::Close => {
                self.look_away();
                Vec::new()
            }
            Command::Postpone(requester) => self.drop_request(requester),
            Command::PostponeInvitation(room) => self.drop_invitation(room),
            Command::PostponeRoomRequest { room, user } => self.drop_room_request(room, user),
            Command::Request(request) => {
                let mut effects = match &request {
                    Request::ResolveFriendRequest { requester, .. } => self.drop_request(*requester),
                    Request::Room { act, .. } => self.acted(act),
                    _ => Vec::new(),
                };
                effects.push(Effect::Request(request));
                effects
            }
            Command::Restore { me, contacts } => self.restore(me, contacts),
            Command::RestoreOutgoing(unsent) => self.restore_outgoing(unsent),
            Command::Send { to, message, time } => self.send(to, message, time),
            Command::Retry { id, time } => self.retry(id, time),
            Command::Discard(id) => self.discard(id),
            Command::NotSent { id, why } => self.not_sent(id, &why),
        }
    }

    fn event(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Connecting { .. } => self.set_link(Link::Connecting),
            Event::Connected { number, suite, .. } => {
                self.strong = suite == SuiteName::Strong;
                self.turn = Turn { connection: number, round: 0 };
                self.set_link(Link::Connected)
            }
            Event::Disconnected { reason, retry_in, .. } => {
                self.ready = false;
                let link = match reason {
                    DisconnectReason::Kicked => Link::Kicked,
                    reason => Link::Disconnected { reason, comes_back: retry_in.is_some() },
                };
                let comes_back = matches!(link, Link::Disconnected { comes_back: true, .. });
                [self.set_link(link), self.fail_all(comes_back)].concat()
            }
            Event::Kicked => self.set_link(Link::Kicked),
            Event::LoggedIn(user) => self.logged_in(user),
            Event::Bundle(bundle) => self.take_bundle(bundle),
            Event::Message(arrived) => self.take_message(arrived),
            Event::Fetched(fetched) => self.take_fetched(fetched),
            Event::Cursor(moved) => self.take_cursor(moved),
            Event::FriendRequest(user) => self.take_request(user),
            Event::ContactAdded(contact) => self.take_contact(contact),
            Event::FriendDeleted(user) => self.drop_friend(user.id),
            Event::Presence { user, online } => self.presence(user, online),
            Event::RoomPresence { room, user, online } => self.room_presence(room, user, online),
            Event::RoomUsers { room, members } => self.take_members(room, members),
            Event::RoomDetails(details) => self.take_details(details),
            Event::RoomChanged(news) => self.room_changed(news),
            Event::Invited(invitation) => self.take_invitation(invitation),
            Event::Invitations(invitations) => self.take_invitations(invitations),
            Event::RoomRequested(request) => self.take_room_request(request),
            Event::RoomRequests(requests) => self.take_room_requests(requests),
            Event::Failure(_) => self.fail_oldest(),
            Event::QueueHasRoom => self.send_all_held(),
            Event::CallAnswer { id, outcome } => self.answered(id, &outcome),
            Event::Named { name, args } => self.named(&name, args),
            // Only told, not kept.
            Event::LoginFailed
            | Event::Registered(_)
            | Event::UsernameTaken
            | Event::Notice(_)
            | Event::FriendRequestResult { .. }
            | Event::FriendDeleteResult { .. }
            | Event::Echo(_)
            | Event::Certified { .. }
            | Event::SafetyNumber(_)
            | Event::KeyChanged { .. }
            | Event::Undecodable { .. } => Vec::new(),
        }
    }

    fn set_link(&mut self, link: Link) -> Vec<Effect> {
        self.link = link;
        vec![Effect::LinkChanged]
    }

    fn logged_in(&mut self, user: UserInfo) -> Vec<Effect> {
        if self.me.as_ref().is_some_and(|me| me.id != user.id) {
            // Nothing of one account is shown to another.
            *self = Self {
                bounds: self.bounds.clone(),
                link: self.link.clone(),
                seed: self.seed,
                strong: self.strong,
                turn: self.turn,
                next_outgoing: self.next_outgoing,
                ..Self::default()
            };
        }
        self.me = Some(user);
        self.ready = false;
        // The server brings every request again that has no answer yet.
        self.requests.clear();
        self.invitations.clear();
        self.room_requests.clear();
        vec![Effect::LinkChanged, Effect::ContactsChanged, Effect::RequestsChanged]
    }

    fn restore(&mut self, me: UserInfo, contacts: Vec<Contact>) -> Vec<Effect> {
        if self.me.as_ref().is_some_and(|known| known.id != me.id) {
            return Vec::new();
        }
        self.me.get_or_insert(me);
        for mut contact in contacts {
            let open = self.open == Some(contact.id);
            if let Some(known) = self.contacts.get_mut(&contact.id) {
                // The server has told the rest; only here is known what was delivered and not read.
                known.unread += if open { 0 } else { contact.unread };
            } else if !self.ready && self.contacts.len() < self.bounds.contacts {
                contact.online = matches!(contact.id, ConversationId::Room(_));
                self.contacts.insert(contact.id, contact);
            }
        }
        vec![Effect::LinkChanged, Effect::ContactsChanged]
    }

    fn take_message(&mut self, arrived: Arrived) -> Vec<Effect> {
        let message = &arrived.message;
        let Some(id) = ConversationId::of(message) else { return Vec::new() };
        let is_own = self.is_me(message.sender_id);
        let name = (!is_own).then(|| message.sender_name.clone());
        if !self.make_place(id, name) {
            return Vec::new();
        }
        let mut effects = vec![Effect::ContactsChanged, Effect::ConversationChanged(id)];
        if is_own {
            effects.extend(self.confirm(id, &message.message, message.time));
        }
        if let Some(place) = arrived.place {
            self.take_place(id, place);
        }
        let (entry, file) = Entry::of_arrived(arrived);
        if let Some((attachment, data)) = file {
            effects.push(Effect::SaveFile { name: attachment.file_name(), data });
        }
        // Somebody who comes or goes does not call anybody to the window.
        let is_line = matches!(entry.content, Content::System { .. });
        self.histories.entry(id).or_default().insert(entry);
        let unread = self.contacts.get(&id).is_some_and(|contact| contact.unread > 0);
        if self.open == Some(id) || (is_own && !unread) {
            effects.extend(self.read_all(id));
        } else if !is_own {
            if let Some(contact) = self.contacts.get_mut(&id) {
                contact.unread += 1;
            }
            if !is_line {
                effects.push(Effect::Notify(id));
            }
        }
        self.refresh(id);
        effects
    }

    /// Keeps the history within bounds and the preview true.
    fn refresh(&mut self, id: ConversationId) {
        let Some(history) = self.histories.get_mut(&id) else { return };
        history.trim(self.bounds.messages, self.bounds.history_bytes);
        let last = history.last().map(|entry| Preview {
            time: entry.time,
            sender_name: entry.sender_name.clone(),
            content: entry.content.preview(),
        });
        if let Some(contact) = self.contacts.get_mut(&id) {
            contact.last = last;
        }
    }

    /// Makes sure that a conversation has a place in the list; a stranger gets one that is not a contact. False when
    /// there is no room for it.
    fn make_place(&mut self, id: ConversationId, name: Option<String>) -> bool {
        if self.contacts.contains_key(&id) {
            return true;
        }
        if self.contacts.len() >= self.bounds.contacts {
            return false;
        }
        let name = match (id, name) {
            (ConversationId::Friend(_), Some(name)) => name,
            _ => id.to_string(),
        };
        self.contacts.insert(id, Contact::named(id, name));
        true
    }

    fn is_me(&self, user: u64) -> bool {
        self.me.as_ref().is_some_and(|me| me.id == user)
    }

    /// Puts the list into its order. Nearly sorted lists, the usual case, take one pass.
    fn settle(&mut self) {
        let contacts = &self.contacts;
        if self.order.len() != contacts.len() || !self.order.iter().all(|id| contacts.contains_key(id)) {
            self.order = contacts.keys().copied().collect();
        }
        self.order.sort_by(|a, b| match (contacts.get(a), contacts.get(b)) {
            (Some(a), Some(b)) => a.order(b),
            _ => a.cmp(b),
        });
    }
}

#[cfg(test)]
mod tests;
