//! Friends, requests, rooms.

use uchat_client_core::state::Contact;
use uchat_client_core::{Command, ConversationId, Request};
use uchat_codec::{Dict, Value};

use super::form::name_problem;
use super::order::Order;
use super::{App, Page};

/// How many users a search shows.
const FOUND_USERS: u32 = 20;

impl App {
    /// Accepts, refuses, or decides at the next login.
    pub(super) fn answer(&mut self, user: u64, accept: Option<bool>) {
        let command = match accept {
            Some(accept) => Command::Request(Request::ResolveFriendRequest { requester: user, accept }),
            None => Command::Postpone(user),
        };
        self.command(command);
    }

    /// Asks the server for users whose name begins like this.
    pub(super) fn find_users(&mut self, prefix: &str) {
        self.friend_note.clear();
        self.changes.page = true;
        let prefix = prefix.trim();
        if name_problem(prefix).is_some() {
            self.user_search = None;
            self.found_users.clear();
            if !prefix.is_empty() {
                self.friend_note = self.texts.get(name_problem(prefix).unwrap_or("t-problem-illegal"));
            }
            return;
        }
        let search = self.network.current().map(|client| client.search_users(prefix, FOUND_USERS));
        self.user_search = search.and_then(Result::ok);
    }

    pub(super) fn add_friend(&mut self, name: &str) {
        let name = name.trim();
        self.changes.page = true;
        if let Some(problem) = name_problem(name) {
            self.friend_note = self.texts.get(problem);
            return;
        }
        self.friend_note.clear();
        self.command(Command::Request(Request::AddFriend(name.to_owned())));
    }

    pub(super) fn join_room(&mut self, number: &str) {
        self.changes.page = true;
        self.room_note.clear();
        match number.trim().trim_start_matches('#').parse::<u64>() {
            Ok(room) if self.state.contact(ConversationId::Room(room)).is_some_and(|room| room.listed) => {
                self.open(ConversationId::Room(room));
            }
            Ok(room) => self.command(Command::Request(Request::JoinRoom(room))),
            Err(_) => self.room_note = self.texts.get("t-problem-number"),
        }
    }

    pub(super) fn create_room(&mut self, name: &str) {
        self.changes.page = true;
        self.room_note.clear();
        if name.trim().is_empty() {
            self.room_note = self.texts.get("t-problem-empty");
        } else {
            self.command(Command::Request(Request::CreateRoom(name.trim().to_owned())));
        }
    }

    pub(super) fn delete_friend(&mut self) {
        self.asks_delete = false;
        let open = self.state.open_conversation();
        let name = open.and_then(|id| self.state.contact(id)).map(|contact| contact.name.clone());
        if let (Some(ConversationId::Friend(_)), Some(name)) = (open, name) {
            self.command(Command::Request(Request::DeleteFriend(name)));
            self.command(Command::Close);
            self.page = Page::Chat;
            self.changes.page = true;
            self.changes.head = true;
        }
    }

    /// Shakes the friend's window.
    pub(super) fn nudge(&mut self) {
        let Some(ConversationId::Friend(friend)) = self.state.open_conversation() else { return };
        let mut args = Dict::new();
        args.insert("user", friend);
        let call = self.network.current().map(|client| client.call("uchat.nudge", args.into()));
        self.nudge_call = call.and_then(Result::ok);
    }

    /// A friend wants to be noticed.
    pub(super) fn nudged(&mut self, args: &Value) {
        let friend = args.get("from").and_then(Value::as_u64).map(ConversationId::Friend);
        let Some(contact) = friend.and_then(|id| self.state.contact(id)).filter(|contact| contact.listed)
        else {
            return;
        };
        let name = contact.name.clone();
        let text = self.texts.with("t-nudges-you", &[("name", name.clone().into())]);
        self.orders.push(Order::Shake);
        if self.settings.sound {
            self.orders.push(Order::Beep);
        }
        if self.settings.notify && !self.in_front {
            self.orders.push(Order::Notice(name, text.clone()));
        }
        self.tell(text);
    }

    /// A member of a room: the conversation with a friend, or the way to become one.
    pub(super) fn member(&mut self, id: u64, name: &str) {
        if self.state.me().is_some_and(|me| me.id == id) {
            return;
        }
        if self.page == Page::Details && self.open_room().is_some_and(|room| self.state.owns(room)) {
            return self.go(Page::Member(id));
        }
        if self.state.contact(ConversationId::Friend(id)).is_some_and(|contact| contact.listed) {
            return self.open(ConversationId::Friend(id));
        }
        self.go(Page::New);
        self.orders.push(Order::FindUser(name.to_owned()));
        self.find_users(name);
    }

    /// The contacts that the filter lets through, in their order.
    pub fn listed(&self) -> impl Iterator<Item = &Contact> {
        let wanted = self.filter.trim().to_lowercase();
        self.state.contacts().filter(move |contact| {
            wanted.is_empty()
                || contact.name.to_lowercase().contains(&wanted)
                || matches!(contact.id, ConversationId::Room(room) if wanted.trim_start_matches('#') == room.to_string())
        })
    }
}
