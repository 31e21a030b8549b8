//! Whose key is whose: a server that shows another key, the safety number of a friend, the own password.

use uchat_client_core::event::fingerprint;
use uchat_client_core::{ConversationId, Safety, Secret};
use uchat_codec::SuiteName;

use super::{App, Page};

/// The dialogue about a new password.
#[derive(Clone, Debug, Default)]
pub struct PasswordForm {
    /// What came of the last attempt, in words, and whether it worked.
    pub note: Option<(String, bool)>,
    /// The call that has no answer yet.
    pub(super) call: Option<u64>,
}

impl PasswordForm {
    /// Whether an answer is being waited for.
    pub fn busy(&self) -> bool {
        self.call.is_some()
    }
}

impl App {
    /// The operator of the server has confirmed its new key: signs in with it.
    pub(super) fn trust_server(&mut self) {
        self.trusted = self.untrusted.take();
        self.network.hang_up();
        self.submit();
    }

    /// The friend of the open conversation, if their key can be looked at over this connection.
    pub fn friend_with_key(&self) -> Option<u64> {
        match self.state.open_conversation() {
            Some(ConversationId::Friend(friend)) if self.suite == Some(SuiteName::Strong) => Some(friend),
            _ => None,
        }
    }

    /// Asks for the safety number of the open conversation's friend.
    pub(super) fn ask_safety(&mut self) {
        let Some(friend) = self.friend_with_key().filter(|_| self.state.is_ready()) else { return };
        if self.safety.as_ref().is_some_and(|safety| safety.user != friend) {
            self.safety = None;
        }
        if let Some(client) = self.network.current() {
            // When it can't be asked now, the page says that there is no number.
            let _ = client.ask_safety_number(friend);
        }
    }

    pub(super) fn safety_known(&mut self, safety: Safety) {
        if safety.verified {
            self.changed_keys.remove(&safety.user);
        }
        self.safety = Some(safety);
        (self.changes.page, self.changes.head) = (true, true);
    }

    pub(super) fn key_changed(&mut self, user: u64, name: &str, key: &[u8; 32]) {
        self.changed_keys.insert(user, *key);
        let args = [("name", name.into()), ("key", fingerprint(key).into())];
        let text = self.texts.with("t-key-changed", &args);
        self.tell(text);
        (self.changes.page, self.changes.head) = (true, true);
    }

    /// The user has compared the number and found it right.
    pub(super) fn verify(&mut self) {
        if let Some(safety) = &self.safety {
            self.network.verify(safety.user);
        }
    }

    /// Whether the friend's key is another one than that which was compared.
    pub fn has_changed_key(&self, friend: u64) -> bool {
        self.changed_keys.contains_key(&friend)
    }

    pub(super) fn change_password(&mut self, old: Secret, new: Secret, again: &Secret) {
        self.changes.page = true;
        let problem = super::form::password_problem(new.expose());
        let refused = match problem {
            _ if self.password.busy() => return,
            Some(key) => Some(self.texts.get(key)),
            None if new != *again => Some(self.texts.get("t-problem-differs")),
            None => None,
        };
        if let Some(text) = refused {
            self.password.note = Some((text, false));
            return;
        }
        match self.network.current().map(|client| client.change_password(old, new)) {
            Some(Ok(call)) => self.password = PasswordForm { note: None, call: Some(call) },
            Some(Err(error)) => self.password.note = Some((error.to_string(), false)),
            None => {}
        }
    }

    /// The server has answered to a new password.
    pub(super) fn password_changed(&mut self, refused: Option<(String, String)>) {
        let worked = refused.is_none();
        let text = match refused {
            None => self.texts.get("t-password-changed"),
            Some((code, _)) if code == "wrong_password" => self.texts.get("t-password-wrong"),
            Some((code, _)) if code == "too_soon" => self.texts.get("t-password-too-soon"),
            Some((_, message)) => self.texts.of_server(&message),
        };
        self.password = PasswordForm { note: Some((text, worked)), call: None };
        self.changes.page = self.page == Page::Password;
    }
}
