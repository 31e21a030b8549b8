//! Rooms as people expect: owners, rules, and what classic clients see of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{Server, Wire, befriend, user};
use uchat_codec::chat::room::{
    AnswerInvitation, Entry, InRoom, RenameRoom, ResolveRequest, SetEntry, SetMuted, UserInRoom,
};
use uchat_codec::chat::{Call, RoomInfo};
use uchat_codec::{Value, opcode, to_value};

/// The room of these tests.
const ROOM: u64 = 1;

/// Makes a call; the answer is its code, or nothing if it was done. What else came is in the second place.
fn call<T: serde::Serialize>(
    wire: &mut Wire,
    name: &str,
    args: &T,
) -> (String, Vec<(uchat_codec::Opcode, Value)>) {
    wire.send(opcode::CALL, &Call { name: name.into(), id: 1, args: to_value(args).unwrap() });
    let (results, others): (Vec<_>, Vec<_>) =
        wire.settle().into_iter().partition(|(opcode, _)| *opcode == opcode::CALL_RESULT);
    let code = results[0].1.get("err").and_then(|error| error.get("code")?.as_str()).unwrap_or_default();
    (code.to_owned(), others)
}

/// The texts of all messages that have come.
fn texts(wire: &mut Wire) -> Vec<String> {
    let messages = wire.settle().into_iter().filter(|(opcode, _)| *opcode == opcode::ON_NEW_MESSAGE);
    let text = |message: Value| message.get("message")?.get("data")?.as_str().map(str::to_owned);
    messages.filter_map(|(_, message)| text(message)).collect()
}

/// Ann with her room, and bob.
fn house(server: &Server) -> (Wire, Wire, u64) {
    let (mut ann, _) = user(server, "ann");
    ann.send(opcode::CREATE_ROOM, "tea");
    ann.settle();
    let (bob, id) = user(server, "bob");
    (ann, bob, id)
}

fn join(wire: &mut Wire) {
    wire.send(opcode::JOIN_ROOM, &ROOM);
    wire.expect(opcode::CONTACT_INFO);
}

#[test]
fn when_the_owner_leaves_the_others_read_it_and_one_of_them_is_the_owner() {
    let server = Server::start();
    let (mut ann, mut bob, _) = house(&server);
    join(&mut bob);
    assert_eq!(call(&mut bob, "uchat.room.rename", &rename("x")).0, "not_owner");
    assert_eq!(call(&mut ann, "uchat.room.leave", &InRoom { room: ROOM }).0, "");
    assert_eq!(texts(&mut bob), ["退出了群，群主现为 bob"]);
    assert_eq!(call(&mut bob, "uchat.room.rename", &rename("coffee")).0, "");
    bob.say(1, ROOM, "alone");
    bob.settle();
    assert!(texts(&mut ann).is_empty(), "who has left hears nothing more");
    assert_eq!(call(&mut ann, "uchat.room.members", &InRoom { room: ROOM }).0, "not_member");
}

fn rename(name: &str) -> RenameRoom {
    RenameRoom { room: ROOM, name: name.into() }
}

#[test]
fn who_is_removed_reads_so_and_cannot_write_any_more() {
    let server = Server::start();
    let (mut ann, mut bob, id) = house(&server);
    join(&mut bob);
    let bob_there = UserInRoom { room: ROOM, user: id };
    assert_eq!(call(&mut bob, "uchat.room.remove", &bob_there).0, "not_owner");
    assert_eq!(call(&mut ann, "uchat.room.remove", &bob_there).0, "");
    assert_eq!(texts(&mut bob), ["将 bob 移出了群"]);
    bob.say(1, ROOM, "hello?");
    bob.expect(opcode::GENERAL_FAILURE);
    let bundle = Wire::connect(&server).login("bob");
    assert_eq!(bundle.get("rooms").and_then(Value::as_list).unwrap().len(), 0);
}

#[test]
fn the_owner_lets_in_who_asks_by_the_number() {
    let server = Server::start();
    let (mut ann, mut bob, id) = house(&server);
    let entry = SetEntry { room: ROOM, entry: Entry::Approval };
    assert_eq!(call(&mut ann, "uchat.room.set_entry", &entry).0, "");
    bob.send(opcode::JOIN_ROOM, &ROOM);
    bob.expect(opcode::GENERAL_MSG);
    bob.say(1, ROOM, "hello?");
    bob.expect(opcode::GENERAL_FAILURE);
    let resolve = ResolveRequest { room: ROOM, user: id, accept: true };
    assert_eq!(call(&mut ann, "uchat.room.resolve", &resolve).0, "");
    let came = bob.settle();
    let room = came.iter().find(|(opcode, _)| *opcode == opcode::CONTACT_INFO).unwrap();
    assert_eq!(support::plain::<RoomInfo>(room.1.clone()).id, ROOM);
    bob.say(1, ROOM, "thanks");
    bob.settle();
    assert!(texts(&mut ann).contains(&"thanks".to_owned()));
}

#[test]
fn in_a_muted_room_only_the_owner_is_heard() {
    let server = Server::start();
    let (mut ann, mut bob, _) = house(&server);
    join(&mut bob);
    assert_eq!(call(&mut ann, "uchat.room.set_muted", &SetMuted { room: ROOM, muted: true }).0, "");
    assert_eq!(texts(&mut bob), ["开启了禁言"]);
    bob.say(1, ROOM, "but");
    bob.expect(opcode::GENERAL_FAILURE);
    ann.say(1, ROOM, "hush");
    ann.settle();
    assert_eq!(texts(&mut bob), ["hush"]);
}

#[test]
fn an_invited_friend_comes_into_a_room_that_is_shut() {
    let server = Server::start();
    let (mut ann, mut bob, id) = house(&server);
    befriend(&mut bob, id, &mut ann, "ann");
    let entry = SetEntry { room: ROOM, entry: Entry::Invitation };
    assert_eq!(call(&mut ann, "uchat.room.set_entry", &entry).0, "");
    bob.send(opcode::JOIN_ROOM, &ROOM);
    bob.expect(opcode::GENERAL_FAILURE);
    assert_eq!(call(&mut ann, "uchat.room.invite", &UserInRoom { room: ROOM, user: id }).0, "");
    assert_eq!(call(&mut bob, "uchat.room.answer", &AnswerInvitation { room: ROOM, accept: true }).0, "");
    assert_eq!(texts(&mut ann), ["接受邀请，加入了群"]);
}

#[test]
fn nobody_forges_a_line_of_the_server() {
    let server = Server::start();
    let (mut ann, _, _) = house(&server);
    let line = uchat_codec::chat::room::SystemLine {
        event: "left".into(),
        user: 2,
        name: "bob".into(),
        detail: String::new(),
    };
    let message = line.message("bob left").unwrap();
    ann.send(
        opcode::SEND_MESSAGE,
        &uchat_codec::chat::SendMessage { target_type: 1, target_id: ROOM, message },
    );
    ann.expect(opcode::GENERAL_FAILURE);
}
