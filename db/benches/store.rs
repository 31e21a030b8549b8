//! What a message and a login cost: `cargo bench -p uchat-db`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench")]

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::Runtime;
use uchat_db::testkit::new_user;
use uchat_db::{Db, NewMessage, SqliteOptions, SqliteStore, Target, UserId};

/// Friends of the first user; each is a conversation.
const FRIENDS: u64 = 200;

fn letter(sender: UserId, target: UserId) -> NewMessage {
    let body = Bytes::from_static(&[7; 200]);
    NewMessage { sender, target: Target::User(target), body, time_ms: 0, sent: true }
}

/// Stores messages, so many at the same time.
async fn post(db: &Db, messages: Vec<NewMessage>) {
    let tasks: Vec<_> = messages
        .into_iter()
        .map(|message| {
            let db = Arc::clone(db);
            tokio::spawn(async move { db.post_message(message, Box::new(|_| {})).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// The first user is a friend of all others, and has so many messages with each.
async fn people(db: &Db, messages: usize) {
    for number in 0..=FRIENDS {
        db.create_user(new_user(&format!("user{number}"))).await.unwrap();
    }
    for friend in 2..=FRIENDS + 1 {
        db.request_friend(1, friend).await.unwrap();
        db.accept_friend(friend, 1).await.unwrap();
    }
    for _ in 0..messages {
        post(db, (2..=FRIENDS + 1).map(|friend| letter(friend, 1)).collect()).await;
    }
}

fn bench(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let open = |survive_power_cut: bool, messages: usize| -> Db {
        let path = folder.path().join(format!("{survive_power_cut}.db"));
        let options = SqliteOptions { survive_power_cut, ..SqliteOptions::default() };
        let db: Db = Arc::new(SqliteStore::open(&path, options).unwrap());
        runtime.block_on(people(&db, messages));
        db
    };
    let mut group = c.benchmark_group("post_message");
    group.sample_size(20);
    let db = open(true, 1);
    for at_once in [1, 32, 256] {
        group.throughput(Throughput::Elements(at_once));
        group.bench_function(format!("{at_once} at once"), |b| {
            b.iter(|| {
                runtime.block_on(post(&db, (0..at_once).map(|n| letter(2 + n % FRIENDS, 1)).collect()));
            });
        });
    }
    group.finish();
    let db = open(false, 500);
    let mut group = c.benchmark_group("100000 messages of 200 conversations");
    group.sample_size(20);
    group.bench_function("login, everything unread", |b| {
        b.iter(|| black_box(runtime.block_on(db.login_history(1, 500, 8 << 20)).unwrap()));
    });
    group.bench_function("a page from the beginning", |b| {
        b.iter(|| black_box(runtime.block_on(db.messages_after(1, 0, 256, 8 << 20)).unwrap()));
    });
    for conversation in 1..=FRIENDS {
        db.note_delivered(1, conversation, 500);
    }
    group.bench_function("login, everything read", |b| {
        b.iter(|| black_box(runtime.block_on(db.login_history(1, 500, 8 << 20)).unwrap()));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
