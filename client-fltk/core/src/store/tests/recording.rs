//! Each message is stored once, and comes back as it was.

use bytes::Bytes;
use uchat_codec::Value;
use uchat_codec::chat::room::SystemLine;
use uchat_codec::chat::{Blob, FileHash, FileRef};

use super::*;
use crate::arrived::{Arrived, Place};
use crate::attachment::Attachment;
use crate::shared_file::SharedFile;
use crate::state::Content;

#[test]
fn what_came_live_is_not_doubled_by_the_next_login() {
    let (_dir, mut store) = store();
    store.record_live(&from_bob(10, "hi")).unwrap().unwrap();
    store.record_live(&from_bob(10, "hi")).unwrap().unwrap();
    let bundle = [from_bob(10, "hi"), from_bob(10, "hi"), from_bob(11, "new")];
    assert_eq!(texts(&store.record_bundle(&bundle).unwrap()), ["new"]);
    assert_eq!(store.record_bundle(&bundle).unwrap(), []);
    assert_eq!(store.count(BOB).unwrap(), 3, "two equal messages of one moment stay two");
}

#[test]
fn a_live_message_after_an_equal_one_of_a_login_is_another_one() {
    let (_dir, mut store) = store();
    store.record_bundle(&[from_bob(10, "hi")]).unwrap();
    store.record_live(&from_bob(10, "hi")).unwrap().unwrap();
    assert_eq!(store.count(BOB).unwrap(), 2);
}

#[test]
fn messages_that_differ_only_in_sender_size_or_conversation_are_not_the_same() {
    let (_dir, mut store) = store();
    let text = |fontsize| MessageBody::Text { data: "x".into(), fontsize, fontcolor: "#000000".into() };
    let sized = |size| NewMessage { message: text(size).into_value().unwrap(), ..from_bob(1, "") };
    let room = NewMessage { target_type: 1, ..sized(12) };
    let bundle = [sized(12), sized(14), message(2, ME, 1, "x"), message(3, 2, 1, "x"), room];
    assert_eq!(store.record_bundle(&bundle).unwrap().len(), 5);
    assert_eq!(store.record_bundle(&bundle).unwrap().len(), 0);
    assert_eq!(store.count(ConversationId::Room(2)).unwrap(), 1);
}

#[test]
fn what_is_new_in_a_login_is_given_oldest_first() {
    let (_dir, mut store) = store();
    let bundle = [from_bob(3, "c"), from_bob(1, "a"), message(3, 3, 2, "b")];
    assert_eq!(texts(&store.record_bundle(&bundle).unwrap()), ["a", "b", "c"]);
}

#[test]
fn every_kind_of_content_comes_back_as_it_was_after_a_restart() {
    let (dir, mut store) = store();
    let data = Bytes::from_static(b"\x89PNG and so on");
    let image = MessageBody::Image { data: Blob(data.clone()), name: Some("../me.png".into()) };
    let text =
        MessageBody::Text { data: "你好 \0 \u{1f600}".into(), fontsize: 17, fontcolor: "#a0b0c0".into() };
    let other = MessageBody::Other(Value::List(vec![Value::Bool(true), Value::Bytes(data.clone())]));
    let reference = |thumbnail: &Bytes| FileRef {
        sha256: FileHash([9; 32]),
        size: 5_000_000_000,
        name: "../garden.zip".into(),
        thumbnail: Blob(thumbnail.clone()),
    };
    let file = |thumbnail: &Bytes| MessageBody::Other(reference(thumbnail).into_message().unwrap());
    let bodies = [image, text, other, file(&data), file(&Bytes::new())];
    let messages = (1..)
        .zip(bodies)
        .map(|(time, body)| NewMessage { message: body.into_value().unwrap(), ..from_bob(time, "") });
    let messages: Vec<_> = messages.collect();
    let stored = store.record_live_all(&messages).unwrap();
    assert_eq!(stored[0].content, Content::File(Attachment::of(&data).called("../me.png")));
    assert_eq!(stored[3].content, Content::Shared(SharedFile::of(reference(&data)).0));
    let store = reopened(&dir, store);
    assert_eq!(store.newest(BOB, 10).unwrap().rows, stored);
}

#[test]
fn numbers_that_the_database_has_no_room_for_do_no_harm() {
    let (_dir, mut store) = store();
    let far = NewMessage { sender_id: u64::MAX, target_id: u64::MAX, ..from_bob(u64::MAX, "far") };
    store.record_live(&far).unwrap();
    let id = ConversationId::Friend(u64::MAX);
    let page = store.newest(id, 10).unwrap();
    assert_eq!((page.rows[0].sender_id, page.rows[0].conversation), (u64::MAX, id));
    assert_eq!(store.record_bundle(&[far]).unwrap(), []);
    let nowhere = NewMessage { target_type: 7, ..from_bob(1, "nowhere") };
    assert_eq!(store.record_live(&nowhere).unwrap(), None);
}

#[test]
fn a_line_of_the_server_comes_back_as_one_and_is_nobodys_message() {
    let (dir, mut store) = store();
    let told = SystemLine { event: "left".into(), user: 2, name: "bob".into(), detail: "eve".into() };
    let content = told.clone().message("退出了群").unwrap();
    let room = |number: Option<u64>, time| {
        let message = NewMessage { message: content.clone(), target_type: 1, ..from_bob(time, "") };
        let place = number.map(|number| Place { conversation: 4, number });
        Arrived { place, ..Arrived::new(message) }
    };
    store.record_live_all(&[room(Some(1), 1), room(None, 2)]).unwrap();
    let store = reopened(&dir, store);
    let at = ConversationId::Room(from_bob(1, "").target_id);
    let rows = store.newest(at, 9).unwrap().rows;
    assert_eq!(rows[0].content, Content::System { line: told, text: "退出了群".into() });
    assert_eq!(rows[1].content.text(), Some("退出了群"), "what nobody vouches for is a text");
}
