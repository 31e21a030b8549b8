//! Friends, requests and presence within the state.

use uchat_codec::chat::{Contact as ContactInfo, UserInfo};

use super::{Contact, ConversationId, Effect, State};

impl State {
    /// A new friend or room, or news about a known one; its messages and counts stay.
    pub(super) fn take_contact(&mut self, info: ContactInfo) -> Vec<Effect> {
        let (id, effects) = match &info {
            ContactInfo::Friend(friend) => (ConversationId::Friend(friend.id), self.drop_request(friend.id)),
            ContactInfo::Room(room) => (ConversationId::Room(room.id), self.drop_invitation(room.id)),
        };
        if !self.contacts.contains_key(&id) && self.contacts.len() >= self.bounds.contacts {
            return effects;
        }
        let contact = self.contacts.entry(id).or_insert_with(|| Contact::named(id, String::new()));
        contact.listed = true;
        match info {
            ContactInfo::Friend(friend) => {
                contact.name = friend.username;
                contact.ip = friend.ip;
                contact.port = friend.port;
                contact.online = friend.online;
            }
            ContactInfo::Room(room) => contact.name = room.room_name,
        }
        [effects, vec![Effect::ContactsChanged, Effect::ConversationChanged(id)]].concat()
    }

    /// A friendship has ended. Messages that are there stay readable; a room with the same number is another thing.
    pub(super) fn drop_friend(&mut self, user: u64) -> Vec<Effect> {
        self.unlist(ConversationId::Friend(user));
        vec![Effect::ContactsChanged, Effect::ConversationChanged(ConversationId::Friend(user))]
    }

    /// Takes a contact from the list, and altogether when there are no messages with it and nobody looks at it.
    pub(super) fn unlist(&mut self, id: ConversationId) {
        if !self.histories.contains_key(&id) && self.open != Some(id) {
            self.contacts.remove(&id);
        } else if let Some(contact) = self.contacts.get_mut(&id) {
            contact.listed = false;
            contact.online = matches!(id, ConversationId::Room(_));
        }
        if let ConversationId::Room(room) = id {
            self.rooms.remove(&room);
        }
    }

    /// Nobody looks at the open conversation any more: one that was kept only for that goes.
    pub(super) fn look_away(&mut self) {
        if let Some(id) = self.open.take()
            && self.contacts.get(&id).is_some_and(|contact| !contact.listed)
            && !self.histories.contains_key(&id)
        {
            self.contacts.remove(&id);
        }
    }

    pub(super) fn presence(&mut self, user: u64, online: bool) -> Vec<Effect> {
        match self.contacts.get_mut(&ConversationId::Friend(user)) {
            Some(contact) if contact.listed => {
                contact.online = online;
                vec![Effect::ContactsChanged]
            }
            _ => Vec::new(),
        }
    }

    /// A request that is there already is only renewed.
    pub(super) fn take_request(&mut self, user: UserInfo) -> Vec<Effect> {
        match self.requests.iter().position(|known| known.id == user.id) {
            Some(at) => self.requests[at] = user,
            None if self.requests.len() < self.bounds.requests => self.requests.push(user),
            None => return Vec::new(),
        }
        vec![Effect::RequestsChanged]
    }

    pub(super) fn drop_request(&mut self, requester: u64) -> Vec<Effect> {
        let before = self.requests.len();
        self.requests.retain(|user| user.id != requester);
        if self.requests.len() == before { Vec::new() } else { vec![Effect::RequestsChanged] }
    }
}
