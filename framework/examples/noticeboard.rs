//! A server of another kind, built only on the framework: a notice board whose watchers hear of each new note.
//!
//! `cargo run -p uchat-framework --example noticeboard` serves it on 127.0.0.1:2444 until Ctrl+C, over both suites. Nothing in
//! it is about chat: it has operations, events of its own, filters, a hook, a timer, settings and a store; its play shows what
//! a client sees. With `-- hot/modules/stars.wasm` behind that it loads a plug-in as it runs, by which notes get stars.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uchat_framework::codec::handshake::Acceptor as Machine;
use uchat_framework::codec::{ClassicIdentity, DhParams, Handshake, Limits, Opcode, StrongIdentity};
use uchat_framework::prelude::*;
use uchat_framework::{Acceptor, Event, ServerBuilder};

/// Tell the board your number: from now on you hear of new notes.
const WATCH: Opcode = Opcode(1);
/// Pin a note.
const PIN: Opcode = Opcode(2);
/// The notes so far, oldest first.
const NOTES: Opcode = Opcode(101);
/// Somebody has pinned a note: its number and its text.
const PINNED: Opcode = Opcode(102);

/// Where the notes are in the store.
const ALL: &str = "notes";

rejections! { Blank = "a note needs a text", Rude = "mind your language" }

/// One note on the board.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Note {
    number: u64,
    by: UserId,
    text: String,
}

/// A note that is about to be pinned: filters may change or refuse it.
#[derive(Clone)]
struct Draft(String);

impl Event for Draft {}

/// A note that has been pinned.
#[derive(Clone)]
struct Pinned(Note);

impl Event for Pinned {}

/// `[plugins.board]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rules {
    /// How many notes hang on the board; the oldest go when it is full.
    room_for: usize,
    /// Words that are not pinned here.
    words: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { room_for: 100, words: Vec::new() }
    }
}

/// The board: its rules, and where its notes are kept.
struct Board {
    rules: Rules,
    kept: Namespace,
}

/// The board itself.
#[service]
fn board(tables: Service<PluginSettings>, keep: Service<Keep>) -> Result<Board> {
    Ok(Board { rules: tables.read("board")?, kept: keep.namespace("board") })
}

/// Watches the board under a number, and reads what is on it.
#[handler(WATCH, reply = NOTES)]
async fn watch(caller: Caller, Args(number): Args<u64>, board: Service<Board>) -> Result<Vec<String>> {
    let elsewhere = Push::new(PINNED, "moved elsewhere")?;
    caller.sign_in(number, &format!("watcher {number}"), &[], elsewhere).await;
    let notes: Vec<Note> = board.kept.get(Scope::SERVER, ALL).await?.unwrap_or_default();
    Ok(notes.into_iter().map(|note| note.text).collect())
}

/// Pins a note, if the filters let it through.
#[handler(PIN, outcome = NOTES, rate = "10/min")]
async fn pin(me: User, Args(text): Args<String>, board: Service<Board>, notifier: Notifier) -> Result<()> {
    let Draft(text) = notifier.filter(Draft(text)).await?;
    let add = |notes: Option<Vec<Note>>| {
        let mut notes = notes.unwrap_or_default();
        let number = notes.last().map_or(0, |last| last.number) + 1;
        notes.push(Note { number, by: me.id, text: text.clone() });
        let surplus = notes.len().saturating_sub(board.rules.room_for);
        notes.drain(..surplus);
        notes
    };
    let notes = board.kept.update(Scope::SERVER, ALL, add).await?;
    if let Some(note) = notes.last() {
        notifier.notify(Pinned(note.clone())).await;
    }
    Ok(())
}

/// Takes blanks away, and refuses a note without a text.
#[filter]
async fn a_tidy(draft: Draft) -> Result<Draft> {
    let text = draft.0.trim();
    ensure!(!text.is_empty(), Blank);
    Ok(Draft(text.to_owned()))
}

/// Refuses notes with words that are not pinned here.
#[filter]
async fn b_polite(draft: Draft, board: Service<Board>) -> Result<Draft> {
    ensure!(!board.rules.words.iter().any(|word| draft.0.contains(word.as_str())), Rude);
    Ok(draft)
}

/// Tells the other watchers of a new note.
#[hook]
async fn tell_watchers(Pinned(note): Pinned, online: Online) -> Result<()> {
    let others = online.users().into_iter().filter(|watcher| *watcher != note.by);
    online.send_all(others, PINNED, &(note.number, &note.text));
    Ok(())
}

/// Greets who comes.
#[hook]
async fn greet(UserOnline { user, .. }: UserOnline, online: Online) -> Result<()> {
    online.send(user.id, PINNED, &(0, format!("welcome, {}", user.name)));
    Ok(())
}

/// Says how many watch, in the log.
#[timer(every = "10min")]
async fn count(online: Online) -> Result<()> {
    tracing::info!(watchers = online.count(), "the board is watched");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let classic = Arc::new(ClassicIdentity::generate(&DhParams::default(), &mut rand::rng())?);
    let strong = Arc::new(StrongIdentity::generate(&mut rand::rng()));
    let acceptor: Acceptor = Arc::new(move || -> Box<dyn Handshake> {
        let machine = Machine::new(&Limits::default());
        Box::new(machine.strong(Arc::clone(&strong)).classic(Arc::clone(&classic)))
    });
    // A server that must remember over its end gives another engine: see `KeepEngine`.
    let keep = Keep::in_memory(1000, 1 << 20);
    let server = ServerBuilder::new(uchat_config::Limits::default()).service(keep).build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:2444").await?;
    for module in std::env::args_os().skip(1) {
        let loaded = server.hot().load(&std::fs::read(module)?)?;
        println!("{} {} is loaded", loaded.name, loaded.version);
    }
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
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use super::*;
    use uchat_framework::testkit::{Play, Stage, Way};

    const PLAY: &str = r#"
ann enters as 1
ann < 102 [0, "welcome, ann"]
bob enters as 2
bob < 102 _

ann > 2 "  tea at four "
ann < 101 [true, ""]
bob < 102 [1, "tea at four"]

# What the filters refuse is told to nobody.
ann > 2 "  "
ann < 101 [false, "a note needs a text"]
ann > 2 "no milk!"
ann < 101 [false, "mind your language"]
bob < nothing

# There is room for two; who comes later reads what is left.
bob > 2 "cake"
bob < 101 [true, ""]
ann < 102 [2, "cake"]
bob > 2 "more cake"
bob < 101 [true, ""]
ann < 102 [3, "more cake"]
ann > 1 3
ann <~ 101 ["cake", "more cake"]
ann <~ 102 [0, "welcome, watcher 3"]
"#;

    #[tokio::test]
    async fn the_board_is_the_same_in_memory_and_over_each_suite() {
        for way in Way::ALL {
            let tables = "board = { room_for = 2, words = ['milk'] }".parse().unwrap();
            let stage = Stage::new(way, |builder| {
                builder.service(PluginSettings::new(tables)).service(Keep::in_memory(10, 1000))
            });
            let play = Play::parse(PLAY).unwrap();
            play.perform(&stage.await.unwrap()).await.unwrap_or_else(|error| panic!("{way:?}: {error}"));
        }
    }

    const STARS: &str = r#"
only strong
ann enters as 1
bob enters as 2
ann < 102 _
bob < 102 _
ann > 2 "tea at four"
ann < 101 [true, ""]
bob < 102 [1, "tea at four"]
bob > board.star 1
bob < ok 1
bob > board.star 1
bob < err "starred"
ann > board.star 1
ann < ok 2
ann > board.stars
ann < ok [{note: "1", stars: 2}]
"#;

    #[tokio::test]
    async fn a_plug_in_that_is_loaded_gives_notes_their_stars() {
        let module = concat!(env!("CARGO_MANIFEST_DIR"), "/../hot/modules/stars.wasm");
        let play = Play::parse(STARS).unwrap();
        for way in Way::ALL.into_iter().filter(|way| play.runs(*way)) {
            let stage = Stage::new(way, |builder| builder.service(Keep::in_memory(10, 1000))).await.unwrap();
            stage.hot().unwrap().load(&std::fs::read(module).unwrap()).unwrap();
            play.perform(&stage).await.unwrap_or_else(|error| panic!("{way:?}: {error}"));
        }
    }

    #[tokio::test]
    async fn a_filter_is_a_plain_function_for_its_test() {
        assert_eq!(a_tidy(Draft(" x ".into())).await.unwrap().0, "x");
        assert!(a_tidy(Draft(" ".into())).await.is_err_and(|error| error == Blank));
    }
}
