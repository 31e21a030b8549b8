//! Rooms within the state: rules, who is what there, invitations, and who asks to come in.

use uchat_codec::chat::room::{Entry, InvitationTo, RoomDetails, RoomNews, RoomRequest};
use uchat_codec::chat::{Contact, ROOM_JOINED, RoomInfo, RoomJoined};
use uchat_codec::{Value, from_value};

use super::{ConversationId, Effect, State};
use crate::room::RoomAct;
use crate::{Member, Request};

/// A room as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    /// Who is in it.
    pub members: Vec<Member>,
    /// Its rules, where the server has told them.
    pub rules: Option<Rules>,
}

/// The rules of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How one becomes a member.
    pub entry: Entry,
    /// Whether only the owner speaks, and who has a voice.
    pub muted: bool,
}

impl State {
    /// A room as far as it was asked for.
    pub fn room(&self, room: u64) -> Option<&Room> {
        self.rooms.get(&room)
    }

    /// The members of a room as far as they were asked for.
    pub fn members(&self, room: u64) -> Option<&[Member]> {
        self.room(room).map(|room| room.members.as_slice())
    }

    /// Whether the user is known to be the owner of a room.
    pub fn owns(&self, room: u64) -> bool {
        self.myself_in(room).is_some_and(|me| me.owner)
    }

    /// Whether the user is known not to be allowed to speak in a room now.
    pub fn is_silenced(&self, room: u64) -> bool {
        let muted = self.room(room).and_then(|room| room.rules).is_some_and(|rules| rules.muted);
        muted && self.myself_in(room).is_some_and(|me| !me.owner && !me.voice)
    }

    /// Invitations that wait for an answer, the oldest first.
    pub fn invitations(&self) -> &[InvitationTo] {
        &self.invitations
    }

    /// Who wants to come into rooms of the user's, the oldest first.
    pub fn room_requests(&self) -> &[RoomRequest] {
        &self.room_requests
    }

    fn myself_in(&self, room: u64) -> Option<&Member> {
        self.room(room)?.members.iter().find(|member| self.is_me(member.id))
    }

    pub(super) fn room_presence(&mut self, room: u64, user: u64, online: bool) -> Vec<Effect> {
        match self.member_mut(room, user) {
            Some(member) => {
                member.online = online;
                vec![Effect::MembersChanged(room)]
            }
            None => Vec::new(),
        }
    }

    /// Something that the server tells by name.
    pub(super) fn named(&mut self, name: &str, args: Value) -> Vec<Effect> {
        match from_value(args) {
            Ok(RoomJoined { room, user, username }) if name == ROOM_JOINED => {
                self.add_member(room, Member::new(user, username, true))
            }
            _ => Vec::new(),
        }
    }

    /// Members are only kept for rooms in the list, so that a server can't fill memory with rooms. What was known of each
    /// beside the presence stays.
    pub(super) fn take_members(&mut self, room: u64, mut members: Vec<Member>) -> Vec<Effect> {
        if !self.contacts.contains_key(&ConversationId::Room(room)) {
            return Vec::new();
        }
        members.truncate(self.bounds.members);
        let known = self.rooms.entry(room).or_default();
        if known.rules.is_some() {
            for member in &mut members {
                if let Some(before) = known.members.iter().find(|before| before.id == member.id) {
                    (member.owner, member.voice) = (before.owner, before.voice);
                }
            }
        }
        known.members = members;
        vec![Effect::MembersChanged(room)]
    }

    pub(super) fn take_details(&mut self, details: RoomDetails) -> Vec<Effect> {
        let RoomDetails { room, name, entry, muted, members, requests } = details;
        let id = ConversationId::Room(room);
        if !self.contacts.get(&id).is_some_and(|contact| contact.listed) {
            return Vec::new();
        }
        let member = |told: uchat_codec::chat::room::RoomMember| Member {
            owner: told.owner,
            voice: told.voice,
            ..Member::new(told.id, told.username, told.online)
        };
        let members = members.into_iter().take(self.bounds.members).map(member).collect();
        self.rooms.insert(room, Room { members, rules: Some(Rules { entry, muted }) });
        let mut effects = vec![Effect::MembersChanged(room)];
        effects.extend(self.call_room(room, &name));
        let waiting: Vec<_> = self.room_requests.iter().filter(|known| known.room != room).cloned().collect();
        effects.extend(self.take_room_requests(waiting.into_iter().chain(requests).collect()));
        effects
    }

    pub(super) fn room_changed(&mut self, news: RoomNews) -> Vec<Effect> {
        let RoomNews { room, name, event, user, detail, .. } = news;
        let is_me = self.is_me(user);
        let mut effects = vec![Effect::MembersChanged(room)];
        match event.as_str() {
            "closed" => return self.lose_room(room),
            "left" | "removed" if is_me => return self.lose_room(room),
            "left" | "removed" => {
                let found = self.rooms.get_mut(&room);
                let heir = found.and_then(|found| {
                    found.members.retain(|member| member.id != user);
                    found.members.iter().find(|member| member.name == detail).map(|member| member.id)
                });
                effects.extend(heir.into_iter().flat_map(|heir| self.give_to(room, heir)));
            }
            "joined" => {
                effects.extend(self.drop_room_request(room, user));
                if is_me {
                    // Who has taken an invitation learns nowhere else that it came true.
                    let info = RoomInfo::new(room, name.clone());
                    effects.extend(self.take_contact(Contact::Room(info)));
                }
                effects.extend(self.add_member(room, Member::new(user, detail, true)));
            }
            "handed_over" => effects.extend(self.give_to(room, user)),
            "entry" => self.set_rules(room, |rules| rules.entry = entry_of(&detail).unwrap_or(rules.entry)),
            "muted" => self.set_rules(room, |rules| rules.muted = detail == "on"),
            "voice" => {
                if let Some(member) = self.member_mut(room, user) {
                    member.voice = detail == "on";
                }
            }
            _ => {}
        }
        effects.extend(self.call_room(room, &name));
        effects
    }

    /// All of them, as the server knows them.
    pub(super) fn take_invitations(&mut self, mut invitations: Vec<InvitationTo>) -> Vec<Effect> {
        invitations.truncate(self.bounds.requests);
        if self.invitations == invitations {
            return Vec::new();
        }
        self.invitations = invitations;
        vec![Effect::RequestsChanged]
    }

    /// One that is there already is only renewed.
    pub(super) fn take_invitation(&mut self, invitation: InvitationTo) -> Vec<Effect> {
        match self.invitations.iter().position(|known| known.room == invitation.room) {
            Some(at) => self.invitations[at] = invitation,
            None if self.invitations.len() < self.bounds.requests => self.invitations.push(invitation),
            None => return Vec::new(),
        }
        vec![Effect::RequestsChanged]
    }

    /// All of them, as the server knows them.
    pub(super) fn take_room_requests(&mut self, mut requests: Vec<RoomRequest>) -> Vec<Effect> {
        requests.truncate(self.bounds.requests);
        if self.room_requests == requests {
            return Vec::new();
        }
        self.room_requests = requests;
        vec![Effect::RequestsChanged]
    }

    pub(super) fn take_room_request(&mut self, request: RoomRequest) -> Vec<Effect> {
        let is_known =
            self.room_requests.iter().any(|known| (known.room, known.user) == (request.room, request.user));
        if is_known || self.room_requests.len() >= self.bounds.requests {
            return Vec::new();
        }
        self.room_requests.push(request);
        vec![Effect::RequestsChanged]
    }

    pub(super) fn drop_invitation(&mut self, room: u64) -> Vec<Effect> {
        let before = self.invitations.len();
        self.invitations.retain(|known| known.room != room);
        if self.invitations.len() == before { Vec::new() } else { vec![Effect::RequestsChanged] }
    }

    pub(super) fn drop_room_request(&mut self, room: u64, user: u64) -> Vec<Effect> {
        self.drop_room_requests(|known| (known.room, known.user) == (room, user))
    }

    /// The user has done something: what is answered does not wait any more.
    pub(super) fn acted(&mut self, act: &RoomAct) -> Vec<Effect> {
        match act {
            RoomAct::Answer { room, .. } => self.drop_invitation(*room),
            RoomAct::Resolve { room, user, .. } => self.drop_room_request(*room, *user),
            _ => Vec::new(),
        }
    }

    fn drop_room_requests(&mut self, which: impl Fn(&RoomRequest) -> bool) -> Vec<Effect> {
        let before = self.room_requests.len();
        self.room_requests.retain(|known| !which(known));
        if self.room_requests.len() == before { Vec::new() } else { vec![Effect::RequestsChanged] }
    }

    /// The user is no member any more. Messages that are there stay readable.
    fn lose_room(&mut self, room: u64) -> Vec<Effect> {
        self.unlist(ConversationId::Room(room));
        let mut effects = self.drop_room_requests(|known| known.room == room);
        let id = ConversationId::Room(room);
        effects.extend([
            Effect::ContactsChanged,
            Effect::ConversationChanged(id),
            Effect::MembersChanged(room),
        ]);
        effects
    }

    fn give_to(&mut self, room: u64, owner: u64) -> Vec<Effect> {
        for member in self.rooms.get_mut(&room).map(|room| &mut room.members).into_iter().flatten() {
            member.owner = member.id == owner;
            member.voice &= !member.owner;
        }
        if self.is_me(owner) {
            vec![Effect::Request(Request::AskRoomRequests)]
        } else {
            self.drop_room_requests(|known| known.room == room)
        }
    }

    /// A room that is in the list has this name.
    fn call_room(&mut self, room: u64, name: &str) -> Vec<Effect> {
        let id = ConversationId::Room(room);
        match self.contacts.get_mut(&id) {
            Some(contact) if contact.listed && contact.name != name => {
                name.clone_into(&mut contact.name);
                vec![Effect::ContactsChanged, Effect::ConversationChanged(id)]
            }
            _ => Vec::new(),
        }
    }

    fn set_rules(&mut self, room: u64, set: impl FnOnce(&mut Rules)) {
        if let Some(rules) = self.rooms.get_mut(&room).and_then(|room| room.rules.as_mut()) {
            set(rules);
        }
    }

    fn member_mut(&mut self, room: u64, user: u64) -> Option<&mut Member> {
        self.rooms.get_mut(&room)?.members.iter_mut().find(|member| member.id == user)
    }

    fn add_member(&mut self, room: u64, new: Member) -> Vec<Effect> {
        let most = self.bounds.members;
        match self.rooms.get_mut(&room).map(|room| &mut room.members) {
            Some(members) if members.len() < most && members.iter().all(|member| member.id != new.id) => {
                members.push(new);
                vec![Effect::MembersChanged(room)]
            }
            _ => Vec::new(),
        }
    }
}

/// A rule by the word that the wire has for it.
pub fn entry_of(word: &str) -> Option<Entry> {
    match word {
        "open" => Some(Entry::Open),
        "invitation" => Some(Entry::Invitation),
        "approval" => Some(Entry::Approval),
        _ => None,
    }
}

/// The word that the wire has for a rule.
pub fn entry_word(entry: Entry) -> &'static str {
    match entry {
        Entry::Open => "open",
        Entry::Invitation => "invitation",
        Entry::Approval => "approval",
    }
}
