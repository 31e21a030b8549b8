//! What the local history costs at a million messages: `cargo bench -p uchat-client-core --bench store`.
//!
//! The history is made once, in `target/tmp`, and used again by later runs. The searches are printed with their median
//! and their slowest time, since it is the slowest one that a person notices.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench")]

mod letters;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use letters::Letters;
use uchat_client_core::ConversationId;
use uchat_client_core::store::{LocalStore, Position};

/// How many messages there are; `UCHAT_BENCH_MESSAGES` says otherwise.
const MESSAGES: usize = 1_000_000;
/// Another number when the messages or the tables become others: then the history is made anew.
const EDITION: u32 = 3;
/// How often each search is repeated.
const ROUNDS: usize = 21;
/// What a window asks for.
const HITS: usize = 100;

/// What is searched for, and what kind of search that is.
const SEARCHES: [(&str, &str); 17] = [
    ("rare word of two", "鸳鸯"),
    ("common word of two", "我们"),
    ("absent word of two", "龘靐"),
    ("absent pair of common characters", "的我是"),
    ("crossed word of two", "们我"),
    ("long phrase, present", "我们明天一起去公园散步吧"),
    ("long phrase, absent", "我们一起今天明天时候知道什么没有"),
    ("one common character", "的"),
    ("one rare character", "鸯"),
    ("one absent character", "龘"),
    ("one letter", "e"),
    ("one rare mark", "^"),
    ("part of a common word", "ther"),
    ("part of a rare word", "ephalopo"),
    ("common English phrase", "the other people"),
    ("absent English phrase", "other the there then these"),
    ("mixed", "发一个email"),
];

fn messages() -> usize {
    std::env::var("UCHAT_BENCH_MESSAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(MESSAGES)
}

/// The directory of the history; made and filled if it is not there.
fn history() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("history-{EDITION}-{}", messages()));
    let complete = dir.join("complete");
    if complete.exists() {
        return dir;
    }
    let _ = std::fs::remove_dir_all(&dir);
    let mut store = LocalStore::open(&dir).unwrap();
    let mut letters = Letters::new();
    let begun = Instant::now();
    let mut written = 0;
    while written < messages() {
        let batch: Vec<_> = letters.by_ref().take(10_000.min(messages() - written)).collect();
        written += store.record_bundle(&batch).unwrap().len();
    }
    println!("{written} messages stored in {:.1} s", begun.elapsed().as_secs_f64());
    drop(store);
    std::fs::write(complete, "").unwrap();
    dir
}

fn timed<T>(mut work: impl FnMut() -> T) -> (Duration, Duration, T) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        last = Some(black_box(work()));
        times.push(begun.elapsed());
    }
    times.sort();
    (times[ROUNDS / 2], times[ROUNDS - 1], last.unwrap())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn print_searches(store: &LocalStore, within: Option<ConversationId>) {
    println!("{:<34} {:>5} {:>9} {:>9}", "search", "hits", "p50 ms", "max ms");
    for (name, needle) in SEARCHES {
        let (median, slowest, found) = timed(|| store.search(needle, within, HITS).unwrap().len());
        println!("{name:<34} {found:>5} {:>9.2} {:>9.2}", milliseconds(median), milliseconds(slowest));
    }
}

fn bench(c: &mut Criterion) {
    let dir = history();
    let size = std::fs::metadata(dir.join("history.db")).unwrap().len();
    println!("{} MB for {} messages", size / 1_000_000, messages());
    let begun = Instant::now();
    let mut store = LocalStore::open(&dir).unwrap();
    println!("opened in {:.1} ms", milliseconds(begun.elapsed()));
    print_searches(&store, None);
    println!("within a conversation of few messages:");
    print_searches(&store, Some(ConversationId::Friend(letters::PEOPLE)));

    let busy = ConversationId::Friend(letters::FIRST);
    let count = store.count(busy).unwrap();
    println!("the busiest conversation has {count} messages");
    c.bench_function("page/newest 60", |b| b.iter(|| store.newest(busy, 60).unwrap()));
    let middle = Position { time: letters::middle(messages()), row: 0 };
    c.bench_function("page/60 before the middle", |b| b.iter(|| store.before(busy, middle, 60).unwrap()));
    c.bench_function("count", |b| b.iter(|| store.count(busy).unwrap()));

    // What is recorded here makes the history a little longer with each run, which changes nothing that is measured.
    let mut letters = Letters::after(messages());
    c.bench_function("record/one live message", |b| {
        b.iter(|| store.record_live(&letters.next().unwrap()).unwrap());
    });
    let bundle: Vec<_> = Letters::new().take(1_000).collect();
    c.bench_function("record/bundle of 1,000 known ones", |b| {
        b.iter(|| store.record_bundle(&bundle).unwrap().len());
    });
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20); targets = bench }
criterion_main!(benches);
