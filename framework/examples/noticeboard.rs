//! A server of another kind, built only on the framework: a notice board whose watchers hear of each new note.
//!
//! Run it with `cargo run -p uchat-framework --example noticeboard`; it serves two clients of its own over
//! in-memory streams' big brother, the test kit, prints what they see, and ends.

use std::sync::Mutex;

use uchat_framework::codec::Opcode;
use uchat_framework::prelude::*;
use uchat_framework::testkit::TestServer;

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
    let server = TestServer::new(|builder| builder)?;
    let (ann, bob) = (server.connect(), server.connect());
    for (who, seen) in [
        ("ann", ann.request(PIN, "too early").await),
        ("ann", ann.request(WATCH, &1).await),
        ("bob", bob.request(WATCH, &2).await),
        ("ann", ann.request(PIN, "tea at four").await),
        ("bob", bob.received().await),
        ("bob", bob.request(PIN, " ").await),
    ] {
        println!("{who} sees {:?}", seen.map_err(|error| error.to_string())?);
    }
    Ok(())
}
