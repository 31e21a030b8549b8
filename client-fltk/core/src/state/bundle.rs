//! What comes at login, and how it meets what is there already.

use std::collections::{HashMap, HashSet};

use uchat_codec::chat::Contact as ContactInfo;

use super::{ConversationId, Effect, Entry, State};
use crate::{Bundle, Request};

impl State {
    /// The bundle says who the contacts are. Its messages are merged with those that are there: after a reconnect
    /// the server sends again what was delivered before, and that must not show twice.
    pub(super) fn take_bundle(&mut self, bundle: Bundle) -> Vec<Effect> {
        let Bundle { rooms, friends, messages, standings, .. } = bundle;
        let listed: HashSet<ConversationId> = rooms
            .iter()
            .map(|room| ConversationId::Room(room.id))
            .chain(friends.iter().map(|friend| ConversationId::Friend(friend.id)))
            .collect();
        let gone: Vec<_> = self.contacts.keys().copied().filter(|id| !listed.contains(id)).collect();
        for id in gone {
            self.unlist(id);
        }
        for friend in friends {
            self.take_contact(ContactInfo::Friend(friend));
        }
        for room in rooms {
            self.take_contact(ContactInfo::Room(room));
        }
        let mut effects = vec![Effect::LinkChanged, Effect::ContactsChanged, Effect::RequestsChanged];
        let mut conversations: HashMap<ConversationId, Vec<(Entry, bool)>> = HashMap::new();
        for arrived in messages {
            let (message, sent) = (&arrived.message, arrived.seen);
            let Some(id) = ConversationId::of(message) else { continue };
            let name = (!self.is_me(message.sender_id)).then(|| message.sender_name.clone());
            if !self.make_place(id, name) {
                continue;
            }
            let is_own = self.is_me(message.sender_id);
            // Only what is new here can be a message of ours that was on its way when the connection broke.
            let lost =
                (is_own && self.outgoing().next().is_some()).then(|| (message.message.clone(), message.time));
            let (entry, file) = Entry::of_arrived(arrived);
            if let Some((value, time)) = lost
                && !self.histories.get(&id).is_some_and(|history| history.holds(&entry))
            {
                effects.extend(self.confirm(id, &value, time));
            }
            if let Some((attachment, data)) = file {
                effects.push(Effect::SaveFile { name: attachment.file_name(), data });
            }
            conversations.entry(id).or_default().push((entry, sent));
        }
        for (id, entries) in conversations {
            self.merge(id, entries);
        }
        effects.extend(self.take_standings(standings));
        self.ready = true;
        if self.strong {
            // The bundle has no place for them.
            effects.extend([Request::AskInvitations, Request::AskRoomRequests].map(Effect::Request));
        }
        effects.extend(self.send_again());
        effects
    }

    fn merge(&mut self, id: ConversationId, entries: Vec<(Entry, bool)>) {
        let added = self.histories.entry(id).or_default().merge(entries);
        let unread = added.iter().filter(|(sender, sent)| !sent && !self.is_me(*sender)).count() as u64;
        if self.open != Some(id)
            && let Some(contact) = self.contacts.get_mut(&id)
        {
            contact.unread += unread;
        }
        self.refresh(id);
    }
}
