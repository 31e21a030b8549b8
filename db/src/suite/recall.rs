//! Messages that are taken back.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests: their names say what they mean")]

use bytes::Bytes;

use super::messages::{EVERYTHING, say, two_friends};
use crate::model::{Recall, Recalling, Target};
use crate::store::Db;

fn recall(sender: u64, seq: u64, since_ms: u64) -> Recall {
    let (emptied, notice) = (Bytes::from_static(b"gone"), Bytes::from_static(b"took it back"));
    Recall { sender, conversation: 1, seq, since_ms, emptied, notice, time_ms: 1_562_754_770_000 }
}

pub async fn a_message_is_taken_back_by_its_sender_for_a_while(db: &Db) {
    two_friends(db).await;
    for text in ["one", "two", "three"] {
        say(db, 1, Target::User(2), text).await;
    }
    let early = 1_562_754_761_321;
    assert_eq!(db.recall_message(recall(2, 2, 0)).await.unwrap(), Recalling::NoMessage);
    assert_eq!(db.recall_message(recall(1, 9, 0)).await.unwrap(), Recalling::NoMessage);
    assert_eq!(db.recall_message(recall(1, 2, early + 1)).await.unwrap(), Recalling::TooLate);
    assert_eq!(db.recall_message(recall(1, 2, early)).await.unwrap(), Recalling::Done(vec![1, 2]));
    assert_eq!(db.recall_message(recall(1, 2, early)).await.unwrap(), Recalling::Already);
    let history = db.login_history(2, 10, EVERYTHING).await.unwrap();
    let seen: Vec<_> =
        history.messages.iter().map(|item| (item.message.seq, &item.message.body[..])).collect();
    let wanted: [(u64, &[u8]); 4] = [(1, b"one"), (2, b"gone"), (3, b"three"), (4, b"took it back")];
    assert_eq!(seen, wanted);
    assert_eq!(say(db, 2, Target::User(1), "and now?").await.seq, 5);
}

pub async fn who_was_in_the_room_hears_that_something_was_taken_back(db: &Db) {
    two_friends(db).await;
    db.create_room(3, "tea").await.unwrap();
    db.join_room(1, 1).await.unwrap();
    let said = say(db, 3, Target::Room(1), "oops").await;
    let asked = Recall { conversation: said.conversation, ..recall(3, said.seq, 0) };
    assert_eq!(db.recall_message(asked).await.unwrap(), Recalling::Done(vec![3, 1]));
    let news = db.messages_after(1, said.id, 10, EVERYTHING).await.unwrap();
    assert_eq!((news.len(), news[0].message.target), (1, Target::Room(1)));
}
