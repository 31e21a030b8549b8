//! What operators can do, and nobody else.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use serde::Serialize;
use support::{Answers, House, OPERATOR_KEY, PASSWORD, by_key, code, is_in, login, opcodes};
use uchat_framework::codec::chat::Register;
use uchat_framework::codec::chat::operator::{AddUser, ListUsers, ListedUser, SetPassword, UserName};
use uchat_framework::codec::{Value, from_value, opcode};
use uchat_framework::testkit::TestClient;

/// The call `uchat.operator.<name>`.
async fn call<T: Serialize>(client: &TestClient, name: &str, args: &T) -> Answers {
    client.call(&format!("uchat.operator.{name}"), args).await.unwrap()
}

async fn on(client: &TestClient, name: &str, username: &str) -> Answers {
    call(client, name, &UserName { username: username.into() }).await
}

async fn list(operator: &TestClient) -> Vec<ListedUser> {
    let answers = call(operator, "list_users", &ListUsers { after: String::new(), limit: 9 }).await;
    from_value(answers[0].1.get("ok").unwrap().clone()).unwrap()
}

fn newcomer(username: &str, password: &str) -> AddUser {
    let (username, email) = (username.to_owned(), format!("{username}@x.cn"));
    AddUser { username, password: password.into(), email, sex: "保密".into(), age: "保密".into() }
}

#[tokio::test]
async fn an_account_is_made_by_the_rules_of_registration() {
    let house = House::new();
    let operator = house.strong(OPERATOR_KEY[0]);
    assert_eq!(code(&call(&operator, "add_user", &newcomer("Ann", PASSWORD)).await), "");
    assert!(is_in(&login(&house.strong(1), "ann", PASSWORD).await));
    for (name, password, why) in [
        ("ann", PASSWORD, "name_taken"),
        ("a b", PASSWORD, "illegal_name"),
        ("much too long", PASSWORD, "long_name"),
        ("bob", "", "empty_password"),
    ] {
        assert_eq!(code(&call(&operator, "add_user", &newcomer(name, password)).await), why);
    }
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_comes_back_when_enabled() {
    let house = House::new();
    house.register("ann").await;
    let (operator, ann) = (house.strong(OPERATOR_KEY[0]), house.strong(1));
    login(&ann, "ann", PASSWORD).await;
    assert_eq!(code(&on(&operator, "disable_user", " Ann ").await), "");
    assert_eq!(opcodes(&ann.received().await.unwrap()), [opcode::GENERAL_FAILURE, opcode::SERVER_KICK]);
    assert!(ann.is_closed() && !house.server.online().is_online(1));
    assert_eq!(code(&by_key(&house.strong(1), "ann").await), "disabled");
    assert!(list(&operator).await[0].disabled);
    assert_eq!(code(&on(&operator, "enable_user", "ann").await), "");
    assert!(is_in(&by_key(&house.strong(1), "ann").await));
    let listed = &list(&operator).await[0];
    assert!(listed.online && listed.strong && !listed.disabled && listed.device_keys == 1);
    assert_eq!(code(&on(&operator, "disable_user", "nobody").await), "no_such_user");
}

#[tokio::test]
async fn a_password_that_an_operator_sets_puts_everybody_out() {
    let house = House::new();
    house.register("ann").await;
    let (operator, ann) = (house.strong(OPERATOR_KEY[0]), house.strong(1));
    login(&ann, "ann", PASSWORD).await;
    let set = |password: &str| SetPassword { username: "ann".into(), password: password.into() };
    assert_eq!(code(&call(&operator, "set_password", &set("")).await), "empty_password");
    assert!(!ann.is_closed());
    assert_eq!(code(&call(&operator, "set_password", &set("better")).await), "");
    assert!(ann.is_closed());
    assert_eq!(code(&by_key(&house.strong(1), "ann").await), "key_refused");
    assert!(is_in(&login(&house.strong(1), "ann", "better").await));
}

#[tokio::test]
async fn friends_lose_a_deleted_user_and_nobody_gets_the_name() {
    let house = House::new();
    house.register("ann").await;
    house.register("bob").await;
    house.db.request_friend(1, 2).await.unwrap();
    house.db.accept_friend(2, 1).await.unwrap();
    let (operator, ann, bob) = (house.strong(OPERATOR_KEY[0]), house.strong(1), house.strong(2));
    login(&ann, "ann", PASSWORD).await;
    login(&bob, "bob", PASSWORD).await;
    assert_eq!(code(&on(&operator, "delete_user", "ann").await), "");
    assert!(ann.is_closed());
    assert!(opcodes(&bob.received().await.unwrap()).contains(&opcode::DEL_INFO));
    assert_eq!(opcodes(&login(&house.strong(1), "ann", PASSWORD).await), [opcode::LOGIN_FAILED]);
    assert_eq!(code(&call(&operator, "add_user", &newcomer("ann", PASSWORD)).await), "name_taken");
    assert_eq!(code(&on(&operator, "delete_user", "ann").await), "no_such_user");
}

#[tokio::test]
async fn a_user_who_is_no_operator_is_refused_and_one_who_is_needs_the_strong_suite() {
    let house = House::with(|accounts| {
        accounts.operators = vec!["root".into()];
        accounts.classic_after_strong = true;
    });
    house.register("ann").await;
    let keeper = house.strong(OPERATOR_KEY[0]);
    assert_eq!(code(&call(&keeper, "add_user", &newcomer("root", PASSWORD)).await), "");
    let ann = house.strong(1);
    assert_eq!(code(&on(&ann, "disable_user", "root").await), "not_logged_in");
    login(&ann, "ann", PASSWORD).await;
    assert_eq!(code(&on(&ann, "disable_user", "root").await), "forbidden");
    let root = house.strong(2);
    login(&root, "root", PASSWORD).await;
    assert_eq!(code(&on(&root, "disable_user", "root").await), "yourself");
    assert_eq!(code(&on(&root, "disable_user", "ann").await), "");
    let root = house.classic();
    login(&root, "root", PASSWORD).await;
    for name in ["disable_user", "enable_user", "delete_user", "list_users"] {
        assert_eq!(code(&on(&root, name, "ann").await), "needs_strong", "{name}");
    }
}

#[tokio::test]
async fn nobody_becomes_an_operator_by_being_the_first_to_register_the_name() {
    let house = House::with(|accounts| accounts.operators = vec!["root".into()]);
    let form = Register {
        username: " Root ".into(),
        password: PASSWORD.into(),
        email: "eve@x.cn".into(),
        sex: "保密".into(),
        age: "保密".into(),
        ..Register::default()
    };
    let answers = house.strong(1).request(opcode::REGISTER, &form).await.unwrap();
    assert_eq!(opcodes(&answers), [opcode::USERNAME_TAKEN]);
    let keeper = house.strong(OPERATOR_KEY[0]);
    assert_eq!(code(&call(&keeper, "add_user", &newcomer("root", PASSWORD)).await), "");
    let root = house.strong(2);
    assert!(is_in(&login(&root, "root", PASSWORD).await));
    assert_eq!(code(&call(&root, "list_users", &ListUsers { after: String::new(), limit: 9 }).await), "");
}

#[tokio::test]
async fn a_revoked_key_is_of_no_use_on_connections_that_are_open() {
    let house = House::new();
    house.register("ann").await;
    house.register("bob").await;
    let (ann, bob, idle) = (house.strong(1), house.strong(2), house.strong(1));
    assert!(is_in(&login(&ann, "ann", PASSWORD).await) && is_in(&login(&bob, "bob", PASSWORD).await));
    assert_eq!(house.revoke(1), 1);
    assert_eq!(code(&by_key(&idle, "ann").await), "key_refused");
    assert_eq!(opcodes(&login(&idle, "bob", PASSWORD).await), [opcode::LOGIN_FAILED]);
    let (ann, bob) = (house.strong(3), house.strong(2));
    assert!(is_in(&login(&ann, "ann", PASSWORD).await) && is_in(&by_key(&bob, "bob").await));
    assert_eq!(house.revoke(1), 1);
    let operator = house.strong(OPERATOR_KEY[0]);
    let answers = operator.call("uchat.operator.end_revoked", &()).await.unwrap();
    assert_eq!(answers[0].1.get("ok").and_then(Value::as_u64), Some(1));
    assert_eq!(opcodes(&ann.received().await.unwrap()), [opcode::REFUSED]);
    assert!(ann.is_closed() && !house.server.online().is_online(1));
    assert!(!bob.is_closed() && house.server.online().is_online(2));
}
