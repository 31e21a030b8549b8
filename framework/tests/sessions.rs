//! What a handler can do with sessions: roles by key, answers with messages behind them, the end of another session.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Barrier;
use uchat_framework::ServerBuilder;
use uchat_framework::codec::{Opcode, PeerIdentity, Value, opcode};
use uchat_framework::prelude::*;
use uchat_framework::testkit::TestServer;

const NEWS: Opcode = Opcode(122);
const KNOCK: Opcode = Opcode(41);
const KNOCKED: Opcode = Opcode(141);
const ROYAL: [u8; 32] = [7; 32];

/// For kings, who need no login.
#[handler("test.reign", role = "king")]
async fn reign() -> Result<bool> {
    Ok(true)
}

/// For kings who are users.
#[handler("test.sign", role = "king")]
async fn sign(_me: User) -> Result<bool> {
    Ok(true)
}

/// Answers, and has something more to say.
#[handler("test.enter")]
async fn enter() -> Result<Replies> {
    Replies::one(NEWS, "come in")
}

/// Ends the session of a user.
#[handler("test.banish")]
async fn banish(caller: Caller, Args(user): Args<u64>) -> Result<bool> {
    Ok(caller.end_other_session(user, [Push::new(NEWS, "go")?]).await)
}

/// How many have met.
static MET: AtomicU64 = AtomicU64::new(0);

/// Meets two others of the same connection: it is answered when all three are there. What is not 1, 2 or 3 is turned away.
#[handler("test.meet")]
async fn meet(Args(number): Args<u64>) -> Result<Later<u64>> {
    static ALL: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(3));
    ensure!((1..=3).contains(&number), Stranger);
    Ok(Later::new(async move {
        ALL.wait().await;
        MET.fetch_add(1, Ordering::SeqCst);
        Ok(number)
    }))
}

/// Says how many have met so far.
#[handler("test.met")]
async fn met() -> Result<u64> {
    Ok(MET.load(Ordering::SeqCst))
}

/// Is refused late, or never comes to an end.
#[handler("test.late", timeout = "1s")]
async fn late(Args(ends): Args<bool>) -> Result<Later<()>> {
    Ok(Later::new(async move {
        if !ends {
            std::future::pending::<()>().await;
        }
        Err(Stranger.into())
    }))
}

/// Says whether it worked, when it is known.
#[handler(KNOCK, outcome = KNOCKED)]
async fn knock(Args(opens): Args<bool>) -> Result<Later<()>> {
    Ok(Later::new(async move { if opens { Ok(()) } else { Err(Stranger.into()) } }))
}

rejections! { Stranger = "who are you?" }

fn server() -> TestServer {
    TestServer::new(|builder: ServerBuilder| builder.key_role(ROYAL, "king")).unwrap()
}

fn with_key(key: [u8; 32]) -> PeerIdentity {
    PeerIdentity { identity_key: Some(key), ..PeerIdentity::default() }
}

/// The code of a refusal; empty for an answer.
fn code(answers: &[(Opcode, Value)]) -> &str {
    let err = answers.last().and_then(|(_, result)| result.get("err")?.get("code")?.as_str());
    err.unwrap_or_default()
}

#[tokio::test]
async fn a_key_with_a_role_needs_no_login_where_no_user_is_asked_for() {
    let server = server();
    let king = server.connect_as(with_key(ROYAL));
    assert_eq!(code(&king.call("test.reign", &()).await.unwrap()), "");
    assert_eq!(code(&king.call("test.sign", &()).await.unwrap()), "not_logged_in");
    king.sign_in(1, "ann", &[]).await;
    assert_eq!(code(&king.call("test.sign", &()).await.unwrap()), "");
    for stranger in [server.connect_as(with_key([8; 32])), server.connect()] {
        assert_eq!(code(&stranger.call("test.reign", &()).await.unwrap()), "not_logged_in");
        stranger.sign_in(2, "bob", &[]).await;
        assert_eq!(code(&stranger.call("test.reign", &()).await.unwrap()), "forbidden");
    }
}

#[tokio::test]
async fn a_named_call_may_have_messages_behind_its_answer() {
    let answers = server().connect().call("test.enter", &()).await.unwrap();
    assert_eq!((answers[0].0, answers[0].1.get("ok")), (opcode::CALL_RESULT, Some(&Value::Bool(true))));
    assert_eq!(answers[1..], [(NEWS, Value::from("come in"))]);
}

#[tokio::test]
async fn a_session_is_ended_after_a_last_word_and_never_the_callers_own() {
    let server = server();
    let (ann, bob) = (server.user(1, "ann").await, server.user(2, "bob").await);
    let banished = |answers: Vec<(Opcode, Value)>| answers[0].1.get("ok") == Some(&Value::Bool(true));
    assert!(banished(ann.call("test.banish", &2).await.unwrap()));
    assert_eq!(bob.received().await.unwrap(), [(NEWS, Value::from("go"))]);
    assert!(bob.is_closed() && !server.online().is_online(2));
    assert!(!banished(ann.call("test.banish", &2).await.unwrap()), "he is gone");
    assert!(!banished(ann.call("test.banish", &1).await.unwrap()));
    assert!(!ann.is_closed() && server.online().is_online(1));
}

#[tokio::test]
async fn requests_of_one_operation_wait_for_their_answers_together_and_all_others_wait_for_them() {
    let calls = [("test.meet", 1), ("test.meet", 2), ("test.meet", 9), ("test.meet", 3), ("test.met", 0)];
    let answers = server().connect().burst(&calls).await.unwrap();
    let told: Vec<_> = answers
        .iter()
        .map(|(_, result)| (result.get("id").unwrap().as_u64(), result.get("ok").and_then(Value::as_u64)))
        .collect();
    let right = [(1, Some(1)), (2, Some(2)), (3, None), (4, Some(3)), (5, Some(3))];
    assert_eq!(told, right.map(|(id, ok)| (Some(id), ok)), "in the order of the requests");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_late_may_be_a_refusal_and_has_the_time_of_its_request() {
    let answers = server().connect().burst(&[("test.late", true), ("test.late", false)]).await.unwrap();
    assert_eq!((code(&answers[..1]), code(&answers[1..])), ("stranger", "timed_out"));
}

#[tokio::test]
async fn an_outcome_that_comes_late_is_told_as_every_other_one() {
    let guest = server().connect();
    let told = guest.request(KNOCK, &true).await.unwrap();
    assert_eq!(told, [(KNOCKED, Value::List(vec![Value::Bool(true), "".into()]))]);
    let told = guest.request(KNOCK, &false).await.unwrap();
    assert_eq!(told, [(KNOCKED, Value::List(vec![Value::Bool(false), "who are you?".into()]))]);
}
