//! Signing in, registering, signing out.

use uchat_client_core::connection::Suite;
use uchat_client_core::{DisconnectReason, Request};

use super::form::{Face, FieldName};
use super::order::{Changes, Order};
use super::{App, Page, Pending, Screen};
use crate::settings::SuiteName;

impl App {
    pub(super) fn typed(&mut self, field: FieldName, value: String) {
        self.form.set(field, value);
        if field == FieldName::Server {
            (self.untrusted, self.trusted) = (None, None);
        }
        self.changes.form = true;
    }

    pub(super) fn switch_face(&mut self) {
        self.form.switch();
        self.changes.everything = true;
    }

    pub(super) fn switch_suite(&mut self) {
        let server = self.form.server.clone();
        let suite = match self.settings.suite(&server) {
            SuiteName::Strong => SuiteName::Classic,
            SuiteName::Classic => SuiteName::Strong,
        };
        self.settings.set_suite(&server, suite);
        // The next attempt is a new connection.
        self.network.hang_up();
        self.save_settings();
        self.changes.form = true;
    }

    pub(super) fn submit(&mut self) {
        self.changes.form = true;
        if self.form.busy || !self.form.submit() {
            return;
        }
        self.form.busy = true;
        self.pending = Some(if self.form.face == Face::SignIn { Pending::Login } else { Pending::Register });
        let server = self.form.server.clone();
        let suite = match self.settings.suite(&server) {
            SuiteName::Strong => Suite::Strong { expected: self.trusted },
            SuiteName::Classic => Suite::Classic,
        };
        let connected = self.network.client(&server, suite, None).is_connected();
        if connected {
            self.send_pending();
        }
    }

    /// The connection is there: sends what the form wants.
    pub(super) fn send_pending(&mut self) {
        let request = match self.pending {
            Some(Pending::Register) => Request::Register(self.form.registration()),
            Some(Pending::Login) => {
                Request::Login { username: self.form.username.clone(), password: self.form.password.clone() }
            }
            None => return,
        };
        let sent = self.network.current().map(|client| client.request(&request));
        if let Some(Err(error)) = sent {
            self.refuse(error.to_string());
        }
    }

    /// The account is there: sign in with what was typed.
    pub(super) fn registered(&mut self) {
        if self.pending == Some(Pending::Register) {
            self.pending = Some(Pending::Login);
            self.send_pending();
        }
    }

    /// The server has refused a field.
    pub(super) fn refuse_field(&mut self, field: FieldName, key: &'static str) {
        self.pending = None;
        self.form.busy = false;
        self.form.refused = Some((field, key));
        self.changes.form = true;
    }

    /// The server has refused, or there is none.
    pub(super) fn refuse(&mut self, text: String) {
        self.pending = None;
        self.form.busy = false;
        self.form.status = Some(text);
        self.changes.form = true;
    }

    /// Whether the form waits for an answer.
    pub(super) fn is_signing_in(&self) -> bool {
        self.screen == Screen::SignIn && self.pending.is_some()
    }

    /// The login has worked: to the main window.
    pub(super) fn signed_in(&mut self) {
        if self.screen == Screen::Main {
            return;
        }
        self.settings.server = self.form.server.clone();
        self.settings.username = self.form.username.clone();
        // What proves the account at the next start is the key of this home, which classic knows nothing of.
        let strong = self.settings.suite(&self.form.server) == SuiteName::Strong;
        self.settings.signed_in_at = if strong { self.form.server.clone() } else { String::new() };
        self.disk.open_account(&self.form.server, &self.form.username.to_lowercase());
        self.pending = None;
        (self.untrusted, self.trusted) = (None, None);
        self.enter();
        self.save_settings();
    }

    /// Whether the user was signed in here at the last end, and wants to stay so.
    pub fn is_remembered(&self) -> bool {
        let settings = &self.settings;
        settings.stay_signed_in
            && !settings.username.is_empty()
            && settings.signed_in_at == settings.server
            && settings.suite(&settings.server) == SuiteName::Strong
    }

    /// Signs in without a password whoever was signed in before: contacts and messages are there at once, the server
    /// follows.
    pub fn come_back(&mut self) {
        let (server, username) = (self.settings.server.clone(), self.settings.username.clone());
        if self.screen == Screen::SignIn {
            self.disk.open_account(&server, &username.to_lowercase());
            self.enter();
        }
        // Only over the strong suite does anybody stay signed in.
        self.state.expect_strong();
        self.network.hang_up();
        self.files_wait();
        self.network.client(&server, Suite::Strong { expected: self.trusted }, Some(username));
    }

    /// From the form to the main window.
    fn enter(&mut self) {
        self.form.forget();
        self.screen = Screen::Main;
        self.page = Page::Chat;
        self.notice = None;
        self.changes = Changes::all();
        self.orders.push(Order::Show {
            rows: Vec::new(),
            more_before: false,
            more_after: false,
            names: false,
            unread_from: None,
        });
    }

    pub(super) fn sign_out(&mut self, status: Option<String>) {
        self.keep_unsent();
        self.network.hang_up();
        self.settings.signed_in_at.clear();
        self.disk.close_account();
        self.safety = None;
        self.changed_keys.clear();
        self.state = Self::fresh_state();
        self.drafts.clear();
        self.outbox.clear();
        self.files = super::files::FileDesk::default();
        self.orders.push(Order::ForgetFiles);
        self.found.clear();
        self.found_users.clear();
        self.filter.clear();
        self.notice = None;
        self.suite = None;
        self.screen = Screen::SignIn;
        self.page = Page::Chat;
        self.form.forget();
        self.form.status = status;
        self.changes = Changes::all();
        self.save_settings();
    }

    /// The connection ended while the form waits: says why, at the form.
    pub(super) fn sign_in_failed(&mut self, reason: &DisconnectReason) {
        let text = self.reason_text(reason);
        self.network.hang_up();
        self.refuse(text);
    }

    /// Why there is no connection, in the user's language.
    pub fn reason_text(&self, reason: &DisconnectReason) -> String {
        let key = match reason {
            DisconnectReason::Unreachable(_) => "t-reason-unreachable",
            DisconnectReason::Handshake(_) => "t-reason-handshake",
            DisconnectReason::WrongServerKey { found } => {
                let key = uchat_client_core::event::fingerprint(found);
                return self.texts.with("t-reason-wrong-key", &[("key", key.into())]);
            }
            DisconnectReason::ServerCertificate(why) => {
                return self.texts.with("t-reason-certificate", &[("why", why.clone().into())]);
            }
            DisconnectReason::Refused { code, text } => match code.as_str() {
                "revoked" => "t-reason-revoked",
                "expired" | "not_yet_valid" => "t-reason-expired",
                _ => return self.texts.with("t-reason-refused", &[("why", text.clone().into())]),
            },
            DisconnectReason::Closed | DisconnectReason::Broken(_) => "t-reason-closed",
            DisconnectReason::BadFrame(_) => "t-reason-bad-frame",
            DisconnectReason::Silent => "t-reason-silent",
            DisconnectReason::Kicked => "t-reason-kicked",
            _ => return reason.to_string(),
        };
        self.texts.get(key)
    }
}
