//! What plug-ins do beside answering requests: filters before the fact, timers, settings of their own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use uchat_framework::codec::{Handshake, Opcode};
use uchat_framework::prelude::*;
use uchat_framework::testkit::TestServer;
use uchat_framework::{Acceptor, Event, Registry, ServerBuilder, StartError};

const PIN: Opcode = Opcode(30);
const PINNED: Opcode = Opcode(130);

/// A note that is about to be pinned.
#[derive(Clone)]
struct Note(String);

impl Event for Note {}

rejections! { Rude = "mind your language" }

/// Pins what the filters let through.
#[handler(PIN, reply = PINNED)]
async fn pin(Args(text): Args<String>, notifier: Notifier) -> Result<String> {
    Ok(notifier.filter(Note(text)).await?.0)
}

/// Refuses rude notes.
#[filter]
async fn a_polite(note: Note) -> Result<Note> {
    ensure!(!note.0.contains("damn"), Rude);
    Ok(note)
}

/// Signs each note, after the first filter.
#[filter]
async fn b_sign(note: Note, signature: Service<Signature>) -> Result<Note> {
    assert!(!note.0.contains("crash"), "on purpose");
    Ok(Note(format!("{} {}", note.0, signature.text)))
}

/// What is put behind each note.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Signature {
    text: String,
}

impl Default for Signature {
    fn default() -> Self {
        Self { text: "(unsigned)".into() }
    }
}

/// The signature, from the configuration.
#[service]
fn signature(tables: Service<PluginSettings>) -> Result<Signature> {
    tables.read("signature")
}

static TICKS: AtomicU64 = AtomicU64::new(0);

/// Counts, and fails every time.
#[timer(every = "20s")]
async fn tick() -> Result<()> {
    let ticks = TICKS.fetch_add(1, Ordering::SeqCst);
    assert!(ticks % 2 == 1, "a panic ends one run, not the timer");
    Err(std::io::Error::other("so does an error").into())
}

fn server(tables: &str) -> Result<TestServer, StartError> {
    let tables = PluginSettings::new(tables.parse().unwrap());
    TestServer::new(|builder: ServerBuilder| builder.service(tables))
}

async fn pinned(server: &TestServer, text: &str) -> String {
    let received = server.user(1, "ann").await.request(PIN, text).await.unwrap();
    format!("{:?}", received.last().unwrap())
}

#[tokio::test]
async fn filters_change_refuse_and_never_let_through_what_they_could_not_look_at() {
    let server = server("").unwrap();
    assert!(pinned(&server, "hello").await.contains("hello (unsigned)"));
    assert!(pinned(&server, "damn it").await.contains("mind your language"));
    let crashed = pinned(&server, "crash").await;
    assert!(crashed.contains("internal error") && !crashed.contains("crash"), "{crashed}");
    assert!(pinned(&server, "still there").await.contains("still there"));
    // A filter is a plain function, too.
    assert!(a_polite(Note("damn".into())).await.is_err_and(|error| error == Rude));
}

#[tokio::test]
async fn a_plug_in_reads_its_table_and_a_mistake_in_it_stops_the_start() {
    let server_with = server("signature = { text = '-- the board' }").unwrap();
    assert!(pinned(&server_with, "hello").await.contains("hello -- the board"));
    let problems = |tables: &str| server(tables).err().unwrap().problems.join("; ");
    assert!(problems("signature = { txt = 1 }").contains("[plugins.signature] is refused"));
    assert!(problems("signatur = { text = 'x' }").contains("there are settings for signature"));
}

#[tokio::test(start_paused = true)]
async fn a_timer_runs_again_and_again_whatever_comes_of_it_and_ends_with_the_server() {
    let server = ServerBuilder::new(uchat_config::Limits::default())
        .registry(Registry::of(vec![]).unwrap())
        .build()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let acceptor: Acceptor = std::sync::Arc::new(|| -> Box<dyn Handshake> { panic!("nobody comes") });
    let stop = async { tokio::time::sleep(Duration::from_secs(90)).await };
    server.serve(listener, acceptor, stop, Duration::from_secs(1)).await;
    assert_eq!(TICKS.load(Ordering::SeqCst), 4);
    tokio::time::sleep(Duration::from_secs(90)).await;
    assert_eq!(TICKS.load(Ordering::SeqCst), 4);
}
