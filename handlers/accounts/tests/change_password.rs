//! A new password counts at once, and everywhere.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use support::{Answers, House, PASSWORD, by_key, code, is_in, login, opcodes};
use uchat_framework::codec::chat::ChangePassword;
use uchat_framework::codec::opcode;
use uchat_framework::testkit::TestClient;

async fn change(client: &TestClient, old: &str, new: &str) -> Answers {
    let form = ChangePassword { old: old.into(), new: new.into() };
    client.call("uchat.change_password", &form).await.unwrap()
}

#[tokio::test]
async fn a_new_password_counts_and_only_the_device_that_gave_it_stays_known() {
    let house = House::new();
    house.register("ann").await;
    login(&house.strong(1), "ann", PASSWORD).await;
    let ann = house.strong(2);
    login(&ann, "ann", PASSWORD).await;
    assert_eq!(code(&change(&ann, PASSWORD, "better").await), "");
    assert!(!ann.is_closed(), "the session that changes it goes on");
    assert_eq!(opcodes(&login(&house.strong(3), "ann", PASSWORD).await), [opcode::LOGIN_FAILED]);
    assert_eq!(code(&by_key(&house.strong(1), "ann").await), "key_refused");
    assert!(is_in(&by_key(&house.strong(2), "ann").await));
    assert!(is_in(&login(&house.strong(3), "ann", "better").await));
}

#[tokio::test]
async fn over_classic_no_device_stays_known() {
    let house = House::with(|accounts| accounts.classic_after_strong = true);
    house.register("ann").await;
    login(&house.strong(1), "ann", PASSWORD).await;
    let ann = house.classic();
    login(&ann, "ann", PASSWORD).await;
    assert_eq!(code(&change(&ann, PASSWORD, "better").await), "");
    assert_eq!(code(&by_key(&house.strong(1), "ann").await), "key_refused");
}

#[tokio::test]
async fn a_password_that_is_wrong_or_breaks_the_rules_changes_nothing() {
    let house = House::with(|accounts| accounts.password_min_chars = 4);
    house.register("ann").await;
    let ann = house.strong(1);
    assert_eq!(code(&change(&ann, PASSWORD, "better").await), "not_logged_in");
    login(&ann, "ann", PASSWORD).await;
    for (old, new, why) in [
        (PASSWORD, "", "empty_password"),
        (PASSWORD, "abc", "short_password"),
        (PASSWORD, "abc\ndef", "illegal_password"),
        ("wrong", "better", "wrong_password"),
    ] {
        assert_eq!(code(&change(&ann, old, new).await), why);
    }
    assert!(is_in(&login(&house.strong(1), "ann", PASSWORD).await));
}

#[tokio::test]
async fn an_open_session_is_no_place_to_guess_the_password() {
    let house = House::with(|accounts| accounts.first_delay_seconds = 60);
    house.register("ann").await;
    let ann = house.strong(1);
    login(&ann, "ann", PASSWORD).await;
    for _ in 0..3 {
        assert_eq!(code(&change(&ann, "guess", "better").await), "wrong_password");
    }
    assert_eq!(code(&change(&ann, PASSWORD, "better").await), "too_soon");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_in_with_the_old_password_meanwhile_is_put_out() {
    for _ in 0..10 {
        let house = House::new();
        house.register("ann").await;
        let (owner, thief) = (house.strong(1), house.strong(2));
        login(&owner, "ann", PASSWORD).await;
        // The owner, kicked by the thief, may not hear that it has worked.
        let (_, entered) = tokio::join!(change(&owner, PASSWORD, "better"), login(&thief, "ann", PASSWORD));
        let is_inside = opcodes(&entered).contains(&opcode::LOGIN_SUCCESSFUL) && !thief.is_closed();
        assert!(!is_inside, "{entered:?}");
        assert_eq!(code(&by_key(&house.strong(2), "ann").await), "key_refused");
        assert!(is_in(&login(&house.strong(1), "ann", "better").await));
    }
}
