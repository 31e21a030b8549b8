//! Where the server numbers messages: what is unread, and how far own messages have come.

use uchat_codec::chat::{CursorMoved, Standing};

use super::*;
use crate::arrived::Place;
use crate::event::Fetched;

/// The server's number of the conversation with Bob.
const C: u64 = 7;

fn numbered(number: u64, sender: u64, text: &str) -> Arrived {
    let place = Some(Place { conversation: C, number });
    Arrived { place, ..Arrived::new(new_message(0, 2, sender, number, text)) }
}

fn standing(latest: u64, read: u64, others: Vec<(u64, u64, u64)>) -> Standing {
    let (target_type, target_id) = (0, 2);
    Standing { conversation: C, target_type, target_id, first: 0, latest, received: latest, read, others }
}

fn log_in(messages: Vec<Arrived>, standing: Standing) -> (State, Vec<Effect>) {
    let mut state = State::default();
    state.update(Event::LoggedIn(user(ME)));
    let (friends, standings) = (vec![friend(2, true)], vec![standing]);
    let effects = state.update(Event::Bundle(Bundle { friends, messages, standings, ..Bundle::default() }));
    (state, effects)
}

fn read(number: u64) -> Effect {
    Effect::Read(Place { conversation: C, number })
}

#[test]
fn unread_is_what_the_server_says_and_then_what_comes() {
    let (mut state, _) = log_in(vec![numbered(9, 2, "new")], standing(9, 4, vec![]));
    assert_eq!(unread(&state, BOB), 5, "most of it is not even here");
    state.update(Event::Message(numbered(10, 2, "hi")));
    assert_eq!(unread(&state, BOB), 6);
    assert!(state.update(Command::Open(BOB)).contains(&read(10)));
    assert_eq!(unread(&state, BOB), 0);
    assert!(state.update(Event::Message(numbered(11, 2, "seen"))).contains(&read(11)));
    let (state, _) = log_in(vec![], standing(11, 11, vec![]));
    assert_eq!(unread(&state, BOB), 0);
}

#[test]
fn an_own_message_is_not_unread_but_does_not_hide_what_is() {
    let (mut state, _) = log_in(vec![], standing(3, 3, vec![]));
    assert!(state.update(Event::Message(numbered(4, ME, "mine"))).contains(&read(4)));
    state.update(Event::Message(numbered(5, 2, "hm")));
    let effects = state.update(Event::Message(numbered(6, ME, "from the terminal")));
    assert!(!effects.contains(&read(6)) && unread(&state, BOB) == 1);
}

#[test]
fn an_own_message_comes_farther_as_the_friend_does() {
    let (mut state, _) = log_in(vec![], standing(3, 3, vec![(2, 2, 1)]));
    let reached = |state: &State| [1, 2, 3].map(|number| state.reached(BOB, Some(number)));
    assert_eq!(reached(&state), [Reached::Readers, Reached::Everybody, Reached::Server]);
    let moved = CursorMoved { conversation: C, user: 2, received: 3, read: 2 };
    assert_eq!(state.update(Event::Cursor(moved)), [Effect::ReachedChanged(BOB)]);
    assert_eq!(reached(&state), [Reached::Readers, Reached::Readers, Reached::Everybody]);
    let late = CursorMoved { received: 1, read: 1, ..moved };
    state.update(Event::Cursor(late));
    assert_eq!(reached(&state)[2], Reached::Everybody, "nobody goes back");
    assert_eq!(state.reached(BOB, None), Reached::Server);
}

#[test]
fn in_a_room_a_message_has_come_as_far_as_the_slowest_member() {
    let numbering = Numbering { others: vec![(2, 5, 5), (3, 5, 4)], ..Numbering::default() };
    assert_eq!(numbering.reached(5), Reached::Everybody);
    assert_eq!(numbering.reached(4), Reached::Readers);
    assert_eq!(Numbering::default().reached(1), Reached::Server, "nobody is told in a large room");
}

#[test]
fn what_was_missing_comes_to_its_place_and_is_no_news() {
    let (mut state, _) = log_in(vec![numbered(3, 2, "three")], standing(3, 3, vec![]));
    let messages = vec![numbered(1, 2, "one"), numbered(2, 2, "two"), numbered(3, 2, "three")];
    state.update(Event::Fetched(Fetched { conversation: C, messages, asked: false }));
    let texts: Vec<_> = state.history(BOB).unwrap().entries().filter_map(|e| e.content.text()).collect();
    assert_eq!((texts, unread(&state, BOB)), (vec!["one", "two", "three"], 0));
}

#[test]
fn equal_messages_of_one_moment_are_told_apart_by_their_numbers() {
    let twin = |number| Arrived { message: new_message(0, 2, 2, 5, "ha"), ..numbered(number, 2, "") };
    let (mut state, _) = log_in(vec![twin(2)], standing(2, 2, vec![]));
    let messages = vec![twin(1), twin(2)];
    state.update(Event::Fetched(Fetched { conversation: C, messages, asked: false }));
    assert_eq!(state.history(BOB).unwrap().len(), 2);
}
