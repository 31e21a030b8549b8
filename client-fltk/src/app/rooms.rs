//! What is done with rooms: invitations, requests to come in, the pages of a room.

use uchat_client_core::{Command, ConversationId, Member, Request, RoomAct};
use uchat_codec::chat::CallError;
use uchat_codec::chat::room::{Entry, RoomNews};
use uchat_codec::{SuiteName, Value};

use super::order::Order;
use super::{App, Page};

/// Older calls that are still without an answer are forgotten: their outcome shows in the room.
const MOST_CALLS: usize = 16;

/// What the user wants of a room.
#[derive(Clone, Debug)]
pub enum RoomMsg {
    /// Accept an invitation into this room, refuse it (`Some`), or decide later.
    Invitation(u64, Option<bool>),
    /// The same about a user who wants to come into a room of ours: room, user.
    Request(u64, u64, Option<bool>),
    /// Do it with the open room.
    Do(Deed),
    /// Ask first whether it is really meant.
    Ask(Deed),
    /// The answer to that question.
    Meant(bool),
    /// What the list of friends to invite is searched for.
    Filter(String),
}

/// Something that can be done with the open room; about a member, with the one whose page is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Leave it.
    Leave,
    /// End it for all.
    Close,
    /// Put the member out.
    Remove,
    /// Make the member the owner.
    HandOver,
    /// Give the member a voice, or take it back.
    Voice,
    /// Another name.
    Rename(String),
    /// How one comes in.
    Entry(Entry),
    /// Whether only the owner speaks, and who has a voice.
    Muted(bool),
    /// Invite this friend.
    Invite(u64),
}

/// What the pages of a room show besides the room.
#[derive(Debug, Default)]
pub struct RoomDesk {
    /// What waits for the word that it is really meant.
    pub asks: Option<Deed>,
    /// What came of the last thing that was done.
    pub note: String,
    /// What the list of friends to invite is searched for.
    pub filter: String,
    /// What was asked of the server, by the number of the call.
    calls: Vec<(u64, RoomAct)>,
}

impl App {
    pub(super) fn room_msg(&mut self, msg: RoomMsg) {
        match msg {
            RoomMsg::Invitation(room, Some(accept)) => self.act(RoomAct::Answer { room, accept }),
            RoomMsg::Invitation(room, None) => self.command(Command::PostponeInvitation(room)),
            RoomMsg::Request(room, user, Some(accept)) => self.act(RoomAct::Resolve { room, user, accept }),
            RoomMsg::Request(room, user, None) => self.command(Command::PostponeRoomRequest { room, user }),
            RoomMsg::Do(deed) => self.deed(&deed),
            RoomMsg::Ask(deed) => self.desk.asks = Some(deed),
            RoomMsg::Meant(meant) => {
                if let Some(deed) = self.desk.asks.take().filter(|_| meant) {
                    self.deed(&deed);
                }
            }
            RoomMsg::Filter(text) => self.desk.filter = text,
        }
        self.changes.page = true;
    }

    fn deed(&mut self, deed: &Deed) {
        let Some(room) = self.open_room() else { return };
        let member = self.shown_member().map(|member| (member.id, member.voice));
        let act = match (deed, member) {
            (Deed::Leave, _) => RoomAct::Leave { room },
            (Deed::Close, _) => RoomAct::Close { room },
            (Deed::Rename(name), _) if name.trim().is_empty() => {
                self.desk.note = self.texts.get("t-said-room-empty");
                return;
            }
            (Deed::Rename(name), _) => RoomAct::Rename { room, name: name.trim().to_owned() },
            (Deed::Entry(entry), _) => RoomAct::SetEntry { room, entry: *entry },
            (Deed::Muted(muted), _) => RoomAct::SetMuted { room, muted: *muted },
            (Deed::Invite(user), _) => RoomAct::Invite { room, user: *user },
            (Deed::Remove, Some((user, _))) => RoomAct::Remove { room, user },
            (Deed::HandOver, Some((user, _))) => RoomAct::HandOver { room, user },
            (Deed::Voice, Some((user, voice))) => RoomAct::SetVoice { room, user, voice: !voice },
            (Deed::Remove | Deed::HandOver | Deed::Voice, None) => return,
        };
        self.act(act);
    }

    fn act(&mut self, act: RoomAct) {
        self.desk.note.clear();
        let Some(id) = self.network.current().map(uchat_client_core::Client::next_call) else { return };
        if self.desk.calls.len() == MOST_CALLS {
            self.desk.calls.remove(0);
        }
        self.desk.calls.push((id, act.clone()));
        self.command(Command::Request(Request::Room { id, act }));
    }

    /// What was done with a room, if this is the number of the call that did it.
    pub(super) fn room_call(&mut self, id: u64) -> Option<RoomAct> {
        let at = self.desk.calls.iter().position(|(call, _)| *call == id)?;
        Some(self.desk.calls.remove(at).1)
    }

    /// The server has done it, or not.
    pub(super) fn acted(&mut self, act: &RoomAct, outcome: Result<Value, CallError>) {
        self.changes.page = true;
        if let Err(error) = outcome {
            let text = self.texts.of_server(&error.message);
            // The card was taken away when it was answered; perhaps it still stands.
            match act {
                RoomAct::Answer { .. } => self.command(Command::Request(Request::AskInvitations)),
                RoomAct::Resolve { .. } => self.command(Command::Request(Request::AskRoomRequests)),
                _ => {}
            }
            return self.room_says(text);
        }
        let is_open = self.open_room() == Some(act.room());
        match act {
            RoomAct::Leave { .. } if is_open => {
                self.command(Command::Close);
                self.show_chat();
            }
            RoomAct::Remove { .. } | RoomAct::HandOver { .. } if is_open => self.go(Page::Details),
            RoomAct::Answer { room, accept: true } => self.open(ConversationId::Room(*room)),
            RoomAct::Invite { user, .. } => {
                let friend = self.state.contact(ConversationId::Friend(*user));
                let name = friend.map(|friend| friend.name.clone()).unwrap_or_default();
                self.desk.note = self.texts.with("t-invited", &[("name", name.into())]);
            }
            _ => {}
        }
    }

    /// Where the user looks: on the page, else in the bar.
    fn room_says(&mut self, text: String) {
        if self.is_room_page() {
            self.desk.note = text;
        } else {
            self.tell(text);
        }
    }

    /// A room has changed, and the state knows it already.
    pub(super) fn room_changed(&mut self, news: &RoomNews) {
        let me = self.state.me().map(|me| me.id);
        let key = match news.event.as_str() {
            "closed" if Some(news.actor) != me => Some("t-room-was-closed"),
            "removed" if Some(news.user) == me => Some("t-room-removed-you"),
            "handed_over" if Some(news.user) == me => Some("t-room-is-yours"),
            _ => None,
        };
        if let Some(key) = key {
            let text = self.texts.with(key, &[("room", news.name.clone().into())]);
            self.tell(text);
        }
        (self.changes.contacts, self.changes.head, self.changes.page) = (true, true, true);
        if self.open_room() != Some(news.room) || !self.is_room_page() {
            return;
        }
        let gone = !self.is_in_room(news.room);
        let allowed = match self.page {
            Page::Rules => self.state.owns(news.room),
            Page::Member(_) => self.state.owns(news.room) && self.shown_member().is_some(),
            _ => true,
        };
        if gone {
            self.show_chat();
        } else if !allowed {
            self.go(Page::Details);
        }
    }

    fn show_chat(&mut self) {
        self.page = Page::Chat;
        self.desk.asks = None;
        (self.changes.contacts, self.changes.head, self.changes.page) = (true, true, true);
        if self.state.open_conversation().is_some() {
            self.orders.push(Order::FocusMessage);
        }
    }

    /// Asks who is in a room and what its rules are; the existing server knows only the first.
    pub(super) fn ask_members(&mut self, id: ConversationId) {
        if let ConversationId::Room(room) = id
            && self.state.is_ready()
            && self.is_in_room(room)
        {
            let strong = self.suite == Some(SuiteName::Strong);
            let request = if strong { Request::AskRoom(room) } else { Request::QueryRoomUsers(room) };
            self.command(Command::Request(request));
        }
    }

    /// Whether the user is a member of this room.
    fn is_in_room(&self, room: u64) -> bool {
        self.state.contact(ConversationId::Room(room)).is_some_and(|contact| contact.listed)
    }

    /// Whether a page about the open room is shown.
    fn is_room_page(&self) -> bool {
        matches!(self.page, Page::Details | Page::Rules | Page::Invite | Page::Member(_))
            && self.open_room().is_some()
    }

    /// The number of the open room.
    pub fn open_room(&self) -> Option<u64> {
        match self.state.open_conversation() {
            Some(ConversationId::Room(room)) => Some(room),
            _ => None,
        }
    }

    /// The member whose page is shown.
    pub fn shown_member(&self) -> Option<&Member> {
        let Page::Member(shown) = self.page else { return None };
        self.state.members(self.open_room()?)?.iter().find(|member| member.id == shown)
    }

    /// Why nothing can be written into the open conversation, if that is so.
    pub fn closed_reason(&self) -> Option<String> {
        let room = self.open_room()?;
        if !self.is_in_room(room) && self.state.is_ready() {
            return Some(self.texts.get("t-closed-left"));
        }
        self.state.is_silenced(room).then(|| self.texts.get("t-closed-muted"))
    }

    /// Friends who could be invited into the open room, as far as they fit what is searched for.
    pub fn to_invite(&self) -> Vec<(u64, String, bool)> {
        let members = self.open_room().and_then(|room| self.state.members(room)).unwrap_or_default();
        let inside: std::collections::HashSet<u64> = members.iter().map(|member| member.id).collect();
        let wanted = self.desk.filter.trim().to_lowercase();
        let friend = |contact: &uchat_client_core::state::Contact| match contact.id {
            ConversationId::Friend(id) if !inside.contains(&id) && contact.name.contains(&wanted) => {
                Some((id, contact.name.clone(), contact.online))
            }
            _ => None,
        };
        self.state.contacts().filter_map(friend).collect()
    }
}
