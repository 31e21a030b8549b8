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
        assert_eq!(account.login_again(false), Some(login(" Ann ", "right")));
    }

    #[test]
    fn a_login_that_fails_after_a_reconnect_is_not_tried_for_ever() {
        let mut account = Account::default();
        account.requested(&login("ann", "old"));
        account.heard(&logged_in("ann"));
        account.disconnected();
        let again = account.login_again(false).unwrap();
        account.requested(&again);
        account.heard(&Event::LoginFailed);
        assert_eq!(account.login_again(false), None);
    }

    #[test]
    fn a_wrong_second_login_does_not_forget_the_first() {
        let mut account = Account::default();
        account.requested(&login("ann", "pw"));
        account.heard(&logged_in("ann"));
        account.requested(&login("bob", "wrong"));
        account.heard(&Event::LoginFailed);
        assert_eq!(account.login_again(false), Some(login("ann", "pw")));
    }

    #[test]
    fn after_a_kick_nothing_is_kept() {
        let mut account = Account::default();
        account.requested(&login("ann", "pw"));
        account.heard(&logged_in("ann"));
        assert_eq!(account.heard(&Event::Kicked), Consequence::StayAway);
        assert_eq!(account.login_again(false), None);
    }

    fn answer(outcome: Result<(), &str>) -> Event {
        let error = |code: &str| CallError { code: code.into(), message: "the server's words".into() };
        Event::CallAnswer { id: KEY_LOGIN_CALL, outcome: outcome.map(|()| true.into()).map_err(error) }
    }

    #[test]
    fn where_the_key_does_not_open_the_password_is_tried() {
        let mut account = Account::default();
        account.requested(&login("Ann", "pw"));
        account.heard(&logged_in("ann"));
        account.disconnected();
        let by_key = account.login_again(true).unwrap();
        assert_eq!(by_key, Request::LoginWithKey { username: "Ann".into() });
        account.requested(&by_key);
        assert_eq!(account.heard(&answer(Err("key_refused"))), Consequence::Ask(login("Ann", "pw")));
        account.requested(&login("Ann", "pw"));
        account.heard(&logged_in("ann"));
        assert_eq!(account.login_again(false), Some(login("Ann", "pw")), "it is kept for the next time");
    }

    #[test]
    fn a_login_by_key_keeps_the_password_and_is_not_told() {
        let mut account = Account::default();
        account.requested(&login("ann", "pw"));
        account.heard(&logged_in("ann"));
        account.disconnected();
        account.requested(&account.login_again(true).unwrap());
        assert_eq!(account.heard(&answer(Ok(()))), Consequence::KeepQuiet);
        account.heard(&logged_in("ann"));
        assert_eq!(account.login_again(false), Some(login("ann", "pw")));
    }

    #[test]
    fn without_a_password_a_refused_key_is_a_failed_login_and_not_tried_again() {
        let failure = Event::Failure("the server's words".into());
        for (code, told) in [("key_refused", Event::LoginFailed), ("disabled", failure)] {
            let mut account = Account::default();
            account.remember("ann");
            account.requested(&account.login_again(true).unwrap());
            assert_eq!(account.heard(&answer(Err(code))), Consequence::Instead(told));
            assert_eq!(account.login_again(true), None);
        }
    }

    #[test]
    fn a_password_that_was_changed_is_the_one_to_come_back_with() {
        let mut account = Account::default();
        account.requested(&login("ann", "old"));
        account.heard(&logged_in("ann"));
        for (id, outcome, kept) in [(5, Err("wrong_password"), "old"), (6, Ok(()), "new")] {
            account.requested(&Request::ChangePassword { id, old: "old".into(), new: "new".into() });
            let Event::CallAnswer { outcome, .. } = answer(outcome) else { unreachable!("made so") };
            assert_eq!(account.heard(&Event::CallAnswer { id, outcome }), Consequence::Nothing);
            assert_eq!(account.login_again(false), Some(login("ann", kept)));
        }
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
