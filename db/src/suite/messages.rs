//! Numbers, cursors, and what a user sees at login.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests: their names say what they mean")]

use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::{befriend, users};
use crate::model::{HistoryItem, NewMessage, Posting, Stored, Target};
use crate::store::Db;

pub(super) const EVERYTHING: usize = 1_000_000;

async fn post(db: &Db, sender: u64, target: Target, body: &str) -> Posting {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let new = NewMessage { sender, target, body, time_ms: 1_562_754_761_321, sent: false };
    db.post_message(new, Box::new(|_| {})).await.unwrap()
}

pub(super) async fn say(db: &Db, sender: u64, target: Target, body: &str) -> Arc<Stored> {
    match post(db, sender, target, body).await {
        Posting::Stored(stored) => stored,
        other => panic!("{other:?}"),
    }
}

fn texts(items: &[HistoryItem]) -> Vec<(String, bool)> {
    let text = |item: &HistoryItem| String::from_utf8_lossy(&item.message.body).into_owned();
    items.iter().map(|item| (text(item), item.delivered)).collect()
}

fn said(pairs: &[(&str, bool)]) -> Vec<(String, bool)> {
    pairs.iter().map(|(text, delivered)| ((*text).to_owned(), *delivered)).collect()
}

pub(super) async fn two_friends(db: &Db) {
    users(db, &["ann", "bob", "eve"]).await;
    befriend(db, 1, 2).await;
}

pub async fn only_friends_and_members_may_send(db: &Db) {
    two_friends(db).await;
    db.create_room(1, "tea").await.unwrap();
    assert!(matches!(post(db, 3, Target::User(1), "x").await, Posting::NotFriends));
    assert!(matches!(post(db, 1, Target::User(1), "x").await, Posting::NotFriends));
    assert!(matches!(post(db, 1, Target::User(99), "x").await, Posting::NotFriends));
    assert!(matches!(post(db, 3, Target::Room(1), "x").await, Posting::NotMember));
    assert!(matches!(post(db, 3, Target::Room(99), "x").await, Posting::NotMember));
    db.remove_friend(1, 2).await.unwrap();
    assert!(matches!(post(db, 1, Target::User(2), "x").await, Posting::NotFriends));
}

pub async fn a_message_is_stored_once_and_numbered_without_gaps(db: &Db) {
    two_friends(db).await;
    let mut tasks = Vec::new();
    for sender in [1, 2].repeat(8) {
        let db = Arc::clone(db);
        tasks.push(tokio::spawn(async move {
            let mut numbers = Vec::new();
            for _ in 0..20 {
                numbers.push(say(&db, sender, Target::User(3 - sender), "x").await.seq);
            }
            numbers
        }));
    }
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.extend(task.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=320).collect::<Vec<u64>>());
    assert_eq!(db.login_history(2, 1000, EVERYTHING).await.unwrap().messages.len(), 320);
}

async fn say_once(db: &Db, sender: u64, name: u8, body: &'static str) -> (Posting, bool) {
    let target = Target::User(3 - sender);
    let new =
        NewMessage { sender, target, body: Bytes::from_static(body.as_bytes()), time_ms: 7, sent: false };
    let told = Arc::new(Mutex::new(false));
    let heard = Arc::clone(&told);
    let committed = Box::new(move |_: &Stored| *heard.lock().unwrap() = true);
    let posting = db.post_message_once([name; 16], new, committed).await.unwrap();
    let told = *told.lock().unwrap();
    (posting, told)
}

pub async fn a_repeated_message_is_stored_once_and_answered_alike(db: &Db) {
    two_friends(db).await;
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let db = Arc::clone(db);
        tasks.push(tokio::spawn(async move { say_once(&db, 1, 9, "one").await }));
    }
    let (mut receipts, mut stored, mut told) = (Vec::new(), 0, 0);
    for task in tasks {
        let (posting, heard) = task.await.unwrap();
        told += usize::from(heard);
        match posting {
            Posting::Stored(message) => {
                stored += 1;
                receipts.push(message.receipt());
            }
            Posting::Repeated(receipt) => receipts.push(receipt),
            other => panic!("{other:?}"),
        }
    }
    receipts.dedup();
    assert_eq!((receipts.len(), stored, told), (1, 1, 1));
    db.remove_friend(1, 2).await.unwrap();
    assert!(
        matches!(say_once(db, 1, 9, "one").await.0, Posting::Repeated(receipt) if receipt == receipts[0]),
        "what was stored stays stored, whatever has changed since"
    );
    assert_eq!(db.login_history(2, 100, EVERYTHING).await.unwrap().messages.len(), 1);
}

pub async fn a_name_belongs_to_its_sender(db: &Db) {
    two_friends(db).await;
    for sender in [1, 2] {
        assert!(matches!(say_once(db, sender, 9, "mine").await.0, Posting::Stored(_)));
    }
    assert!(matches!(say_once(db, 1, 8, "another").await.0, Posting::Stored(stored) if stored.seq == 3));
    db.remove_friend(1, 2).await.unwrap();
    assert!(matches!(say_once(db, 1, 7, "too late").await.0, Posting::NotFriends));
}

pub async fn commits_call_back_in_the_order_of_their_numbers(db: &Db) {
    two_friends(db).await;
    let seen: Arc<Mutex<Vec<u64>>> = Arc::default();
    let mut tasks = Vec::new();
    for _ in 0..100 {
        let (db, seen) = (Arc::clone(db), Arc::clone(&seen));
        tasks.push(tokio::spawn(async move {
            let new =
                NewMessage { sender: 1, target: Target::User(2), body: Bytes::new(), time_ms: 0, sent: true };
            let committed = Box::new(move |stored: &Stored| seen.lock().unwrap().push(stored.id));
            db.post_message(new, committed).await.unwrap()
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 100);
    assert!(seen.is_sorted(), "{seen:?}");
}

pub async fn what_was_delivered_is_no_news_at_the_next_login(db: &Db) {
    two_friends(db).await;
    let first = say(db, 1, Target::User(2), "one").await;
    say(db, 1, Target::User(2), "two").await;
    db.note_delivered(2, first.conversation, first.seq);
    let history = db.login_history(2, 100, EVERYTHING).await.unwrap();
    assert_eq!(texts(&history.messages), said(&[("one", true), ("two", false)]));
    assert_eq!(history.messages[0].message.target_for(2), Target::User(1));
    let own = db.login_history(1, 100, EVERYTHING).await.unwrap();
    assert_eq!(texts(&own.messages), said(&[("one", true), ("two", true)]));
    assert_eq!(own.messages[0].message.target_for(1), Target::User(2));
}

pub async fn a_cursor_never_goes_back(db: &Db) {
    two_friends(db).await;
    say(db, 1, Target::User(2), "one").await;
    let second = say(db, 1, Target::User(2), "two").await;
    db.note_delivered(2, second.conversation, 2);
    db.login_history(2, 1, EVERYTHING).await.unwrap();
    db.note_delivered(2, second.conversation, 1);
    let history = db.login_history(2, 100, EVERYTHING).await.unwrap();
    assert!(history.messages.iter().all(|item| item.delivered));
}

pub async fn a_page_knows_what_was_delivered_a_moment_ago(db: &Db) {
    two_friends(db).await;
    let stored = say(db, 1, Target::User(2), "one").await;
    say(db, 1, Target::User(2), "two").await;
    db.note_delivered(2, stored.conversation, stored.seq);
    let page = db.messages_after(2, 0, 100, EVERYTHING).await.unwrap();
    assert_eq!(texts(&page), said(&[("one", true), ("two", false)]));
    let own = db.messages_after(1, stored.id, 100, EVERYTHING).await.unwrap();
    assert_eq!(texts(&own), said(&[("two", true)]));
}

pub async fn an_ex_friend_keeps_what_was_said(db: &Db) {
    two_friends(db).await;
    say(db, 1, Target::User(2), "hello").await;
    db.remove_friend(1, 2).await.unwrap();
    for user in [1, 2] {
        assert_eq!(db.login_history(user, 100, EVERYTHING).await.unwrap().messages.len(), 1);
    }
    assert!(db.login_history(3, 100, EVERYTHING).await.unwrap().messages.is_empty());
}

pub async fn old_news_of_one_conversation_hold_back_the_newer_ones_of_another(db: &Db) {
    two_friends(db).await;
    befriend(db, 2, 3).await;
    let first = say(db, 1, Target::User(2), "seen").await;
    db.note_delivered(2, first.conversation, first.seq);
    let news = say(db, 3, Target::User(2), "unseen").await;
    for text in ["later1", "later2"] {
        let later = say(db, 1, Target::User(2), text).await;
        db.note_delivered(2, later.conversation, later.seq);
    }
    let history = db.login_history(2, 2, EVERYTHING).await.unwrap();
    assert_eq!(texts(&history.messages), said(&[("seen", true)]));
    assert_eq!(history.position, news.id - 1);
    let rest = db.messages_after(2, history.position, 100, EVERYTHING).await.unwrap();
    assert_eq!(texts(&rest), said(&[("unseen", false), ("later1", true), ("later2", true)]));
    let nothing = db.login_history(2, 100, 0).await.unwrap();
    assert!(nothing.messages.is_empty() && nothing.position == news.id - 1, "{nothing:?}");
}

pub async fn history_is_the_newest_within_its_limits(db: &Db) {
    two_friends(db).await;
    let mut last = say(db, 1, Target::User(2), "0000").await;
    for text in ["1111", "2222", "3333"] {
        last = say(db, 1, Target::User(2), text).await;
    }
    db.note_delivered(2, last.conversation, last.seq);
    let by_number = db.login_history(2, 2, EVERYTHING).await.unwrap();
    assert_eq!(texts(&by_number.messages), said(&[("2222", true), ("3333", true)]));
    let by_bytes = db.login_history(2, 100, 8).await.unwrap();
    assert_eq!(by_bytes, by_number);
    assert_eq!(by_bytes.position, last.id);
}

pub async fn news_that_do_not_fit_come_after_the_position(db: &Db) {
    two_friends(db).await;
    let old = say(db, 1, Target::User(2), "old").await;
    db.note_delivered(2, old.conversation, old.seq);
    for text in ["new1", "new2", "new3"] {
        say(db, 1, Target::User(2), text).await;
    }
    let history = db.login_history(2, 2, EVERYTHING).await.unwrap();
    assert_eq!(texts(&history.messages), said(&[("old", true)]));
    assert_eq!(history.position, old.id);
    let rest = db.messages_after(2, history.position, 100, EVERYTHING).await.unwrap();
    assert_eq!(texts(&rest), said(&[("new1", false), ("new2", false), ("new3", false)]));
}

pub async fn members_see_a_room_from_joining_on(db: &Db) {
    users(db, &["ann", "bob"]).await;
    db.create_room(1, "tea").await.unwrap();
    say(db, 1, Target::Room(1), "before").await;
    db.join_room(2, 1).await.unwrap();
    let stored = say(db, 1, Target::Room(1), "after").await;
    assert_eq!((stored.seq, stored.recipients.as_slice()), (2, &[1, 2][..]));
    assert_eq!(stored.target_for(2), Target::Room(1));
    let history = db.login_history(2, 100, EVERYTHING).await.unwrap();
    assert_eq!(texts(&history.messages), said(&[("after", false)]));
    assert_eq!(texts(&db.messages_after(2, 0, 100, EVERYTHING).await.unwrap()), said(&[("after", false)]));
}

pub async fn every_position_gives_exactly_what_comes_after_it(db: &Db) {
    two_friends(db).await;
    befriend(db, 1, 3).await;
    db.create_room(1, "tea").await.unwrap();
    let mut visible = Vec::new();
    for number in 0..60_u64 {
        if number == 20 {
            db.join_room(2, 1).await.unwrap();
        }
        let (sender, target) = match number % 7 {
            0 | 3 => (1, Target::User(2)),
            1 => (2, Target::User(1)),
            2 | 5 => (3, Target::User(1)),
            _ => (1, Target::Room(1)),
        };
        let stored = say(db, sender, target, "x").await;
        if stored.recipients.contains(&2) {
            visible.push(stored.id);
        }
    }
    for position in 0..=60 {
        let page = db.messages_after(2, position, 100, EVERYTHING).await.unwrap();
        let found: Vec<u64> = page.iter().map(|item| item.message.id).collect();
        let expected: Vec<u64> = visible.iter().copied().filter(|id| *id > position).collect();
        assert_eq!(found, expected, "after {position}");
    }
}

pub async fn a_late_member_pages_from_joining_on(db: &Db) {
    users(db, &["ann", "bob"]).await;
    db.create_room(1, "tea").await.unwrap();
    for _ in 0..5 {
        say(db, 1, Target::Room(1), "before").await;
    }
    db.join_room(2, 1).await.unwrap();
    for text in ["one", "two", "three"] {
        say(db, 1, Target::Room(1), text).await;
    }
    let page = db.messages_after(2, 2, 2, EVERYTHING).await.unwrap();
    assert_eq!(texts(&page), said(&[("one", false), ("two", false)]));
    let last = db.messages_after(2, page[1].message.id, 2, 1).await.unwrap();
    assert_eq!(texts(&last), said(&[("three", false)]), "one comes, whatever its size");
    assert!(db.messages_after(2, last[0].message.id, 2, 1).await.unwrap().is_empty());
}

pub async fn pages_follow_each_other_without_gap_or_repeat(db: &Db) {
    two_friends(db).await;
    befriend(db, 2, 3).await;
    for number in 0..10 {
        say(db, 1, Target::User(2), &format!("a{number}")).await;
        say(db, 3, Target::User(2), &format!("e{number}")).await;
    }
    let mut position = 0;
    let mut seen = Vec::new();
    loop {
        let page = db.messages_after(2, position, 7, 9).await.unwrap();
        let Some(last) = page.last() else { break };
        position = last.message.id;
        assert!(page.len() <= 4, "nine bytes hold four messages of two");
        seen.extend(texts(&page).into_iter().map(|(text, _)| text));
    }
    let expected: Vec<String> =
        (0..10).flat_map(|number| [format!("a{number}"), format!("e{number}")]).collect();
    assert_eq!(seen, expected);
}
