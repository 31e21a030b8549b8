//! What a client gets that knows the numbers of messages: what is new, pages, cursors.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests: their names say what they mean")]

use std::collections::HashMap;

use bytes::Bytes;

use super::messages::{EVERYTHING, say, two_friends};
use super::{befriend, users};
use crate::model::{Cursor, HistoryItem, NewMessage, Page, Posting, Resume, Target};
use crate::store::Db;

fn asked(have: &[(u64, u64)], page: usize, max_messages: usize) -> Resume {
    let have = have.iter().copied().collect::<HashMap<_, _>>();
    Resume { have, page, max_messages, max_bytes: EVERYTHING, max_others: 8 }
}

fn numbers(items: &[HistoryItem]) -> Vec<(u64, u64)> {
    items.iter().map(|item| (item.message.conversation, item.message.seq)).collect()
}

fn received(number: u64) -> Cursor {
    Cursor { received: number, ..Cursor::default() }
}

fn read(number: u64) -> Cursor {
    Cursor { received: number, read: number, shown: number }
}

/// Ann and Bob have said five things (conversation `c`), then Eve and Ann two (conversation `d`).
async fn two_conversations(db: &Db) -> (u64, u64) {
    two_friends(db).await;
    befriend(db, 1, 3).await;
    let mut c = 0;
    for text in ["1", "2", "3", "4", "5"] {
        c = say(db, 2, Target::User(1), text).await.conversation;
    }
    say(db, 3, Target::User(1), "1").await;
    (c, say(db, 1, Target::User(3), "2").await.conversation)
}

pub async fn a_client_gets_the_newest_of_what_it_does_not_have(db: &Db) {
    let (c, d) = two_conversations(db).await;
    let new = db.resume(1, asked(&[(c, 3)], 10, EVERYTHING)).await.unwrap();
    assert_eq!(numbers(&new.messages), [(d, 1), (d, 2), (c, 4), (c, 5)]);
    let standing = |at: usize| &new.conversations[at];
    assert_eq!((standing(0).conversation, standing(0).target, standing(0).latest), (d, Target::User(3), 2));
    assert_eq!((standing(1).conversation, standing(1).target, standing(1).latest), (c, Target::User(2), 5));
    assert_eq!(standing(1).others, [(2, Cursor::default())]);
    let page = db.resume(1, asked(&[], 1, EVERYTHING)).await.unwrap();
    assert_eq!(numbers(&page.messages), [(d, 2), (c, 5)], "one of each");
    let later = say(db, 2, Target::User(1), "6").await;
    let live = db.messages_after(1, new.position, 9, EVERYTHING).await.unwrap();
    assert_eq!(live.iter().map(|item| item.message.id).collect::<Vec<_>>(), [later.id]);
}

pub async fn what_does_not_fit_is_told_and_fetched_by_pages(db: &Db) {
    let (c, d) = two_conversations(db).await;
    let new = db.resume(1, asked(&[], 10, 4)).await.unwrap();
    assert_eq!(numbers(&new.messages), [(d, 1), (d, 2), (c, 4), (c, 5)]);
    assert_eq!(new.conversations.len(), 2);
    let page = db.page(1, c, Page::Before(4), 2, EVERYTHING).await.unwrap().unwrap();
    assert_eq!(numbers(&page), [(c, 2), (c, 3)]);
    let page = db.page(1, c, Page::After(0), 9, 1).await.unwrap().unwrap();
    assert_eq!(numbers(&page), [(c, 1)], "one, however few bytes are wanted");
    let page = db.page(1, c, Page::After(5), 9, EVERYTHING).await.unwrap().unwrap();
    assert_eq!(numbers(&page), []);
    let small = Resume { max_bytes: 3, ..asked(&[], 10, EVERYTHING) };
    let new = db.resume(1, small).await.unwrap();
    assert_eq!(numbers(&new.messages), [(d, 1), (d, 2), (c, 5)]);
}

pub async fn a_page_stays_within_a_conversation_and_where_its_user_joined(db: &Db) {
    users(db, &["ann", "bob", "eve"]).await;
    db.create_room(1, "tea").await.unwrap();
    let room = say(db, 1, Target::Room(1), "before").await.conversation;
    db.join_room(2, 1).await.unwrap();
    say(db, 1, Target::Room(1), "after").await;
    for page in [Page::After(0), Page::Before(99)] {
        let seen = db.page(2, room, page, 9, EVERYTHING).await.unwrap().unwrap();
        assert_eq!(numbers(&seen), [(room, 2)]);
        assert_eq!(db.page(3, room, page, 9, EVERYTHING).await.unwrap(), None, "no member");
    }
    let new = db.resume(2, asked(&[], 9, EVERYTHING)).await.unwrap();
    assert_eq!((new.conversations[0].first, numbers(&new.messages)), (1, vec![(room, 2)]));
    assert_eq!(db.resume(3, asked(&[], 9, EVERYTHING)).await.unwrap().conversations, []);
}

pub async fn a_clock_that_goes_back_changes_no_number_and_no_order(db: &Db) {
    two_friends(db).await;
    let mut stored = Vec::new();
    for (time_ms, body) in [(9_000, "1"), (2_000, "2"), (0, "3"), (5_000, "4")] {
        let body = Bytes::from_static(body.as_bytes());
        let new = NewMessage { sender: 1, target: Target::User(2), body, time_ms, sent: false };
        let Posting::Stored(message) = db.post_message(new, Box::new(|_| {})).await.unwrap() else {
            panic!()
        };
        stored.push((message.conversation, message.seq));
    }
    let c = stored[0].0;
    assert_eq!(stored, [(c, 1), (c, 2), (c, 3), (c, 4)]);
    let page = db.page(2, c, Page::Before(4), 2, EVERYTHING).await.unwrap().unwrap();
    assert_eq!(numbers(&page), [(c, 2), (c, 3)]);
    let new = db.resume(2, asked(&[(c, 3)], 10, EVERYTHING)).await.unwrap();
    assert_eq!(numbers(&new.messages), [(c, 4)]);
    let bundle = db.login_history(2, 10, EVERYTHING).await.unwrap();
    assert_eq!(numbers(&bundle.messages), stored);
}

pub async fn a_cursor_moves_forward_and_not_beyond_the_last_message(db: &Db) {
    let (c, _) = two_conversations(db).await;
    let moved = db.move_cursor(1, c, received(99), 8).await.unwrap().unwrap();
    assert_eq!((moved.cursor, moved.senders), (received(5), vec![2]));
    let again = db.move_cursor(1, c, received(2), 8).await.unwrap().unwrap();
    assert_eq!((again.cursor, again.senders), (received(5), vec![]));
    assert_eq!(db.move_cursor(3, c, received(1), 8).await.unwrap(), None, "not hers");
    let seen = db.resume(2, asked(&[(c, 5)], 9, EVERYTHING)).await.unwrap();
    assert_eq!(seen.conversations[0].others, [(1, received(5))]);
}

pub async fn the_senders_of_what_was_received_are_told_in_small_rooms_only(db: &Db) {
    users(db, &["ann", "bob", "eve"]).await;
    db.create_room(1, "tea").await.unwrap();
    db.join_room(2, 1).await.unwrap();
    db.join_room(3, 1).await.unwrap();
    let room = say(db, 1, Target::Room(1), "a").await.conversation;
    say(db, 2, Target::Room(1), "b").await;
    say(db, 1, Target::Room(1), "c").await;
    let moved = db.move_cursor(3, room, received(1), 8).await.unwrap().unwrap();
    assert_eq!(moved.senders, [1]);
    let moved = db.move_cursor(3, room, received(3), 8).await.unwrap().unwrap();
    assert_eq!(moved.senders, [2, 1]);
    let moved = db.move_cursor(2, room, received(3), 1).await.unwrap().unwrap();
    assert_eq!((moved.cursor, moved.senders), (received(3), vec![]), "two others are too many");
}

pub async fn what_is_read_quietly_is_read_for_oneself_only(db: &Db) {
    let (c, _) = two_conversations(db).await;
    db.move_cursor(1, c, received(5), 8).await.unwrap();
    let quiet = Cursor { read: 4, ..Cursor::default() };
    assert_eq!(db.move_cursor(1, c, quiet, 8).await.unwrap().unwrap().senders, [0; 0]);
    let own = db.resume(1, asked(&[], 0, 0)).await.unwrap();
    assert_eq!(own.conversations[1].cursor, Cursor { received: 5, read: 4, shown: 0 });
    assert_eq!(db.move_cursor(1, c, read(5), 8).await.unwrap().unwrap().senders, [2]);
    let other = db.resume(2, asked(&[], 0, 0)).await.unwrap();
    assert_eq!(other.conversations[0].others, [(1, read(5))]);
}

pub async fn a_plain_client_has_read_what_it_has_received(db: &Db) {
    let (c, _) = two_conversations(db).await;
    db.note_delivered(1, c, 4);
    let own = db.resume(1, asked(&[], 0, 0)).await.unwrap();
    assert_eq!(own.conversations[1].cursor, Cursor { received: 4, read: 4, shown: 0 });
}
