//! What comes from the server.

use uchat_client_core::Event;
use uchat_client_core::state::Link;
use uchat_codec::chat::FoundUser;
use uchat_codec::from_value;

use super::form::FieldName;
use super::{App, Screen, Tone};

impl App {
    pub(super) fn event(&mut self, event: Event) {
        self.before(&event);
        let effects = self.state.update(event.clone());
        let ready = matches!(event, Event::Bundle(_));
        self.follow(effects);
        // Behind the files that came with the messages: what is confirmed is here whole.
        let records = self.disk.record(&event);
        self.after(event);
        if records {
            // The messages come back from the disk with their places.
            self.disk.save_contacts(&self.state);
        }
        self.show_fetched();
        if ready {
            self.ready();
        }
    }

    /// What has to happen before the state knows.
    fn before(&mut self, event: &Event) {
        if let Event::LoggedIn(_) = event {
            self.signed_in();
        }
    }

    fn after(&mut self, event: Event) {
        match event {
            Event::Connected { suite, server_key, .. } => {
                self.suite = Some(suite);
                self.server_key = server_key;
                self.tried = true;
                self.changes.head = true;
                if self.is_signing_in() {
                    self.send_pending();
                }
            }
            Event::Disconnected { reason, .. } => {
                self.suite = None;
                self.tried = true;
                if let uchat_client_core::DisconnectReason::WrongServerKey { found } = reason {
                    self.untrusted = Some(found);
                }
                if self.is_signing_in() {
                    self.sign_in_failed(&reason);
                }
            }
            Event::LoginFailed if self.screen == Screen::Main => {
                let text = self.texts.get("t-login-again");
                self.sign_out(Some(text));
            }
            Event::LoginFailed => self.refuse_field(FieldName::Password, "t-problem-wrong"),
            Event::UsernameTaken => self.refuse_field(FieldName::Username, "t-problem-taken"),
            Event::Registered(_) => self.registered(),
            Event::Failure(text) | Event::Notice(text) if self.is_signing_in() => {
                self.refuse(self.texts.of_server(&text));
            }
            Event::Failure(text) => self.server_says(self.texts.of_server(&text), Tone::Trouble),
            Event::Notice(text) => self.server_says(self.texts.of_notice(&text), Tone::Well),
            Event::SafetyNumber(safety) => self.safety_known(safety),
            Event::KeyChanged { user, name, key } => self.key_changed(user, &name, &key),
            Event::CallAnswer { id, outcome } if self.password.call == Some(id) => {
                self.password_changed(outcome.err().map(|error| (error.code, error.message)));
            }
            Event::FriendRequestResult { ok, text } => {
                self.friend_note =
                    if ok { self.texts.get("t-friend-asked") } else { self.texts.of_server(&text) };
                self.changes.page = true;
            }
            Event::FriendDeleteResult { ok, text } if !ok => {
                self.tell(self.texts.of_server(&text));
            }
            Event::CallAnswer { id, outcome } if self.nudge_call == Some(id) => {
                let (key, tone) = match outcome {
                    Ok(_) => ("t-nudged", Tone::Well),
                    Err(_) => ("t-not-nudged", Tone::Trouble),
                };
                let text = self.texts.with(key, &[("name", self.open_name().unwrap_or_default().into())]);
                self.say(text, tone);
            }
            Event::CallAnswer { id, outcome: Err(error) } if self.recall_call == Some(id) => {
                self.tell(self.texts.of_server(&error.message));
            }
            Event::Named { name, args } if name == "uchat.nudged" => self.nudged(&args),
            Event::RoomChanged(news) => self.room_changed(&news),
            Event::CallAnswer { id, outcome } if self.user_search == Some(id) => {
                let found: Option<Vec<FoundUser>> = outcome.ok().and_then(|value| from_value(value).ok());
                self.found_users = found.unwrap_or_default();
                self.changes.page = true;
            }
            Event::CallAnswer { id, outcome } => {
                if let Some(act) = self.room_call(id) {
                    self.acted(&act, outcome);
                }
            }
            Event::ContactAdded(contact) => self.contact_added(&contact),
            Event::Fetched(fetched) => self.fetched(&fetched),
            _ => {}
        }
    }

    /// A line of the server: where the user has just asked for something, else in the bar.
    fn server_says(&mut self, text: String, tone: Tone) {
        if self.page == super::Page::Details && self.safety.is_none() {
            // The page says already that there is no number to compare.
            return;
        }
        if self.page == super::Page::New {
            self.room_note = text;
            self.changes.page = true;
        } else {
            self.say(text, tone);
        }
    }

    /// The login is complete.
    fn ready(&mut self) {
        self.changes.contacts = true;
        if let Some(open) = self.state.open_conversation() {
            self.show_conversation(open);
            self.ask_members(open);
        }
        self.files_go();
    }

    /// What the bar says about the connection, and the text of its button: `None` when all is well.
    pub fn link_text(&self) -> Option<(String, Option<String>)> {
        let text = |key| self.texts.get(key);
        match self.state.link() {
            Link::Idle | Link::Connected => None,
            // The first moments of a start are no trouble.
            Link::Connecting if !self.tried => None,
            Link::Connecting => Some((text("t-bar-connecting"), None)),
            Link::Kicked => Some((text("t-bar-kicked"), Some(text("t-bar-sign-in")))),
            Link::Disconnected { reason, comes_back: true } => {
                let why = self.reason_text(reason);
                Some((self.texts.with("t-bar-reconnecting", &[("why", why.into())]), Some(text("t-bar-now"))))
            }
            Link::Disconnected { reason, comes_back: false } => {
                Some((self.reason_text(reason), Some(text("t-bar-sign-in"))))
            }
        }
    }

    pub(super) fn bar_action(&mut self) {
        if *self.state.link() == Link::Kicked && self.is_remembered() {
            return self.come_back();
        }
        // Whoever was sent away signs in again: the password was forgotten with the connection.
        if !matches!(self.state.link(), Link::Disconnected { comes_back: true, .. }) {
            let status = self.link_text().map(|(text, _)| text).filter(|_| self.untrusted.is_some());
            return self.sign_out(status);
        }
        if let Some(client) = self.network.current() {
            client.connect();
        }
    }

    /// A friend has come by accepting, a room by joining: show it.
    fn contact_added(&mut self, contact: &uchat_codec::chat::Contact) {
        self.changes.contacts = true;
        if let uchat_codec::chat::Contact::Room(room) = contact
            && self.page == super::Page::New
            && self.state.is_ready()
        {
            self.open(uchat_client_core::ConversationId::Room(room.id));
        }
    }

    pub(super) fn notify(&mut self, id: uchat_client_core::ConversationId) {
        use super::order::Order;
        if self.settings.sound {
            self.orders.push(Order::Beep);
        }
        if self.settings.notify
            && !self.in_front
            && let Some(contact) = self.state.contact(id)
        {
            let text = contact.last.as_ref().map(|last| self.preview(last, id)).unwrap_or_default();
            self.orders.push(Order::Notice(contact.name.clone(), text));
        }
    }
}
