//! What a handler can do with sessions: roles by key, answers with messages behind them, the end of another session.

#![allow(clippy::unwrap_used, reason = "tests")]

use uchat_framework::ServerBuilder;
use uchat_framework::codec::{Opcode, PeerIdentity, Value, opcode};
use uchat_framework::prelude::*;
use uchat_framework::testkit::TestServer;

const NEWS: Opcode = Opcode(122);
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
