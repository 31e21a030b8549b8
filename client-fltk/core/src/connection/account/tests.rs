//! What is logged in with again, and what isn't.

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
