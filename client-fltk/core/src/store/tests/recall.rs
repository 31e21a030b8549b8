//! What was taken back is nowhere on the disk any more: not shown, not found.

use uchat_codec::chat::TakenBack;

use super::*;
use crate::arrived::{Arrived, Place};

fn numbered(number: u64, text: &str) -> Arrived {
    let place = Some(Place { conversation: 4, number });
    Arrived { place, ..Arrived::new(from_bob(number, text)) }
}

fn saying(said: TakenBack, number: u64) -> Arrived {
    let mut arrived = numbered(number, "");
    arrived.message.message = said.content("gone").unwrap();
    arrived
}

#[test]
fn a_notice_empties_the_message_and_gives_it_back_as_it_is_now() {
    let (dir, mut store) = store();
    store.record_live_all(&[numbered(1, "a secret"), numbered(2, "no secret")]).unwrap();
    assert_eq!(store.search("secret", None, 10).unwrap().len(), 2);
    let mut notice = saying(TakenBack::Other(1), 3);
    notice.message.sender_id = ME;
    store.record_live_all(&[notice]).unwrap();
    assert_eq!(all_texts(&store), ["a secret", "no secret"], "not by somebody else");
    let changed = store.record_live_all(&[saying(TakenBack::Other(1), 4)]).unwrap();
    let said: Vec<_> = changed.iter().map(|stored| (stored.number, stored.content.taken_back())).collect();
    assert_eq!(said, [(Some(1), Some(TakenBack::This)), (Some(4), Some(TakenBack::Other(1)))]);
    let store = reopened(&dir, store);
    assert_eq!(all_texts(&store), ["no secret"]);
    assert_eq!(store.search("secret", None, 10).unwrap().len(), 1);
    assert_eq!(store.count(BOB).unwrap(), 4);
}

#[test]
fn a_message_that_comes_again_empty_is_emptied_and_not_doubled() {
    let (_dir, mut store) = store();
    store.record_live_all(&[numbered(1, "a secret")]).unwrap();
    store.record_bundle(&[saying(TakenBack::This, 1)]).unwrap();
    store.record_bundle(&[saying(TakenBack::This, 1), saying(TakenBack::This, 2)]).unwrap();
    assert_eq!((all_texts(&store).len(), store.count(BOB).unwrap()), (0, 2));
}
