//! What the window costs: start, memory, idle processor time, size. `cargo bench -p uchat-client --features automation
//! --bench window` (with the release server built: `cargo build --release --bin uchat`). Starts its own display.
//!
//! The measured program is the release build with the tests' channel in it, which costs one thread that sleeps.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    unused_imports,
    missing_docs,
    reason = "a bench"
)]

#[path = "../tests/window/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest as _, Sha256};
use support::{Display, Server, Window, control};
use uchat_client_core::store::LocalStore;
use uchat_codec::chat::{MessageBody, NewMessage};

/// How many contacts and messages the account has.
const CONTACTS: u64 = 50;
const MESSAGES: u64 = 10_000;
/// How often a start is measured.
const STARTS: usize = 15;
/// How long nothing happens.
const IDLE: Duration = Duration::from_secs(10);

fn main() {
    if std::env::args().any(|word| word == "--test") {
        return;
    }
    let display = Display::start();
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_uchat-client")).unwrap().len();
    println!("binary, stripped                          {:7.2} MB", mb(size));
    let first = median(|| {
        let begun = Instant::now();
        let mut window = Window::open(&display, "127.0.0.1:1", &["--language", "zh"]);
        window.wait("submit", |_, _| true);
        begun.elapsed()
    });
    println!("start to the drawn sign-in form           {first:7.1} ms (median of {STARTS})");

    let (display, mut server) = (Display::start(), Server::start());
    let home = Window::registered(&display, &server, "ann", &["--language", "zh"]).close();
    fill(&mut server, home.path());
    let mut kept = Some(home);
    let again = median(|| {
        let home = kept.take().unwrap();
        let begun = Instant::now();
        let mut window = Window::reopen(&display, server.address(), &[], home);
        window.wait("contact:u01", |_, _| true);
        let time = begun.elapsed();
        kept = Some(window.close());
        time
    });
    println!("start to the drawn contacts, signed in    {again:7.1} ms (median of {STARTS})");

    let mut window = Window::reopen(&display, server.address(), &[], kept.take().unwrap());
    window.wait_fact("ready", &json!(true));
    println!("resident, signed in, {CONTACTS} contacts          {:7.1} MB", resident(window.process()));
    window.click("contact:u01");
    window.until("messages", |look| {
        let controls = look["controls"].as_array()?;
        controls.iter().any(|found| found["name"].as_str().unwrap().starts_with("message:")).then_some(())
    });
    println!("resident, with a conversation of 200 open {:7.1} MB", resident(window.process()));
    let before = ticks(window.process());
    std::thread::sleep(IDLE);
    println!(
        "processor ticks (10 ms) in {} s idle      {:5}",
        IDLE.as_secs(),
        ticks(window.process()) - before
    );
    assert!(control(&window.look(), "message").is_some());
}

/// Makes contacts at the server, and messages with them at home.
fn fill(server: &mut Server, home: &std::path::Path) {
    server.rewrite(|database| {
        let change = database.transaction().unwrap();
        for at in 1..=CONTACTS {
            change
                .execute(
                    "INSERT INTO users (id, username, password, email, email_key, ip, port, sex, age)
                     VALUES (?1, ?2, '', ?3, ?3, '10.0.0.1', '1', '', '')",
                    (1_000 + at, format!("u{at:02}"), format!("u{at}@crowd.cn")),
                )
                .unwrap();
            for (from, to) in [(1, 1_000 + at), (1_000 + at, 1)] {
                change.execute("INSERT INTO friends VALUES (?1, ?2, 1)", (from, to)).unwrap();
            }
        }
        change.commit().unwrap();
    });
    let name = hex::encode(&Sha256::digest(format!("{}\nann", server.address()))[..12]);
    let mut store = LocalStore::open(&home.join("accounts").join(name)).unwrap();
    let message = |at: u64| NewMessage {
        message: MessageBody::text(format!("消息 {at}: see you at the park")).into_value().unwrap(),
        sender_id: if at.is_multiple_of(2) { 1 } else { 1_001 + at % CONTACTS },
        sender_name: format!("u{:02}", 1 + at % CONTACTS),
        target_type: 0,
        time: 1_750_000_000_000 + at * 1_000,
        target_id: 1_001 + at % CONTACTS,
    };
    let messages: Vec<_> = (0..MESSAGES).map(message).collect();
    store.record_bundle(&messages).unwrap();
}

fn median(mut measure: impl FnMut() -> Duration) -> f64 {
    let mut times: Vec<_> = (0..STARTS).map(|_| measure()).collect();
    times.sort();
    times[STARTS / 2].as_secs_f64() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "megabytes")]
fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Resident memory in MB.
fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    mb(line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024)
}

/// Processor time of a process so far.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
