//! Tests of the local history.

use bytes::Bytes;
use proptest::prelude::*;
use uchat_codec::Blob;
use uchat_codec::chat::{MessageBody, NewMessage, UserInfo};

use super::*;
use crate::ConversationId;
use crate::state::{Contact, Content};

const BOB: ConversationId = ConversationId::Friend(2);

fn store() -> (tempfile::TempDir, LocalStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::open(dir.path()).unwrap();
    (dir, store)
}

fn message(target: u64, sender: u64, time: u64, text: &str) -> NewMessage {
    NewMessage {
        message: MessageBody::text(text).into_value().unwrap(),
        sender_id: sender,
        sender_name: format!("u{sender}"),
        target_type: 0,
        time,
        target_id: target,
    }
}

fn texts(rows: &[Stored]) -> Vec<&str> {
    rows.iter().filter_map(|row| row.content.text()).collect()
}

fn found(store: &LocalStore, needle: &str) -> Vec<String> {
    let found = store.search(needle, None, 100).unwrap();
    found.into_iter().map(|found| found.stored.content.text().unwrap().to_owned()).collect()
}

#[test]
fn what_came_live_is_not_doubled_by_the_next_login() {
    let (_dir, mut store) = store();
    store.record_live(&message(2, 2, 10, "hi")).unwrap().unwrap();
    store.record_live(&message(2, 2, 10, "hi")).unwrap().unwrap();
    let bundle = [message(2, 2, 10, "hi"), message(2, 2, 10, "hi"), message(2, 2, 11, "new")];
    assert_eq!(texts(&store.record_bundle(&bundle).unwrap()), ["new"]);
    assert_eq!(store.record_bundle(&bundle).unwrap(), []);
    assert_eq!(store.count(BOB).unwrap(), 3, "two equal messages of one moment stay two");
}

#[test]
fn everything_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let me = UserInfo { id: 1, username: "ann".into(), ..UserInfo::default() };
    let contact = Contact {
        id: BOB,
        name: "bob".into(),
        ip: "10.0.0.1".into(),
        port: "1".into(),
        online: true,
        listed: true,
        unread: 0,
        last: None,
    };
    let mut store = LocalStore::open(dir.path()).unwrap();
    store
        .record_bundle(&[message(2, 2, 1, "one"), message(2, 1, 2, "mine"), message(2, 2, 3, "two")])
        .unwrap();
    store.save_contacts(&me, &[contact]).unwrap();
    store.save_draft(BOB, "half a").unwrap();
    drop(store);
    let mut store = LocalStore::open(dir.path()).unwrap();
    let snapshot = store.load().unwrap();
    assert_eq!(snapshot.me.unwrap().username, "ann");
    assert_eq!((snapshot.contacts[0].name.as_str(), snapshot.contacts[0].unread), ("bob", 2));
    assert_eq!(snapshot.contacts[0].last.as_ref().unwrap().content.text(), Some("two"));
    assert_eq!(snapshot.drafts, [(BOB, "half a".to_owned())]);
    store.mark_read(BOB).unwrap();
    store.record_live(&message(2, 2, 4, "three")).unwrap();
    assert_eq!(store.load().unwrap().contacts[0].unread, 1);
    store.save_draft(BOB, "").unwrap();
    assert_eq!(store.load().unwrap().drafts, []);
}

#[test]
fn an_image_is_remembered_by_what_it_is() {
    let (_dir, mut store) = store();
    let data = Bytes::from_static(b"\x89PNG and so on");
    let body = MessageBody::Image { data: Blob(data.clone()) }.into_value().unwrap();
    store.record_live(&NewMessage { message: body, ..message(2, 2, 1, "") }).unwrap();
    let page = store.newest(BOB, 10).unwrap();
    assert_eq!(page.rows[0].content, Content::File(crate::attachment::Attachment::of(&data)));
}

#[test]
fn a_part_of_a_word_is_found_in_any_script() {
    let (_dir, mut store) = store();
    for (time, text) in
        (1..).zip(["今天天气很好，我们去公园散步吧", "Hello World", "价格是100%", "公司", "园公"])
    {
        store.record_live(&message(2, 2, time, text)).unwrap();
    }
    assert_eq!(found(&store, "公园"), ["今天天气很好，我们去公园散步吧"]);
    assert_eq!(found(&store, "气很好，我们"), ["今天天气很好，我们去公园散步吧"]);
    assert_eq!(found(&store, "ELLO w"), ["Hello World"]);
    assert_eq!(
        found(&store, "公"),
        ["园公", "公司", "今天天气很好，我们去公园散步吧"],
        "one letter, newest first"
    );
    assert_eq!(found(&store, "吧"), ["今天天气很好，我们去公园散步吧"]);
    assert_eq!(found(&store, "100%"), ["价格是100%"]);
    assert_eq!(found(&store, "%"), ["价格是100%"]);
    assert_eq!(found(&store, "\" OR \"x"), [""; 0], "a search is never a query");
    assert_eq!(found(&store, "没有"), [""; 0]);
}

#[test]
fn a_search_can_stay_within_a_conversation() {
    let (_dir, mut store) = store();
    store.record_live(&message(2, 2, 1, "match")).unwrap();
    store.record_live(&message(3, 3, 2, "match")).unwrap();
    assert_eq!(store.search("match", Some(BOB), 10).unwrap().len(), 1);
}

#[test]
fn a_damaged_history_is_moved_aside_and_said_so() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("history.db"), b"this is no database at all, but long enough to look")
        .unwrap();
    let mut store = LocalStore::open(dir.path()).unwrap();
    assert!(store.damaged().unwrap().exists());
    store.record_live(&message(2, 2, 1, "works")).unwrap();
    drop(store);
    assert_eq!(LocalStore::open(dir.path()).unwrap().damaged(), None);
}

#[test]
fn a_history_of_a_newer_program_is_refused_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    drop(LocalStore::open(dir.path()).unwrap());
    let db = rusqlite::Connection::open(dir.path().join("history.db")).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    assert!(matches!(LocalStore::open(dir.path()), Err(StoreError::Version(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pages_in_both_directions_show_every_message_once(times in prop::collection::vec(0_u64..20, 1..60), limit in 1_usize..9) {
        let (_dir, mut store) = store();
        for (number, time) in times.iter().enumerate() {
            store.record_live(&message(2, 2, *time, &number.to_string())).unwrap();
        }
        let mut back = Vec::new();
        let mut page = store.newest(BOB, limit).unwrap();
        prop_assert!(!page.more_after);
        loop {
            back.splice(0..0, page.rows.iter().map(|row| row.position));
            if !page.more_before { break }
            page = store.before(BOB, back[0], limit).unwrap();
        }
        prop_assert_eq!(back.len(), times.len());
        prop_assert!(back.windows(2).all(|pair| pair[0] < pair[1]));
        let mut forth = vec![back[0]];
        while let Some(last) = forth.last().copied() {
            let page = store.after(BOB, last, limit).unwrap();
            forth.extend(page.rows.iter().map(|row| row.position));
            if !page.more_after { break }
        }
        prop_assert_eq!(forth, back);
    }
}
