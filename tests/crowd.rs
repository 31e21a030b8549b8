//! Two hundred people chat at the same time: nothing is lost, nothing comes twice, each sender's order is kept.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Barrier};

use support::{Server, Wire, befriend, user};
use uchat_codec::opcode;

const PEOPLE: usize = 200;
/// Messages of each to a friend, and to the room.
const EACH: usize = 10;
const IN_ROOM: usize = 20;

fn main_name(number: usize) -> String {
    format!("u{number}")
}

/// Takes messages until `expected` have come; by sender and conversation, in order.
fn listen(wire: &mut Wire, expected: usize) -> HashMap<u64, Vec<String>> {
    let mut heard: HashMap<u64, Vec<String>> = HashMap::new();
    let mut count = 0;
    while count < expected {
        if let (opcode::ON_NEW_MESSAGE, value) = wire.recv() {
            let message: uchat_codec::chat::NewMessage = support::plain(value);
            let text = message.message.get("data").and_then(uchat_codec::Value::as_str).unwrap().to_owned();
            heard.entry(message.sender_id).or_default().push(text);
            count += 1;
        }
    }
    heard
}

#[test]
fn two_hundred_people_chat_and_nothing_is_lost_or_doubled() {
    let server = Server::start();
    let mut people: Vec<(Wire, u64)> = (0..PEOPLE).map(|number| user(&server, &main_name(number))).collect();
    for pair in 0..PEOPLE / 2 {
        let (left, right) = people.split_at_mut(2 * pair + 1);
        let (one, other) = (&mut left[2 * pair], &mut right[0]);
        befriend(&mut one.0, one.1, &mut other.0, &main_name(2 * pair + 1));
    }
    people[0].0.send(opcode::CREATE_ROOM, "everybody");
    people[0].0.settle();
    for (wire, _) in people.iter_mut().take(IN_ROOM).skip(1) {
        wire.send(opcode::JOIN_ROOM, &1);
        wire.settle();
    }
    let ids: Vec<u64> = people.iter().map(|(_, id)| *id).collect();
    let start = Arc::new(Barrier::new(PEOPLE));
    let threads: Vec<_> = people
        .into_iter()
        .enumerate()
        .map(|(number, (mut wire, id))| {
            let (start, ids) = (Arc::clone(&start), ids.clone());
            std::thread::spawn(move || {
                let friend = ids[number ^ 1];
                let in_room = number < IN_ROOM;
                start.wait();
                for text in 0..EACH {
                    wire.say(0, friend, &format!("p{text}"));
                    if in_room {
                        wire.say(1, 1, &format!("r{text}"));
                    }
                }
                let expected = 2 * EACH + if in_room { IN_ROOM * EACH } else { 0 };
                let heard = listen(&mut wire, expected);
                assert!(
                    wire.settle().iter().all(|(code, _)| *code != opcode::ON_NEW_MESSAGE),
                    "something came twice"
                );
                check(number, id, friend, in_room, &ids, &heard);
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert!(server.errors().is_empty(), "{:?}", server.errors());
}

fn check(number: usize, id: u64, friend: u64, in_room: bool, ids: &[u64], heard: &HashMap<u64, Vec<String>>) {
    let in_order = |prefix: char| (0..EACH).map(|text| format!("{prefix}{text}")).collect::<Vec<_>>();
    let from = |sender: u64, prefix: char| {
        let texts = heard.get(&sender).cloned().unwrap_or_default();
        texts.into_iter().filter(|text| text.starts_with(prefix)).collect::<Vec<_>>()
    };
    assert_eq!(from(friend, 'p'), in_order('p'), "person {number} from the friend");
    assert_eq!(from(id, 'p'), in_order('p'), "person {number} to the friend");
    if in_room {
        for member in &ids[..IN_ROOM] {
            assert_eq!(from(*member, 'r'), in_order('r'), "person {number} in the room");
        }
    }
}
