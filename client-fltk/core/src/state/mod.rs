//! What a client knows, as a pure function: an event or a command goes in, effects come out.
//!
//! No network, no disk, no clock in here. The same sequence of inputs always gives the same state.

mod bundle;
mod contact;
mod history;
mod outgoing;
mod people;

use std::collections::HashMap;

use uchat_codec::Value;
use uchat_codec::chat::{NewMessage, UserInfo};

use contact::conversation_of;
pub use contact::{Contact, ConversationId, Preview};
pub use history::{Content, Entry, History};
pub use outgoing::{Outgoing, SendState};

use crate::{DisconnectReason, Event, Member, Request};

/// What can happen to a state.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Something from the connection.
    Event(Event),
    /// Something from the user.
    Command(Command),
}

impl From<Event> for Input {
    fn from(event: Event) -> Self {
        Self::Event(event)
    }
}

impl From<Command> for Input {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}

/// What a user can do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Looks at a conversation: nothing in it is unread any more.
    Open(ConversationId),
    /// Looks at none.
    Close,
    /// Decides about a friend request later: the server brings it again at the next login.
    Postpone(u64),
    /// Asks the server.
    Request(Request),
    /// Shows what is known from an earlier time, before the server has told anything. Nothing happens when somebody is
    /// logged in already.
    Restore {
        /// Whose contacts these are.
        me: UserInfo,
        /// Friends and rooms as they were last.
        contacts: Vec<Contact>,
    },
    /// Sends a message and keeps it in sight until the server has it.
    Send {
        /// The conversation.
        to: ConversationId,
        /// The content, as [`Request::text`] and [`Request::image`] make it.
        message: Value,
        /// Now, in milliseconds since 1970 UTC.
        time: u64,
    },
    /// Sends a failed message again.
    Retry {
        /// [`Outgoing::id`].
        id: u64,
        /// Now, in milliseconds since 1970 UTC.
        time: u64,
    },
    /// Gives up a message that did not get out.
    Discard(u64),
    /// The connection did not take a message.
    NotSent(u64),
}

/// What is to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Hand this to [`Client::request`](crate::Client::request).
    Request(Request),
    /// The same for a message; when it is not taken, say so with [`Command::NotSent`].
    Send {
        /// [`Outgoing::id`].
        id: u64,
        /// The request.
        request: Request,
    },
    /// Own messages of this conversation are sending, sent or failed now.
    OutgoingChanged(ConversationId),
    /// Store the content of an image or a file under this name of ours.
    SaveFile {
        /// [`Attachment::file_name`](crate::attachment::Attachment::file_name).
        name: String,
        /// The content.
        data: bytes::Bytes,
    },
    /// The list of contacts looks different now.
    ContactsChanged,
    /// This conversation has new messages or another name.
    ConversationChanged(ConversationId),
    /// A message of somebody else came while its conversation was not open.
    Notify(ConversationId),
    /// The friend requests are others now.
    RequestsChanged,
    /// The members of this room are others now.
    MembersChanged(u64),
    /// [`State::link`] or [`State::me`] is another now.
    LinkChanged,
}

/// How things are with the server.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Link {
    /// Not begun.
    #[default]
    Idle,
    /// On the way.
    Connecting,
    /// Requests are taken.
    Connected,
    /// No connection; whether it comes back by itself.
    Disconnected {
        /// Why.
        reason: DisconnectReason,
        /// Whether another attempt follows by itself.
        comes_back: bool,
    },
    /// The account is used elsewhere.
    Kicked,
}

/// How much a state may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Messages in one conversation.
    pub messages: usize,
    /// Bytes of messages in one conversation, about. The newest message stays, however long.
    pub history_bytes: usize,
    /// Friends, rooms and people of before, all together.
    pub contacts: usize,
    /// Friend requests.
    pub requests: usize,
    /// Members of one room.
    pub members: usize,
    /// Own messages that the server has not confirmed.
    pub outgoing: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            messages: 5_000,
            history_bytes: 4 * 1024 * 1024,
            contacts: 10_000,
            requests: 1_000,
            members: 10_000,
            outgoing: 200,
        }
    }
}

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
    requests: Vec<UserInfo>,
    rooms: HashMap<u64, Vec<Member>>,
    open: Option<ConversationId>,
    outgoing: Vec<Outgoing>,
    next_outgoing: u64,
}

impl State {
    /// An empty state with these bounds.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
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

    /// The members of a room as far as they were asked for.
    pub fn members(&self, room: u64) -> Option<&[Member]> {
        self.rooms.get(&room).map(Vec::as_slice)
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
                self.open = Some(id);
                match self.contacts.get_mut(&id) {
                    Some(contact) => {
                        contact.unread = 0;
                        vec![Effect::ContactsChanged, Effect::ConversationChanged(id)]
                    }
                    None => vec![Effect::ConversationChanged(id)],
                }
            }
            Command::Close => {
                self.open = None;
                Vec::new()
            }
            Command::Postpone(requester) => self.drop_request(requester),
            Command::Request(request) => {
                let mut effects = match &request {
                    Request::ResolveFriendRequest { requester, .. } => self.drop_request(*requester),
                    _ => Vec::new(),
                };
                effects.push(Effect::Request(request));
                effects
            }
            Command::Restore { me, contacts } => self.restore(me, contacts),
            Command::Send { to, message, time } => self.send(to, message, time),
            Command::Retry { id, time } => self.retry(id, time),
            Command::Discard(id) => self.discard(id),
            Command::NotSent(id) => self.fail(id),
        }
    }

    fn event(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Connecting { .. } => self.set_link(Link::Connecting),
            Event::Connected { .. } => self.set_link(Link::Connected),
            Event::Disconnected { reason, retry_in, .. } => {
                self.ready = false;
                let link = match reason {
                    DisconnectReason::Kicked => Link::Kicked,
                    reason => Link::Disconnected { reason, comes_back: retry_in.is_some() },
                };
                [self.set_link(link), self.fail_all()].concat()
            }
            Event::Kicked => self.set_link(Link::Kicked),
            Event::LoggedIn(user) => self.logged_in(user),
            Event::Bundle(bundle) => self.take_bundle(bundle),
            Event::Message(message) => self.take_message(message),
            Event::FriendRequest(user) => self.take_request(user),
            Event::ContactAdded(contact) => self.take_contact(contact),
            Event::FriendDeleted(user) => self.drop_friend(user.id),
            Event::Presence { user, online } => self.presence(user, online),
            Event::RoomPresence { room, user, online } => self.room_presence(room, user, online),
            Event::RoomUsers { room, members } => self.take_members(room, members),
            Event::Failure(_) => self.fail_oldest(),
            // Only told, not kept.
            Event::LoginFailed
            | Event::Registered(_)
            | Event::UsernameTaken
            | Event::Notice(_)
            | Event::FriendRequestResult { .. }
            | Event::FriendDeleteResult { .. }
            | Event::Echo(_)
            | Event::CallAnswer { .. }
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
            *self = Self { bounds: self.bounds.clone(), link: self.link.clone(), ..Self::default() };
        }
        self.me = Some(user);
        self.ready = false;
        // The server brings every request again that has no answer yet.
        self.requests.clear();
        vec![Effect::LinkChanged, Effect::ContactsChanged, Effect::RequestsChanged]
    }

    fn restore(&mut self, me: UserInfo, contacts: Vec<Contact>) -> Vec<Effect> {
        if self.me.is_some() {
            return Vec::new();
        }
        self.me = Some(me);
        for mut contact in contacts.into_iter().take(self.bounds.contacts) {
            contact.online = matches!(contact.id, ConversationId::Room(_));
            self.contacts.insert(contact.id, contact);
        }
        vec![Effect::LinkChanged, Effect::ContactsChanged]
    }

    fn take_message(&mut self, message: NewMessage) -> Vec<Effect> {
        let Some(id) = conversation_of(&message) else { return Vec::new() };
        let is_own = self.is_me(message.sender_id);
        let name = (!is_own).then(|| message.sender_name.clone());
        if !self.make_place(id, name) {
            return Vec::new();
        }
        let mut effects = vec![Effect::ContactsChanged, Effect::ConversationChanged(id)];
        if is_own {
            effects.extend(self.confirm(id, &message.message, message.time));
        }
        let (entry, file) = Entry::of(message);
        if let Some((attachment, data)) = file {
            effects.push(Effect::SaveFile { name: attachment.file_name(), data });
        }
        self.histories.entry(id).or_default().insert(entry);
        if !is_own && self.open != Some(id) {
            if let Some(contact) = self.contacts.get_mut(&id) {
                contact.unread += 1;
            }
            effects.push(Effect::Notify(id));
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
