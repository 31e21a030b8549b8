//! Logging in by password and by key.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use support::{House, PASSWORD, by_key, code, is_in, login, opcodes};
use uchat_framework::codec::{Value, opcode};

#[tokio::test]
async fn a_device_that_has_logged_in_by_password_does_so_by_its_key() {
    let house = House::new();
    house.register("ann").await;
    let device = house.strong(1);
    assert_eq!(code(&by_key(&device, "ann").await), "key_refused", "nobody knows it yet");
    assert!(is_in(&login(&device, " Ann ", PASSWORD).await));
    let again = house.strong(1);
    let answers = by_key(&again, "ANN ").await;
    let expected = [opcode::CALL_RESULT, opcode::LOGIN_SUCCESSFUL, opcode::LOGIN_BUNDLE];
    assert_eq!(opcodes(&answers), expected);
    assert_eq!(answers[0].1.get("ok"), Some(&Value::Bool(true)));
    assert_eq!(device.received().await.unwrap(), [(opcode::SERVER_KICK, Value::None)]);
    assert!(device.is_closed() && house.server.online().is_online(1));
}

#[tokio::test]
async fn a_refused_key_tells_nothing_about_who_exists() {
    let house = House::new();
    house.register("ann").await;
    login(&house.strong(1), "ann", PASSWORD).await;
    let strangers = house.strong(2);
    let of_ann = by_key(&strangers, "ann").await;
    assert_eq!(code(&of_ann), "key_refused");
    assert_eq!(of_ann, by_key(&strangers, "nobody").await);
    assert_eq!(of_ann, by_key(&house.classic(), "ann").await, "nothing is proved over classic");
}

#[tokio::test]
async fn a_login_over_classic_leaves_no_key() {
    let house = House::new();
    house.register("ann").await;
    assert!(is_in(&login(&house.classic(), "ann", PASSWORD).await));
    assert_eq!(house.db.users_after("", 1).await.unwrap()[0].device_keys, 0);
}

#[tokio::test]
async fn an_account_has_no_more_keys_than_allowed() {
    let house = House::with(|accounts| accounts.device_keys = 2);
    house.register("ann").await;
    for device in 1..=3 {
        login(&house.strong(device), "ann", PASSWORD).await;
    }
    assert_eq!(house.db.users_after("", 1).await.unwrap()[0].device_keys, 2);
    assert!(is_in(&by_key(&house.strong(3), "ann").await));
}

#[tokio::test]
async fn a_disabled_account_is_told_so_only_to_its_owner() {
    let house = House::new();
    house.register("ann").await;
    login(&house.strong(1), "ann", PASSWORD).await;
    house.db.set_disabled(1, true).await.unwrap();
    let told = login(&house.strong(1), "ann", PASSWORD).await;
    assert_eq!(opcodes(&told), [opcode::GENERAL_FAILURE]);
    assert!(told[0].1.as_str().unwrap().contains("disabled"));
    assert_eq!(code(&by_key(&house.strong(1), "ann").await), "disabled");
    assert_eq!(opcodes(&login(&house.strong(1), "ann", "wrong").await), [opcode::LOGIN_FAILED]);
    assert_eq!(code(&by_key(&house.strong(2), "ann").await), "key_refused");
}

#[tokio::test]
async fn who_guesses_has_to_wait_whether_the_account_exists_or_not_and_a_known_device_never() {
    let house = House::with(|accounts| accounts.first_delay_seconds = 60);
    house.register("ann").await;
    login(&house.strong(1), "ann", PASSWORD).await;
    let guesser = house.classic();
    for name in ["ann", "nobody"] {
        for _ in 0..3 {
            assert_eq!(opcodes(&login(&guesser, name, "wrong").await), [opcode::LOGIN_FAILED]);
        }
    }
    // The right one is not looked at either.
    for (name, password) in [("ann", "wrong"), ("nobody", "wrong"), ("ann", PASSWORD)] {
        let refused = login(&guesser, name, password).await;
        assert_eq!(opcodes(&refused), [opcode::GENERAL_FAILURE]);
        assert!(refused[0].1.as_str().unwrap().contains("too many failed attempts"), "{refused:?}");
    }
    assert!(is_in(&by_key(&house.strong(1), "ann").await));
}

#[tokio::test]
async fn with_a_first_delay_of_zero_nobody_waits() {
    let house = House::with(|accounts| accounts.first_delay_seconds = 0);
    house.register("ann").await;
    for _ in 0..40 {
        assert_eq!(opcodes(&login(&house.classic(), "ann", "wrong").await), [opcode::LOGIN_FAILED]);
    }
    assert!(is_in(&login(&house.classic(), "ann", PASSWORD).await));
}
