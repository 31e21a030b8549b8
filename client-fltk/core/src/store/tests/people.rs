//! Contacts, drafts and unconfirmed messages over a restart.

use super::*;
use crate::state::{Content, SendState};

#[test]
fn the_list_is_there_after_a_restart_before_any_network() {
    let (dir, mut store) = store();
    let room = ConversationId::Room(2);
    let stranger = Contact { listed: false, ..contact(ConversationId::Friend(9), "stranger") };
    store.save_contacts(&me(), &[contact(room, "tea"), contact(BOB, "bob"), stranger]).unwrap();
    store.record_bundle(&[from_bob(1, "one"), from_bob(3, &"long".repeat(1_000))]).unwrap();
    let snapshot = reopened(&dir, store).load().unwrap();
    assert_eq!(snapshot.me.unwrap(), me());
    let names: Vec<_> = snapshot.contacts.iter().map(|contact| contact.name.as_str()).collect();
    assert_eq!(names, ["bob", "tea"], "who wrote last comes first, strangers are not listed");
    let bob = &snapshot.contacts[0];
    assert_eq!((bob.ip.as_str(), bob.online, bob.unread, bob.last_time()), ("10.0.0.1", false, 2, 3));
    let Some(Content::Text { text, .. }) = bob.last.as_ref().map(|last| &last.content) else {
        panic!("no text")
    };
    assert!(text.starts_with("longlong") && text.len() < 200);
}

#[test]
fn new_contacts_replace_the_old_ones_and_messages_stay() {
    let (_dir, mut store) = store();
    store.save_contacts(&me(), &[contact(BOB, "bob")]).unwrap();
    store.record_live(&from_bob(1, "one")).unwrap();
    store.save_contacts(&me(), &[]).unwrap();
    assert_eq!(store.load().unwrap().contacts, []);
    assert_eq!(store.count(BOB).unwrap(), 1);
}

#[test]
fn a_draft_stays_until_it_is_emptied() {
    let (dir, mut store) = store();
    store.save_draft(BOB, "half").unwrap();
    store.save_draft(BOB, "half a").unwrap();
    let mut store = reopened(&dir, store);
    assert_eq!(store.drafts().unwrap(), [(BOB, "half a".to_owned())]);
    let error = store.save_draft(BOB, &"x".repeat(MAX_DRAFT + 1)).unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error}");
    assert_eq!(store.drafts().unwrap().len(), 1);
    store.save_draft(BOB, "").unwrap();
    assert_eq!(store.drafts().unwrap(), []);
}

#[test]
fn no_more_drafts_than_the_most_are_kept_but_those_that_are_can_change() {
    let (_dir, mut store) = store();
    for number in 0..MAX_DRAFTS as u64 {
        store.save_draft(ConversationId::Room(number), "x").unwrap();
    }
    assert!(matches!(store.save_draft(BOB, "y"), Err(StoreError::Full { .. })));
    store.save_draft(ConversationId::Room(5), "z").unwrap();
}

fn unsent(id: u64, time: u64, state: SendState) -> Unsent {
    Unsent {
        id,
        to: BOB,
        time,
        state,
        name: None,
        body: MessageBody::text(id.to_string()).into_value().unwrap(),
    }
}

#[test]
fn own_messages_wait_over_a_restart_until_they_are_removed() {
    let (dir, mut store) = store();
    let first = unsent(u64::MAX, 1, SendState::Sending);
    store.put_outgoing(&unsent(7, 2, SendState::Sending)).unwrap();
    store.put_outgoing(&first).unwrap();
    store.put_outgoing(&unsent(7, 2, SendState::Failed)).unwrap();
    let mut store = reopened(&dir, store);
    assert_eq!(store.outgoing().unwrap(), [first.clone(), unsent(7, 2, SendState::Failed)]);
    store.remove_outgoing(7).unwrap();
    assert_eq!(store.outgoing().unwrap(), [first]);
}

#[test]
fn no_more_own_messages_wait_than_the_most() {
    let (_dir, mut store) = store();
    for id in 0..MAX_OUTGOING as u64 {
        store.put_outgoing(&unsent(id, id, SendState::Sending)).unwrap();
    }
    let error = store.put_outgoing(&unsent(5_000, 1, SendState::Sending)).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    store.put_outgoing(&unsent(3, 3, SendState::Failed)).unwrap();
}
