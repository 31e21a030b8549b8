//! A server of another kind, built only on the framework: a notice board whose watchers hear of each new note.
//!
//! `cargo run -p uchat-framework --example noticeboard` serves it on 127.0.0.1:2444 until Ctrl+C, over the classic
//! suite. Nothing in it is about chat; its tests show what a client sees.

use std::sync::Arc;
use std::time::Duration;

use std::sync::Mutex;

use uchat_framework::codec::{ClassicIdentity, ClassicServer, DhParams, Handshake, Limits, Opcode};
use uchat_framework::prelude::*;
use uchat_framework::{Acceptor, ServerBuilder};

/// Tell the board your name: from now on you hear of new notes.
const WATCH: Opcode = Opcode(1);
/// Pin a note.
const PIN: Opcode = Opcode(2);
/// Your notes so far, or that of others.
const NOTES: Opcode = Opcode(101);
/// Somebody has pinned a note.
const PINNED: Opcode = Opcode(102);

/// All notes, newest last; the oldest go when it is full.
#[derive(Default)]
struct Board(Mutex<Vec<String>>);

/// How many notes hang on the board.
const ROOM_FOR: usize = 100;

rejections! { Blank = "a note needs a text", Torn = "the board is being repaired" }

/// The board itself.
#[service]
fn board() -> Result<Board> {
    Ok(Board::default())
}

/// Watches the board under a number, and reads what is on it.
#[handler(WATCH, reply = NOTES)]
async fn watch(caller: Caller, Args(number): Args<u64>, board: Service<Board>) -> Result<Vec<String>> {
    caller.sign_in(number, &format!("watcher {number}"), &[], Push::new(PINNED, "moved elsewhere")?).await;
    Ok(board.0.lock().map_err(|_| Torn)?.clone())
}

/// Pins a note; the other watcher hears of it.
#[handler(PIN, outcome = NOTES, rate = "10/min")]
async fn pin(me: User, Args(note): Args<String>, board: Service<Board>, online: Online) -> Result<()> {
    ensure!(!note.trim().is_empty(), Blank);
    let mut notes = board.0.lock().map_err(|_| Torn)?;
    if notes.len() == ROOM_FOR {
        notes.remove(0);
    }
    notes.push(note.clone());
    online.send_all((1..=9).filter(|watcher| *watcher != me.id), PINNED, &note);
    Ok(())
}

/// Greets who comes, so that the example shows an event.
#[hook]
async fn greet(UserOnline { user, .. }: UserOnline, online: Online) -> Result<()> {
    online.send(user.id, PINNED, &format!("welcome, {}", user.name));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let identity = Arc::new(ClassicIdentity::generate(&DhParams::default(), &mut rand::rng())?);
    let acceptor: Acceptor = Arc::new(move || -> Box<dyn Handshake> {
        Box::new(ClassicServer::new(Arc::clone(&identity), &Limits::default()))
    });
    let server = ServerBuilder::new(uchat_config::Limits::default()).build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:2444").await?;
    println!("the board hangs on {}", listener.local_addr()?);
    let stop = async {
        // Without a console there is no Ctrl+C to wait for: then it serves until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    server.serve(listener, acceptor, stop, Duration::from_secs(1)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::codec::Value;
    use uchat_framework::testkit::TestServer;

    #[tokio::test]
    async fn a_note_is_kept_and_told_to_the_other_watchers() {
        let server = TestServer::new(|builder| builder).unwrap();
        let (ann, bob) = (server.connect(), server.connect());
        for (watcher, number) in [(&ann, 1), (&bob, 2)] {
            let seen = watcher.request(WATCH, &number).await.unwrap();
            assert_eq!(seen[1], (NOTES, Value::List(vec![])));
        }
        ann.request(PIN, "tea at four").await.unwrap();
        assert_eq!(bob.received().await.unwrap(), [(PINNED, Value::from("tea at four"))]);
        let late = server.connect().request(WATCH, &3).await.unwrap();
        assert_eq!(late[1].1, Value::List(vec![Value::from("tea at four")]));
    }

    #[tokio::test]
    async fn a_blank_note_and_a_stranger_s_note_are_refused() {
        let server = TestServer::new(|builder| builder).unwrap();
        let ann = server.connect();
        let refused = |answers: Vec<(Opcode, Value)>| match &answers[0].1 {
            Value::List(parts) => parts[0] == Value::Bool(false),
            _ => false,
        };
        assert!(refused(ann.request(PIN, "too early").await.unwrap()));
        ann.request(WATCH, &1).await.unwrap();
        assert!(refused(ann.request(PIN, " ").await.unwrap()));
    }
}
