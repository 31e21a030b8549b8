//! Rooms: owners, rules, invitations, and the lines about changes.

use uchat_codec::chat::room::{
    Entry as Rule, InvitationTo, RoomDetails, RoomMember, RoomNews, RoomRequest, SystemLine,
};

use super::*;
use crate::arrived::Place;
use crate::{Request, RoomAct};

const TEA: u64 = 7;
const ROOM: ConversationId = ConversationId::Room(TEA);

fn details(owner: u64, muted: bool, requests: Vec<RoomRequest>) -> Event {
    let member =
        |id| RoomMember { id, username: format!("u{id}"), online: true, owner: id == owner, voice: false };
    let members = [ME, 2, 3].map(member).into();
    Event::RoomDetails(RoomDetails {
        room: TEA,
        name: "tea".into(),
        entry: Rule::Open,
        muted,
        members,
        requests,
    })
}

fn news(event: &str, actor: u64, user: u64, detail: &str) -> Event {
    let (event, name, detail) = (event.to_owned(), "tea".to_owned(), detail.to_owned());
    Event::RoomChanged(RoomNews { room: TEA, name, event, actor, user, detail, members: 3 })
}

fn asks(user: u64) -> RoomRequest {
    RoomRequest { room: TEA, user, username: format!("u{user}") }
}

fn invitation() -> InvitationTo {
    InvitationTo { room: TEA, name: "tea".into(), by: 2, by_name: "u2".into() }
}

fn in_tea(owner: u64, muted: bool) -> State {
    let mut state = logged_in(vec![], vec![RoomInfo::new(TEA, "tea")], vec![]);
    state.update(details(owner, muted, vec![]));
    state
}

/// A line about bob's leaving, by a server that numbers messages or not.
fn line(number: Option<u64>, target_type: u8) -> Event {
    let told = SystemLine { event: "left".into(), user: 2, name: "u2".into(), detail: String::new() };
    let mut message = new_message(target_type, TEA, 2, 5, "");
    message.message = told.message("退出了群").unwrap();
    let place = number.map(|number| Place { conversation: 4, number });
    Event::Message(Arrived { place, ..Arrived::new(message) })
}

#[test]
fn who_may_speak_follows_the_rules_as_they_change() {
    let mut state = in_tea(2, true);
    assert!(state.is_silenced(TEA));
    state.update(news("voice", 2, ME, "on"));
    assert!(!state.is_silenced(TEA));
    state.update(news("voice", 2, ME, "off"));
    assert!(state.is_silenced(TEA));
    state.update(news("muted", 2, 2, "off"));
    assert!(!state.is_silenced(TEA));
    state.update(news("muted", 2, 2, "on"));
    state.update(news("handed_over", 2, ME, ""));
    assert!(!state.is_silenced(TEA), "the owner always speaks");
}

#[test]
fn the_new_owner_asks_who_wants_to_come_in_and_the_former_one_forgets_it() {
    let mut state = in_tea(ME, false);
    state.update(Event::RoomRequested(asks(9)));
    assert_eq!(state.room_requests(), [asks(9)]);
    state.update(news("handed_over", ME, 3, ""));
    assert!(!state.owns(TEA) && state.room_requests().is_empty());
    let effects = state.update(news("left", 3, 3, "u1"));
    assert!(state.owns(TEA), "the heir is known by name");
    assert!(effects.contains(&Effect::Request(Request::AskRoomRequests)));
    assert_eq!(state.members(TEA).unwrap().len(), 2);
}

#[test]
fn a_room_that_is_closed_or_left_goes_from_the_list_and_stays_readable() {
    for gone in [news("closed", 2, 2, ""), news("removed", 2, ME, ""), news("left", ME, ME, "")] {
        let mut state = in_tea(2, false);
        state.update(Event::Message(new_message(1, TEA, 2, 5, "hi").into()));
        state.update(Event::RoomRequested(asks(9)));
        state.update(gone);
        assert_eq!((state.contacts().count(), state.room_requests().len()), (0, 0));
        assert_eq!(state.history(ROOM).unwrap().len(), 1);
        state.update(details(2, true, vec![]));
        assert!(state.room(TEA).is_none(), "a late answer brings nothing back");
    }
    let mut state = in_tea(2, false);
    state.update(news("removed", 2, 3, ""));
    assert_eq!((state.contacts().count(), state.members(TEA).unwrap().len()), (1, 2));
}

#[test]
fn an_invitation_waits_until_it_is_answered_or_comes_true() {
    let mut state = logged_in(vec![friend(2, true)], vec![], vec![]);
    let cases: [Input; 4] = [
        Command::Request(Request::Room { id: 1, act: RoomAct::Answer { room: TEA, accept: false } }).into(),
        Command::PostponeInvitation(TEA).into(),
        news("joined", ME, ME, "u1").into(),
        Event::ContactAdded(ContactInfo::Room(RoomInfo::new(TEA, "tea"))).into(),
    ];
    for ends in cases {
        for _ in 0..2 {
            state.update(Event::Invited(invitation()));
        }
        assert_eq!(state.invitations(), [invitation()]);
        let effects = state.update(ends);
        assert!(effects.contains(&Effect::RequestsChanged) && state.invitations().is_empty());
    }
    assert_eq!(names(&state), ["tea", "u2"]);
    state.update(Event::Invitations(vec![invitation()]));
    state.update(Event::LoggedIn(user(ME)));
    assert!(state.invitations().is_empty(), "the server is asked again");
}

#[test]
fn a_login_asks_for_what_the_bundle_does_not_bring_but_not_the_existing_server() {
    let mut state = State::default();
    let ask = [Request::AskInvitations, Request::AskRoomRequests].map(Effect::Request);
    state.expect_strong();
    state.update(Event::LoggedIn(user(ME)));
    let effects = state.update(bundle(vec![], vec![], vec![]));
    assert!(ask.iter().all(|request| effects.contains(request)));
    let effects = State::default().update(bundle(vec![], vec![], vec![]));
    assert!(!ask.iter().any(|request| effects.contains(request)));
}

#[test]
fn a_line_of_the_server_is_no_message_of_a_member_and_calls_nobody() {
    let mut state = in_tea(2, false);
    let effects = state.update(line(Some(1), 1));
    let entry = state.history(ROOM).unwrap().last().unwrap();
    assert!(matches!(&entry.content, Content::System { line, .. } if line.event == "left"));
    assert!(!effects.contains(&Effect::Notify(ROOM)));
    assert_eq!(unread(&state, ROOM), 1, "the server counts it too");
}

#[test]
fn nobody_but_a_server_that_sees_to_it_says_a_line_of_the_server() {
    let mut state = in_tea(2, false);
    state.update(line(None, 1));
    let forged = state.history(ROOM).unwrap().last().unwrap();
    assert_eq!(forged.content.text(), Some("退出了群"), "the existing server passes on anything");
    state.update(line(Some(2), 0));
    let private = state.history(ConversationId::Friend(TEA)).unwrap().last().unwrap();
    assert_eq!(private.content.text(), Some("退出了群"), "two friends have no room");
}

#[test]
fn another_name_shows_in_the_list_also_when_it_was_missed() {
    let mut state = logged_in(vec![], vec![RoomInfo::new(TEA, "old")], vec![]);
    let effects = state.update(details(2, false, vec![]));
    assert_eq!(names(&state), ["tea"]);
    assert!(effects.contains(&Effect::ContactsChanged));
}
