//! Which account the client is logged in with, so that it can log in again by itself.

use std::collections::VecDeque;

use crate::request::Registration;
use crate::{Event, Request, Secret};

/// Attempts that the server has not answered; older ones are forgotten.
const MAX_PENDING: usize = 16;

/// Follows requests and answers. Passwords are wiped when forgotten.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Logins on their way, the oldest first.
    pending: VecDeque<Credentials>,
    /// What logged in last, and would again.
    kept: Option<Credentials>,
    /// Whether this connection has seen a login that worked.
    logged_in: bool,
    /// Registrations on their way: name and e-mail.
    registering: VecDeque<(String, String)>,
}

#[derive(Clone, Debug)]
struct Credentials {
    username: String,
    password: Secret,
}

/// What has to be done after an event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Consequence {
    Nothing,
    /// Write the certificate of a new account.
    RememberRegistration {
        username: String,
        email: String,
    },
    /// Don't come back: somebody else is using the account.
    StayAway,
}

impl Account {
    /// A request is on its way.
    pub(super) fn requested(&mut self, request: &Request) {
        match request {
            Request::Login { username, password } => {
                push(
                    &mut self.pending,
                    Credentials { username: username.clone(), password: password.clone() },
                );
            }
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
                if !self.logged_in {
                    self.kept = None;
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

    /// A connection has ended.
    pub(super) fn disconnected(&mut self) {
        self.pending.clear();
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

    /// The request that logs in again.
    pub(super) fn login_again(&self) -> Option<Request> {
        let Credentials { username, password } = self.kept.clone()?;
        Some(Request::Login { username, password })
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
mod tests {
    use uchat_codec::chat::UserInfo;

    use super::*;

    fn login(username: &str, password: &str) -> Request {
        Request::Login { username: username.into(), password: password.into() }
    }

    fn logged_in(username: &str) -> Event {
        Event::LoggedIn(UserInfo { username: username.into(), ..UserInfo::default() })
    }

    #[test]
    fn the_login_that_worked_is_repeated_not_the_one_that_failed() {
        let mut account = Account::default();
        account.requested(&login(" Ann ", "wrong"));
        account.requested(&login(" Ann ", "right"));
        account.heard(&Event::LoginFailed);
        account.heard(&logged_in("ann"));
        assert_eq!(account.login_again(), Some(login(" Ann ", "right")));
    }

    #[test]
    fn a_login_that_fails_after_a_reconnect_is_not_tried_for_ever() {
        let mut account = Account::default();
        account.requested(&login("ann", "old"));
        account.heard(&logged_in("ann"));
        account.disconnected();
        let again = account.login_again().unwrap();
        account.requested(&again);
        account.heard(&Event::LoginFailed);
        assert_eq!(account.login_again(), None);
    }

    #[test]
    fn a_wrong_second_login_does_not_forget_the_first() {
        let mut account = Account::default();
        account.requested(&login("ann", "pw"));
        account.heard(&logged_in("ann"));
        account.requested(&login("bob", "wrong"));
        account.heard(&Event::LoginFailed);
        assert_eq!(account.login_again(), Some(login("ann", "pw")));
    }

    #[test]
    fn after_a_kick_nothing_is_kept() {
        let mut account = Account::default();
        account.requested(&login("ann", "pw"));
        account.heard(&logged_in("ann"));
        assert_eq!(account.heard(&Event::Kicked), Consequence::StayAway);
        assert_eq!(account.login_again(), None);
    }

    #[test]
    fn only_a_registration_that_worked_changes_the_certificate() {
        let mut account = Account::default();
        account.requested(&Request::Register(Registration::new("taken", "pw", "t@x.cn")));
        account.requested(&Request::Register(Registration::new("Ann", "pw", "a@x.cn")));
        assert_eq!(account.heard(&Event::UsernameTaken), Consequence::Nothing);
        let expected = Consequence::RememberRegistration { username: "ann".into(), email: "a@x.cn".into() };
        assert_eq!(account.heard(&Event::Registered(1)), expected);
    }
}
