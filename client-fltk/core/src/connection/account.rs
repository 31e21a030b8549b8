//! Which account the client is logged in with, so that it can log in again by itself.

use std::collections::VecDeque;

use uchat_codec::Value;
use uchat_codec::chat::CallError;

use crate::request::{KEY_LOGIN_CALL, Registration};
use crate::{Event, Request, Secret};

/// Attempts that the server has not answered; older ones are forgotten.
const MAX_PENDING: usize = 16;

/// Follows requests and answers. Passwords are wiped when forgotten.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Logins on their way, the oldest first.
    pending: VecDeque<Credentials>,
    /// The same for logins by key: the names.
    by_key: VecDeque<String>,
    /// What logged in last, and would again.
    kept: Option<Credentials>,
    /// New passwords on their way, by the number of the call.
    changing: VecDeque<(u64, Secret)>,
    /// Whether this connection has seen a login that worked.
    logged_in: bool,
    /// Registrations on their way: name and e-mail.
    registering: VecDeque<(String, String)>,
}

#[derive(Clone, Debug)]
struct Credentials {
    username: String,
    /// None for an account that has only logged in by key.
    password: Option<Secret>,
}

impl Credentials {
    fn are_of(&self, username: &str) -> bool {
        normal(&self.username) == normal(username)
    }
}

/// What has to be done with an event.
#[derive(Debug, PartialEq)]
pub(super) enum Consequence {
    /// Nothing but to tell it.
    Nothing,
    /// Write the certificate of a new account.
    RememberRegistration { username: String, email: String },
    /// Don't come back: somebody else is using the account.
    StayAway,
    /// It is nobody's business but the connection's.
    KeepQuiet,
    /// Tell this in its place.
    Instead(Event),
    /// Ask this instead of telling it.
    Ask(Request),
}

impl Account {
    /// Somebody has logged in from here before and wants to do so again, by key.
    pub(super) fn remember(&mut self, username: &str) {
        self.kept = Some(Credentials { username: username.to_owned(), password: None });
    }

    /// A request is on its way.
    pub(super) fn requested(&mut self, request: &Request) {
        match request {
            Request::Login { username, password } => {
                let credentials =
                    Credentials { username: username.clone(), password: Some(password.clone()) };
                push(&mut self.pending, credentials);
            }
            Request::LoginWithKey { username } => push(&mut self.by_key, username.clone()),
            Request::ChangePassword { id, new, .. } => push(&mut self.changing, (*id, new.clone())),
            Request::Register(Registration { username, email, .. }) => {
                push(&mut self.registering, (normal(username), email.clone()));
            }
            _ => {}
        }
    }

    /// The server has spoken.
    pub(super) fn heard(&mut self, event: &Event) -> Consequence {
        match event {
            Event::LoggedIn(user) => {
                // Attempts before the one that worked were answered with something else than a failed login.
                let found = self.pending.iter().position(|tried| normal(&tried.username) == user.username);
                if let Some(at) = found {
                    self.kept = self.pending.drain(..=at).next_back();
                }
                self.logged_in = true;
            }
            Event::LoginFailed => {
                self.pending.pop_front();
                self.refused();
            }
            Event::CallAnswer { id: KEY_LOGIN_CALL, outcome } => return self.key_answered(outcome),
            Event::CallAnswer { id, outcome } => {
                let asked = self.changing.iter().position(|(call, _)| call == id);
                let new = asked.and_then(|at| self.changing.remove(at)).filter(|_| outcome.is_ok());
                if let (Some((_, new)), Some(kept)) = (new, &mut self.kept) {
                    kept.password = Some(new);
                }
            }
            Event::Registered(_) => {
                if let Some((username, email)) = self.registering.pop_front() {
                    return Consequence::RememberRegistration { username, email };
                }
            }
            Event::UsernameTaken => drop(self.registering.pop_front()),
            Event::Kicked => {
                self.forget();
                return Consequence::StayAway;
            }
            _ => {}
        }
        Consequence::Nothing
    }

    /// The server has taken the key of this home, or hasn't.
    fn key_answered(&mut self, outcome: &Result<Value, CallError>) -> Consequence {
        let Some(username) = self.by_key.pop_front() else { return Consequence::Nothing };
        let kept = self.kept.take_if(|kept| kept.are_of(&username));
        match (outcome, kept) {
            (Ok(_), kept) => {
                self.kept = kept.or(Some(Credentials { username, password: None }));
                Consequence::KeepQuiet
            }
            (Err(_), Some(Credentials { username, password: Some(password) })) => {
                Consequence::Ask(Request::Login { username, password })
            }
            (Err(error), _) => {
                self.refused();
                Consequence::Instead(match error.code.as_str() {
                    "key_refused" | "unknown_operation" => Event::LoginFailed,
                    _ => Event::Failure(error.message.clone()),
                })
            }
        }
    }

    /// What did not let anybody in on this connection is not tried on the next one.
    fn refused(&mut self) {
        if !self.logged_in {
            self.kept = None;
        }
    }

    /// A connection has ended.
    pub(super) fn disconnected(&mut self) {
        self.pending.clear();
        self.by_key.clear();
        self.changing.clear();
        self.registering.clear();
        self.logged_in = false;
    }

    /// Nothing is to be done by itself any more.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The name of the account, for the certificate to present.
    pub(super) fn name(&self) -> Option<String> {
        self.kept.as_ref().map(|kept| normal(&kept.username))
    }

    /// The request that logs in again: by key where the connection proves it.
    pub(super) fn login_again(&self, strong: bool) -> Option<Request> {
        let Credentials { username, password } = self.kept.clone()?;
        if strong {
            return Some(Request::LoginWithKey { username });
        }
        password.map(|password| Request::Login { username, password })
    }
}

/// The server takes names this way.
fn normal(name: &str) -> String {
    name.trim().to_lowercase()
}

fn push<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() == MAX_PENDING {
        queue.pop_front();
    }
    queue.push_back(item);
}

#[cfg(test)]
mod tests;
