//! What a plug-in author relies on: policy, refusals, panics, order, events, all through the test kit.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Mutex;
use std::time::Duration;

use uchat_framework::codec::{Message, Opcode, Value, opcode};
use uchat_framework::prelude::*;
use uchat_framework::testkit::{TestServer, user};
use uchat_framework::{Registry, ServerBuilder};

const DOUBLE: Opcode = Opcode(20);
const DOUBLED: Opcode = Opcode(120);
const STAND: Opcode = Opcode(21);
const STOOD: Opcode = Opcode(121);
const CRASH: Opcode = Opcode(22);
const BREAK: Opcode = Opcode(23);
const SLEEP: Opcode = Opcode(24);
const REIGN: Opcode = Opcode(25);
const HURRY: Opcode = Opcode(26);
const SEEN: Opcode = Opcode(122);
const SAID_NO: Opcode = Opcode(222);

rejections! {
    TooBig = "too big",
    Never = "never" => SAID_NO,
}

/// Doubles a number.
#[handler(DOUBLE, reply = DOUBLED)]
async fn double(Args(number): Args<u64>) -> Result<u64> {
    ensure!(number < 100, TooBig);
    ensure!(number != 13, Never);
    Ok(number * 2)
}

/// For users; says how it went.
#[handler(STAND, outcome = STOOD)]
async fn stand(me: User, Args(how): Args<String>) -> Result<()> {
    ensure!(how == "still", TooBig.with(me.name));
    Ok(())
}

/// Panics.
#[handler(CRASH)]
async fn crash() -> Result<()> {
    panic!("on purpose")
}

/// Fails inside.
#[handler(BREAK)]
async fn break_inside() -> Result<()> {
    Err(std::io::Error::other("the secret path /etc/x").into())
}

/// Never ends by itself.
#[handler(SLEEP, timeout = "50ms")]
async fn sleep() -> Result<()> {
    std::future::pending().await
}

/// For kings.
#[handler(REIGN, reply = DOUBLED, role = "king")]
async fn reign() -> Result<bool> {
    Ok(true)
}

/// Twice an hour.
#[handler(HURRY, reply = DOUBLED, rate = "2/h")]
async fn hurry() -> Result<bool> {
    Ok(true)
}

/// Adds two numbers.
#[handler("test.add")]
async fn add(Args((a, b)): Args<(u64, u64)>) -> Result<u64> {
    ensure!(a < 100, TooBig);
    Ok(a + b)
}

/// Returns nothing.
#[handler("test.nothing")]
async fn nothing(_me: User) -> Result<()> {
    Ok(())
}

/// Remembers who came and went.
#[derive(Default)]
struct Guests(Mutex<Vec<String>>);

/// The guest book.
#[service]
fn guests() -> Result<Guests> {
    Ok(Guests::default())
}

/// Writes down who came.
#[hook]
async fn came(event: UserOnline, guests: Service<Guests>, online: Online) -> Result<()> {
    guests.0.lock().unwrap().push(format!("+{}", event.user.name));
    online.send(event.user.id, SEEN, "welcome");
    Ok(())
}

/// Panics, to show that other hooks run.
#[hook]
async fn bad_hook(_event: UserOnline) -> Result<()> {
    panic!("on purpose")
}

/// Writes down who went.
#[hook]
async fn went(event: UserOffline, guests: Service<Guests>) -> Result<()> {
    guests.0.lock().unwrap().push(format!("-{}", event.user.name));
    Ok(())
}

const GUESTS: Opcode = Opcode(27);

/// Reads the guest book.
#[handler(GUESTS, reply = SEEN)]
async fn read_guests(guests: Service<Guests>) -> Result<Vec<String>> {
    Ok(guests.0.lock().unwrap().clone())
}

fn server() -> TestServer {
    TestServer::new(|builder| builder).unwrap()
}

fn text(value: &Value) -> &str {
    match value {
        Value::Str(text) => text,
        other => panic!("not a text: {other:?}"),
    }
}

#[tokio::test]
async fn the_returned_value_is_the_answer() {
    let client = server().connect();
    assert_eq!(client.request(DOUBLE, &21).await.unwrap(), [(DOUBLED, Value::from(42))]);
}

#[tokio::test]
async fn a_handler_is_a_plain_function_for_its_test() {
    assert_eq!(double(Args(4)).await.unwrap(), 8);
    assert!(stand(user(1, "ann"), Args("up".into())).await.unwrap_err() == TooBig);
}

#[tokio::test]
async fn a_refusal_is_a_general_failure_unless_it_has_an_opcode_of_its_own() {
    let client = server().connect();
    let refused = client.request(DOUBLE, &100).await.unwrap();
    assert_eq!(refused, [(opcode::GENERAL_FAILURE, Value::from("too big"))]);
    assert_eq!(client.request(DOUBLE, &13).await.unwrap(), [(SAID_NO, Value::None)]);
}

#[tokio::test]
async fn an_outcome_is_true_or_false_with_a_text() {
    let server = server();
    let ann = server.user(1, "ann").await;
    ann.received().await.unwrap();
    let stood = ann.request(STAND, "still").await.unwrap();
    assert_eq!(stood, [(STOOD, Value::List(vec![Value::Bool(true), Value::from("")]))]);
    let fell = ann.request(STAND, "up").await.unwrap();
    assert_eq!(fell, [(STOOD, Value::List(vec![Value::Bool(false), Value::from("too big: ann")]))]);
}

#[tokio::test]
async fn asking_for_a_user_is_the_login_check() {
    let client = server().connect();
    let answer = client.request(STAND, "still").await.unwrap();
    assert_eq!(answer[0].0, STOOD);
    let Value::List(parts) = &answer[0].1 else { panic!("{answer:?}") };
    assert_eq!(parts[0], Value::Bool(false));
    assert!(text(&parts[1]).contains("not logged in"));
}

#[tokio::test]
async fn a_role_is_for_those_who_hold_it() {
    let server = server();
    let ann = server.user(1, "ann").await;
    ann.received().await.unwrap();
    assert_eq!(ann.request(REIGN, &()).await.unwrap()[0].0, opcode::GENERAL_FAILURE);
    let king = server.connect();
    king.sign_in(2, "bob", &["king".into()]).await;
    king.received().await.unwrap();
    assert_eq!(king.request(REIGN, &()).await.unwrap()[0].0, DOUBLED);
}

#[tokio::test]
async fn a_rate_holds_for_each_session() {
    let server = server();
    let (client, other) = (server.connect(), server.connect());
    for _ in 0..2 {
        assert_eq!(client.request(HURRY, &()).await.unwrap()[0].0, DOUBLED);
    }
    assert_eq!(client.request(HURRY, &()).await.unwrap()[0].0, opcode::GENERAL_FAILURE);
    assert_eq!(other.request(HURRY, &()).await.unwrap()[0].0, DOUBLED);
}

#[tokio::test]
async fn what_goes_wrong_inside_is_a_number_to_the_peer_and_the_session_goes_on() {
    let client = server().connect();
    for operation in [CRASH, BREAK] {
        let answer = client.request(operation, &()).await.unwrap();
        assert_eq!(answer[0].0, opcode::GENERAL_FAILURE);
        assert!(text(&answer[0].1).contains("internal error"));
        assert!(!text(&answer[0].1).contains("secret"));
    }
    assert_eq!(client.request(DOUBLE, &1).await.unwrap()[0].0, DOUBLED);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_too_long_is_ended() {
    let client = server().connect();
    let answer = tokio::time::timeout(Duration::from_secs(1), client.request(SLEEP, &())).await;
    assert!(text(&answer.unwrap().unwrap()[0].1).contains("timed out"));
}

#[tokio::test]
async fn unknown_operations_wrong_parameters_and_garbage_are_answered() {
    let client = server().connect();
    for (request, reason) in [
        (client.request(Opcode(99), &()).await, "unknown operation"),
        (client.request(DOUBLE, "many").await, "bad parameters"),
        (client.request(opcode::CALL, &7).await, "bad parameters"),
        (client.raw(bytes::Bytes::from_static(&[20, 9, 9])).await, "undecodable"),
        (client.raw(bytes::Bytes::new()).await, "undecodable"),
    ] {
        let answer = request.unwrap();
        assert_eq!((answer.len(), answer[0].0), (1, opcode::GENERAL_FAILURE));
        assert!(text(&answer[0].1).contains(reason), "{answer:?}");
    }
}

#[tokio::test]
async fn a_named_call_is_answered_with_its_id_result_or_code() {
    let client = server().connect();
    let get = |answer: &[(Opcode, Value)], path: &[&str]| {
        assert_eq!(answer[0].0, opcode::CALL_RESULT);
        path.iter().fold(answer[0].1.clone(), |value, key| match value {
            Value::Dict(dict) => dict.get(key).cloned().unwrap_or(Value::None),
            _ => Value::None,
        })
    };
    let sum = client.call("test.add", &(1, 2)).await.unwrap();
    assert_eq!((get(&sum, &["id"]), get(&sum, &["ok"])), (Value::from(1), Value::from(3)));
    let refused = client.call("test.add", &(100, 2)).await.unwrap();
    assert_eq!(get(&refused, &["err", "code"]), Value::from("too_big"));
    let unknown = client.call("test.nobody", &()).await.unwrap();
    assert_eq!(get(&unknown, &["err", "code"]), Value::from("unknown_operation"));
    let stranger = client.call("test.nothing", &()).await.unwrap();
    assert_eq!(get(&stranger, &["err", "code"]), Value::from("not_logged_in"));
    client.sign_in(1, "ann", &[]).await;
    client.received().await.unwrap();
    let nothing = client.call("test.nothing", &()).await.unwrap();
    assert_eq!(get(&nothing, &["ok"]), Value::Bool(true));
}

#[tokio::test]
async fn hooks_hear_who_comes_and_goes_even_if_another_hook_panics() {
    let server = server();
    let ann = server.user(1, "ann").await;
    assert_eq!(ann.received().await.unwrap(), [(SEEN, Value::from("welcome"))]);
    ann.disconnect().await;
    assert!(!server.online().is_online(1));
    let book = server.connect().request(GUESTS, &()).await.unwrap();
    assert_eq!(book[0].1, Value::List(vec![Value::from("+ann"), Value::from("-ann")]));
}

#[tokio::test]
async fn a_second_login_kicks_the_first_one_without_an_offline_event() {
    let server = server();
    let first = server.user(1, "ann").await;
    first.received().await.unwrap();
    let second = server.user(1, "ann").await;
    assert_eq!(first.received().await.unwrap(), [(opcode::SERVER_KICK, Value::None)]);
    assert!(first.is_closed() && !second.is_closed());
    first.disconnect().await;
    assert!(server.online().is_online(1));
    let book = server.connect().request(GUESTS, &()).await.unwrap();
    assert_eq!(book[0].1, Value::List(vec![Value::from("+ann"), Value::from("+ann")]));
}

#[tokio::test]
async fn another_login_on_one_connection_signs_the_first_user_out() {
    let server = server();
    let client = server.user(1, "ann").await;
    client.sign_in(1, "ann", &[]).await;
    assert!(!client.is_closed(), "the same user again is no kick");
    client.sign_in(2, "bob", &[]).await;
    assert!(!server.online().is_online(1) && server.online().is_online(2));
}

#[test]
fn two_handlers_of_one_operation_stop_the_start_and_both_are_named() {
    let linked = Registry::linked().unwrap();
    let mut twice: Vec<_> = linked.handlers().to_vec();
    twice.push(linked.handlers()[0]);
    let problems = Registry::of(twice).err().unwrap().problems;
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("served by both") && problems[0].contains("dispatch.rs:"), "{problems:?}");
}

#[test]
fn a_descriptor_tells_what_help_texts_need() {
    let linked = Registry::linked().unwrap();
    let stand = linked.handlers().iter().find(|info| info.origin.name == "stand").unwrap();
    assert_eq!(stand.origin.doc, "For users; says how it went.");
    assert_eq!(stand.origin.krate, "uchat-framework");
    assert!(stand.login_needed());
    assert!(ServerBuilder::new(uchat_config_limits()).build().is_ok());
}

fn uchat_config_limits() -> uchat_config::Limits {
    uchat_config::Limits::default()
}

#[tokio::test]
async fn a_push_can_be_read_back() {
    let push = Push::new(SEEN, "x").unwrap();
    assert_eq!(Message::try_from(&push).unwrap().opcode, SEEN);
}
