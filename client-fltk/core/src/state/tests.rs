//! Tests of the state function.

use std::time::Duration;

use uchat_codec::chat::{Blob, Contact as ContactInfo, FriendInfo, MessageBody, NewMessage, RoomInfo};

use super::*;
use crate::{Bundle, Member};

mod arithmetic;
mod numbering;
mod recall;
mod rooms;

const ME: u64 = 1;
const BOB: ConversationId = ConversationId::Friend(2);

fn user(id: u64) -> UserInfo {
    let text = String::from;
    UserInfo { id, username: format!("u{id}"), ip: text("10.0.0.1"), port: text("2333"), online: true }
}

fn friend(id: u64, online: bool) -> FriendInfo {
    FriendInfo { online, ..user(id).into() }
}

fn new_message(target_type: u8, target_id: u64, sender_id: u64, time: u64, text: &str) -> NewMessage {
    NewMessage {
        message: MessageBody::text(text).into_value().unwrap(),
        sender_id,
        sender_name: format!("u{sender_id}"),
        target_type,
        time,
        target_id,
    }
}

fn bundle(friends: Vec<FriendInfo>, rooms: Vec<RoomInfo>, messages: Vec<(NewMessage, bool)>) -> Event {
    let messages = messages.into_iter().map(Into::into).collect();
    Event::Bundle(Bundle { rooms, friends, messages, ..Bundle::default() })
}

fn logged_in(friends: Vec<FriendInfo>, rooms: Vec<RoomInfo>, messages: Vec<(NewMessage, bool)>) -> State {
    let mut state = State::default();
    state.update(Event::LoggedIn(user(ME)));
    state.update(bundle(friends, rooms, messages));
    state
}

fn names(state: &State) -> Vec<&str> {
    state.contacts().map(|contact| contact.name.as_str()).collect()
}

fn unread(state: &State, id: ConversationId) -> u64 {
    state.contact(id).unwrap().unread
}

#[test]
fn the_list_has_who_is_online_first_then_who_wrote_last_then_the_name() {
    let friends = vec![friend(5, false), friend(4, true), friend(3, true), friend(2, false)];
    let mut state = logged_in(friends, vec![RoomInfo::new(9, "room")], vec![]);
    assert_eq!(names(&state), ["room", "u3", "u4", "u2", "u5"]);
    state.update(Event::Message(new_message(0, 5, 5, 10, "hi").into()));
    assert_eq!(names(&state), ["room", "u3", "u4", "u5", "u2"]);
    state.update(Event::Presence { user: 5, online: true });
    assert_eq!(names(&state), ["u5", "room", "u3", "u4", "u2"]);
}

#[test]
fn own_messages_and_those_of_the_open_conversation_are_never_unread() {
    let mut state = logged_in(vec![friend(2, true), friend(3, true)], vec![], vec![]);
    state.update(Command::Open(BOB));
    state.update(Event::Message(new_message(0, 2, 2, 1, "seen").into()));
    state.update(Event::Message(new_message(0, 3, ME, 2, "mine").into()));
    assert_eq!(state.unread(), 0);
    state.update(Command::Close);
    let effects = state.update(Event::Message(new_message(0, 2, 2, 3, "unseen").into()));
    assert!(effects.contains(&Effect::Notify(BOB)));
    assert_eq!(unread(&state, BOB), 1);
    state.update(Command::Open(BOB));
    assert_eq!(unread(&state, BOB), 0);
}

#[test]
fn what_came_while_away_is_unread_once_and_a_reconnect_doubles_nothing() {
    let old = (new_message(0, 2, 2, 1, "old"), true);
    let away = (new_message(0, 2, 2, 2, "away"), false);
    let own = (new_message(0, 2, ME, 3, "mine"), false);
    let mut state = logged_in(vec![friend(2, true)], vec![], vec![old.clone(), away.clone(), own.clone()]);
    assert_eq!(unread(&state, BOB), 1);
    state.update(Event::Message(new_message(0, 2, 2, 4, "live").into()));
    let live = (new_message(0, 2, 2, 4, "live"), true);
    let later = (new_message(0, 2, 2, 5, "while gone"), false);
    state.update(Event::LoggedIn(user(ME)));
    let again = vec![old, (away.0, true), own, live, later];
    state.update(bundle(vec![friend(2, true)], vec![], again));
    let texts: Vec<_> =
        state.history(BOB).unwrap().entries().filter_map(|entry| entry.content.text()).collect();
    assert_eq!(texts, ["old", "away", "mine", "live", "while gone"]);
    assert_eq!(unread(&state, BOB), 3, "away, live, while gone");
}

#[test]
fn two_equal_messages_of_the_same_moment_stay_two() {
    let twice = vec![(new_message(0, 2, 2, 1, "ha"), true), (new_message(0, 2, 2, 1, "ha"), true)];
    let mut state = logged_in(vec![friend(2, true)], vec![], twice.clone());
    state.update(bundle(vec![friend(2, true)], vec![], twice));
    assert_eq!(state.history(BOB).unwrap().len(), 2);
}

#[test]
fn a_deleted_friend_leaves_and_the_room_with_the_same_number_stays() {
    let mut state = logged_in(vec![friend(2, true)], vec![RoomInfo::new(2, "two")], vec![]);
    state.update(Event::FriendDeleted(user(2)));
    assert_eq!(names(&state), ["two"]);
    assert_eq!(state.contact(BOB), None);
}

#[test]
fn who_deletes_you_while_you_look_keeps_a_name_until_you_look_away() {
    let mut state = logged_in(vec![friend(2, true)], vec![], vec![]);
    state.update(Command::Open(BOB));
    state.update(Event::FriendDeleted(user(2)));
    assert_eq!(names(&state), [""; 0]);
    assert!(state.contact(BOB).is_some_and(|contact| contact.name == "u2" && !contact.online));
    state.update(Command::Close);
    assert_eq!(state.contact(BOB), None);
}

#[test]
fn messages_with_a_friend_of_before_are_kept_apart() {
    let mut state = logged_in(vec![], vec![], vec![(new_message(0, 2, 2, 1, "once"), true)]);
    assert_eq!(names(&state), [""; 0]);
    assert_eq!(state.former_contacts().map(|contact| contact.name.as_str()).collect::<Vec<_>>(), ["u2"]);
    state.update(Event::ContactAdded(ContactInfo::Friend(friend(2, true))));
    assert_eq!(names(&state), ["u2"]);
    assert_eq!(state.history(BOB).unwrap().len(), 1);
}

#[test]
fn news_about_a_known_contact_change_it_and_keep_its_messages() {
    let mut state = logged_in(vec![friend(2, false)], vec![], vec![(new_message(0, 2, 2, 1, "x"), false)]);
    let moved = FriendInfo { ip: "10.9.9.9".into(), ..friend(2, true) };
    state.update(Event::ContactAdded(ContactInfo::Friend(moved)));
    let bob = state.contact(BOB).unwrap();
    assert_eq!((bob.ip.as_str(), bob.online, bob.unread, state.contacts().count()), ("10.9.9.9", true, 1, 1));
}

#[test]
fn a_friend_request_is_shown_once_and_goes_when_it_is_answered() {
    let mut state = logged_in(vec![], vec![], vec![]);
    for id in [2, 2, 3, 4] {
        state.update(Event::FriendRequest(user(id)));
    }
    let accept = Request::ResolveFriendRequest { requester: 2, accept: true };
    let effects = state.update(Command::Request(accept.clone()));
    assert!(effects.contains(&Effect::Request(accept)));
    state.update(Command::Postpone(3));
    state.update(Event::ContactAdded(ContactInfo::Friend(friend(4, true))));
    assert_eq!(state.requests(), []);
}

#[test]
fn the_members_of_a_room_follow_who_comes_and_goes() {
    let mut state = logged_in(vec![], vec![RoomInfo::new(7, "r")], vec![]);
    let member = |online| Member::new(2, "u2", online);
    state.update(Event::RoomUsers { room: 7, members: vec![member(false)] });
    state.update(Event::RoomPresence { room: 7, user: 2, online: true });
    assert_eq!(state.members(7).unwrap(), [member(true)]);
    state.update(Event::RoomUsers { room: 8, members: vec![member(true)] });
    assert_eq!(state.members(8), None, "a room that is not ours");
}

#[test]
fn an_image_goes_to_the_disk_and_its_name_into_the_history() {
    let mut state = logged_in(vec![friend(2, true)], vec![], vec![]);
    let data = bytes::Bytes::from_static(b"\x89PNG");
    let body = MessageBody::Image { data: Blob(data.clone()), name: None }.into_value().unwrap();
    let effects =
        state.update(Event::Message(NewMessage { message: body, ..new_message(0, 2, 2, 1, "") }.into()));
    let Some(Content::File(file)) = state.history(BOB).and_then(History::last).map(|last| &last.content)
    else {
        panic!("no file")
    };
    assert!(effects.contains(&Effect::SaveFile { name: file.file_name(), data }));
}

fn states(state: &State) -> Vec<SendState> {
    state.outgoing().map(|outgoing| outgoing.state).collect()
}

fn send(state: &mut State, text: &str, time: u64) -> Vec<Effect> {
    let message = MessageBody::text(text).into_value().unwrap();
    state.update(Command::Send { to: BOB, message, time })
}

#[test]
fn an_own_message_is_on_its_way_until_the_server_sends_it_back() {
    let mut state = logged_in(vec![friend(2, true)], vec![], vec![]);
    let effects = send(&mut state, "hi", 50);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send { .. })));
    assert_eq!(states(&state), [SendState::Sending]);
    state.update(Event::Message(new_message(0, 2, 2, 51, "hi").into()));
    assert_eq!(states(&state), [SendState::Sending], "that was the friend's");
    state.update(Event::Message(new_message(0, 2, ME, 52, "hi").into()));
    assert_eq!(states(&state), []);
}

#[test]
fn a_message_that_was_under_way_when_the_connection_broke_fails_and_is_found_again() {
    let mut state = logged_in(vec![friend(2, true)], vec![], vec![(new_message(0, 2, ME, 40, "hi"), true)]);
    send(&mut state, "hi", 50);
    send(&mut state, "lost", 51);
    state.update(Event::Disconnected { reason: DisconnectReason::Closed, retry_in: None, unsent: 0 });
    assert_eq!(states(&state), [SendState::Failed, SendState::Failed]);
    state.update(Event::LoggedIn(user(ME)));
    let there = vec![(new_message(0, 2, ME, 40, "hi"), true), (new_message(0, 2, ME, 52, "hi"), true)];
    state.update(bundle(vec![friend(2, true)], vec![], there));
    let left: Vec<_> =
        state.outgoing().map(|outgoing| (outgoing.id, outgoing.content.text().unwrap())).collect();
    assert_eq!(left, [(2, "lost")], "the first had arrived");
    let effects = state.update(Command::Retry { id: 2, time: 60 });
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Send { id: 2, .. })));
    assert_eq!(states(&state), [SendState::Sending]);
    state.update(Event::Failure("you are not friends".into()));
    assert_eq!(states(&state), [SendState::Failed]);
    state.update(Command::Discard(2));
    assert_eq!(states(&state), []);
}

/// A login over the strong suite, with names for messages.
fn strong() -> State {
    let mut state = State::default().naming([7; 16]);
    come_back(&mut state, vec![]);
    state
}

fn come_back(state: &mut State, messages: Vec<(NewMessage, bool)>) -> Vec<Effect> {
    let (server, suite) = ("s".to_owned(), uchat_codec::SuiteName::Strong);
    state.update(Event::Connected { number: 1, server, suite, server_key: Some([1; 32]) });
    state.update(Event::LoggedIn(user(ME)));
    state.update(bundle(vec![friend(2, true)], vec![], messages))
}

fn sent_once(effects: &[Effect]) -> Vec<(u64, [u8; 16])> {
    let one = |effect: &Effect| match effect {
        Effect::Send { request: Request::SendOnce { call, name, .. }, .. } => Some((*call, *name)),
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

#[test]
fn over_strong_what_was_on_its_way_is_sent_again_under_the_same_name() {
    let mut state = strong();
    let first = sent_once(&send(&mut state, "one", 50));
    let second = sent_once(&send(&mut state, "two", 51));
    assert_ne!(first[0].1, second[0].1);
    let retry_in = Some(std::time::Duration::from_secs(1));
    state.update(Event::Disconnected { reason: DisconnectReason::Closed, retry_in, unsent: 0 });
    let written_offline = send(&mut state, "three", 52);
    assert!(sent_once(&written_offline).is_empty());
    assert_eq!(states(&state), [SendState::Sending; 3]);
    // The first had arrived; the others are sent again, in their order.
    let again = sent_once(&come_back(&mut state, vec![(new_message(0, 2, ME, 50, "one"), true)]));
    assert_eq!(again.len(), 2);
    assert_eq!(again[0], second[0]);
    // The answer ends the waiting also where no copy comes; a refusal is that message's own.
    state.update(Event::CallAnswer { id: again[0].0, outcome: Ok(true.into()) });
    assert_eq!(states(&state), [SendState::Sending]);
    state.update(Event::Failure("about something else".into()));
    assert_eq!(states(&state), [SendState::Sending]);
    let error = uchat_codec::chat::CallError { code: "not_friends".into(), message: "no".into() };
    state.update(Event::CallAnswer { id: again[1].0, outcome: Err(error) });
    assert_eq!(states(&state), [SendState::Failed]);
}

#[test]
fn what_is_known_from_before_is_shown_until_the_server_knows_better() {
    let mut state = State::default();
    let known = Contact { listed: true, online: true, unread: 2, ..Contact::named(BOB, "u2".into()) };
    state.update(Command::Restore { me: user(ME), contacts: vec![known] });
    assert_eq!((names(&state), unread(&state, BOB)), (vec!["u2"], 2));
    assert!(!state.contact(BOB).unwrap().online, "nobody knows that yet");
    state.update(Event::LoggedIn(user(ME)));
    state.update(bundle(vec![friend(3, true)], vec![], vec![(new_message(0, 3, 3, 9, "x"), false)]));
    assert_eq!(names(&state), ["u3"]);
}

#[test]
fn what_was_unread_before_a_restart_is_still_unread_after_the_login() {
    let known = Contact { listed: true, unread: 2, ..Contact::named(BOB, "u2".into()) };
    let old = (new_message(0, 2, 2, 1, "delivered before"), true);
    let new = (new_message(0, 2, 2, 9, "while away"), false);
    let mut state = logged_in(vec![friend(2, true)], vec![], vec![old, new]);
    // The disk may answer after the server.
    state.update(Command::Restore { me: user(ME), contacts: vec![known.clone()] });
    assert_eq!(unread(&state, BOB), 3);
    assert!(state.contact(BOB).unwrap().online, "the server knows better who is there");
    let mut other = logged_in(vec![friend(2, true)], vec![], vec![]);
    other.update(Command::Restore { me: user(9), contacts: vec![known.clone()] });
    assert_eq!(unread(&other, BOB), 0, "that is somebody else's");
    let mut open = logged_in(vec![friend(2, true)], vec![], vec![]);
    open.update(Command::Open(BOB));
    open.update(Command::Restore { me: user(ME), contacts: vec![known] });
    assert_eq!(unread(&open, BOB), 0, "it is being looked at");
}

#[test]
fn another_account_sees_nothing_of_the_one_before() {
    let mut state = logged_in(vec![friend(2, true)], vec![], vec![(new_message(0, 2, 2, 1, "x"), false)]);
    state.update(Event::LoggedIn(user(9)));
    assert_eq!(state.contacts().count(), 0);
    assert!(state.history(BOB).is_none());
}

#[test]
fn a_kick_is_not_forgotten_when_the_connection_ends() {
    let mut state = logged_in(vec![], vec![], vec![]);
    state.update(Event::Kicked);
    let reason = DisconnectReason::Kicked;
    state.update(Event::Disconnected { reason, retry_in: None, unsent: 0 });
    assert_eq!(state.link(), &Link::Kicked);
}

#[test]
fn a_history_stays_within_its_bounds_and_keeps_the_newest() {
    let mut state = State::new(Bounds { messages: 3, history_bytes: 2_000, ..Bounds::default() });
    for time in 0..10 {
        state.update(Event::Message(new_message(0, 2, 2, time, "short").into()));
    }
    let times: Vec<_> = state.history(BOB).unwrap().entries().map(|entry| entry.time).collect();
    assert_eq!(times, [7, 8, 9]);
    state.update(Event::Message(new_message(0, 2, 2, 10, &"long".repeat(10_000)).into()));
    assert_eq!(state.history(BOB).unwrap().len(), 1);
}

#[test]
fn what_finds_no_room_waits_for_it_and_is_not_overtaken() {
    let mut state = strong();
    let first = sent_once(&send(&mut state, "one", 50));
    let second = sent_once(&send(&mut state, "two", 51));
    let full = || crate::RequestError::QueueFull;
    assert_eq!(state.update(Command::NotSent { id: 2, why: full() }), [], "it has not failed");
    assert_eq!(sent_once(&send(&mut state, "three", 52)), [], "not before the second");
    let answer = |call| Event::CallAnswer { id: call, outcome: Ok(uchat_codec::Value::None) };
    assert_eq!(sent_once(&state.update(answer(first[0].0))), second);
    assert_eq!(sent_once(&state.update(answer(second[0].0))).len(), 1);
    assert_eq!(states(&state), [SendState::Sending; 3]);
    // Also where no answer is due: the connection says it.
    for id in [2, 3] {
        state.update(Command::NotSent { id, why: full() });
    }
    assert_eq!(sent_once(&state.update(Event::QueueHasRoom)).len(), 2);
}

#[test]
fn what_can_never_be_sent_fails_and_is_not_waited_for() {
    let mut state = strong();
    send(&mut state, "one", 50);
    let why = crate::RequestError::TooLong { length: 9, max: 8 };
    state.update(Command::NotSent { id: 1, why });
    assert_eq!(states(&state), [SendState::Failed]);
    assert_eq!(sent_once(&send(&mut state, "two", 51)).len(), 1);
}
