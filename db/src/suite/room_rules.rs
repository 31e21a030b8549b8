//! Owners, rules, invitations and requests of rooms.

#![allow(missing_docs, reason = "tests: their names say what they mean")]

use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::{befriend, users};
use crate::model::{NewMessage, Posting, Target};
use crate::room_rules::{Entry, RoomAction, RoomChange, RoomChanged, RoomRefusal};
use crate::store::Db;

/// The users and the room.
const ANN: u64 = 1;
const BOB: u64 = 2;
const EVE: u64 = 3;
const ROOM: u64 = 1;

async fn house(db: &Db) {
    users(db, &["ann", "bob", "eve"]).await;
    db.create_room(ANN, "tea").await.unwrap();
}

fn change(actor: u64, action: RoomAction) -> RoomChange {
    RoomChange { actor, room: ROOM, action, time_ms: 7, most_members: 3, most_waiting: 1 }
}

async fn act(db: &Db, actor: u64, action: RoomAction) -> Result<RoomChanged, RoomRefusal> {
    db.change_room(change(actor, action), Box::new(|_| None), Box::new(|_| {})).await.unwrap()
}

async fn say(db: &Db, sender: u64) -> Posting {
    let body = Bytes::from_static(b"hi");
    let new = NewMessage { sender, target: Target::Room(ROOM), body, time_ms: 1, sent: false };
    db.post_message(new, Box::new(|_| {})).await.unwrap()
}

async fn seen_by(db: &Db, user: u64) -> usize {
    db.login_history(user, 100, 10_000).await.unwrap().messages.len()
}

pub async fn an_owner_who_leaves_hands_the_room_to_the_longest_member_and_the_last_one_closes_it(db: &Db) {
    house(db).await;
    for user in [EVE, BOB] {
        assert_eq!(act(db, user, RoomAction::Enter).await.unwrap().joined, Some(user));
    }
    let left = act(db, ANN, RoomAction::Leave).await.unwrap();
    assert_eq!((left.heir.unwrap().id, left.concerned), (EVE, vec![ANN, EVE, BOB]));
    let people = db.room_people(ROOM).await.unwrap();
    let people: Vec<_> = people.iter().map(|member| (member.user.id, member.owner)).collect();
    assert_eq!(people, [(EVE, true), (BOB, false)]);
    assert!(act(db, BOB, RoomAction::Leave).await.unwrap().heir.is_none());
    assert!(act(db, EVE, RoomAction::Leave).await.unwrap().closed);
    assert!(db.room(ROOM).await.unwrap().is_none() && db.rooms_of(EVE).await.unwrap().is_empty());
    assert_eq!(act(db, EVE, RoomAction::Enter).await.unwrap_err(), RoomRefusal::NoSuchRoom);
    assert_eq!(db.create_room(ANN, "tea").await.unwrap().unwrap().id, 2, "the name is free, the number not");
}

pub async fn who_has_left_sees_nothing_more_until_coming_back(db: &Db) {
    house(db).await;
    act(db, BOB, RoomAction::Enter).await.unwrap();
    say(db, ANN).await;
    act(db, BOB, RoomAction::Leave).await.unwrap();
    say(db, ANN).await;
    assert_eq!(seen_by(db, BOB).await, 0);
    assert!(matches!(say(db, BOB).await, Posting::NotMember));
    act(db, BOB, RoomAction::Enter).await.unwrap();
    assert_eq!(seen_by(db, BOB).await, 0);
    say(db, ANN).await;
    assert_eq!(seen_by(db, BOB).await, 1);
}

pub async fn only_the_owner_changes_a_room(db: &Db) {
    house(db).await;
    db.create_room(EVE, "coffee").await.unwrap();
    act(db, BOB, RoomAction::Enter).await.unwrap();
    let of_owners = [
        RoomAction::Rename("x".into()),
        RoomAction::Remove(ANN),
        RoomAction::HandOver(BOB),
        RoomAction::SetEntry(Entry::Approval),
        RoomAction::SetMuted(true),
        RoomAction::SetVoice(BOB, true),
        RoomAction::Resolve(EVE, true),
        RoomAction::Close,
    ];
    for action in of_owners {
        assert_eq!(act(db, BOB, action.clone()).await.unwrap_err(), RoomRefusal::NotOwner, "{action:?}");
        assert_eq!(act(db, EVE, action).await.unwrap_err(), RoomRefusal::NotMember);
    }
    let refused = act(db, ANN, RoomAction::Rename("Coffee".into())).await.unwrap_err();
    assert_eq!(refused, RoomRefusal::NameTaken);
    assert_eq!(act(db, ANN, RoomAction::Remove(EVE)).await.unwrap_err(), RoomRefusal::NoSuchMember);
    assert_eq!(act(db, ANN, RoomAction::Remove(ANN)).await.unwrap_err(), RoomRefusal::Yourself);
    let renamed = act(db, ANN, RoomAction::Rename("TEA".into())).await.unwrap();
    assert_eq!(renamed.state.room.name, "TEA");
    act(db, ANN, RoomAction::HandOver(BOB)).await.unwrap();
    act(db, BOB, RoomAction::Remove(ANN)).await.unwrap();
    assert_eq!(db.room_member_ids(ROOM).await.unwrap(), [BOB]);
    assert!(act(db, BOB, RoomAction::Close).await.unwrap().closed);
}

pub async fn who_is_not_let_in_by_the_number_comes_by_invitation(db: &Db) {
    house(db).await;
    act(db, ANN, RoomAction::SetEntry(Entry::Invitation)).await.unwrap();
    assert_eq!(act(db, BOB, RoomAction::Enter).await.unwrap_err(), RoomRefusal::InvitationOnly);
    assert_eq!(act(db, ANN, RoomAction::Invite(BOB)).await.unwrap_err(), RoomRefusal::NotFriends);
    befriend(db, ANN, BOB).await;
    act(db, ANN, RoomAction::Invite(BOB)).await.unwrap();
    assert_eq!(act(db, ANN, RoomAction::Invite(BOB)).await.unwrap_err(), RoomRefusal::AlreadyAsked);
    let open = db.invitations_of(BOB).await.unwrap();
    assert_eq!((open.len(), open[0].room.name.as_str(), open[0].by.id), (1, "tea", ANN));
    act(db, BOB, RoomAction::Answer(false)).await.unwrap();
    assert_eq!(act(db, BOB, RoomAction::Answer(true)).await.unwrap_err(), RoomRefusal::NothingOpen);
    act(db, ANN, RoomAction::Invite(BOB)).await.unwrap();
    assert_eq!(act(db, BOB, RoomAction::Answer(true)).await.unwrap().joined, Some(BOB));
    assert!(db.is_member(BOB, ROOM).await.unwrap() && db.invitations_of(BOB).await.unwrap().is_empty());
}

pub async fn the_owner_lets_in_who_asks(db: &Db) {
    house(db).await;
    act(db, ANN, RoomAction::SetEntry(Entry::Approval)).await.unwrap();
    assert_eq!(act(db, BOB, RoomAction::Enter).await.unwrap().joined, None);
    assert_eq!(act(db, BOB, RoomAction::Enter).await.unwrap_err(), RoomRefusal::AlreadyAsked);
    assert_eq!(db.room_requests(ROOM).await.unwrap()[0].id, BOB);
    let to_ann: Vec<_> =
        db.requests_to(ANN).await.unwrap().iter().map(|(room, user)| (*room, user.id)).collect();
    assert_eq!((to_ann, db.requests_to(BOB).await.unwrap().len()), (vec![(ROOM, BOB)], 0));
    act(db, ANN, RoomAction::Resolve(BOB, false)).await.unwrap();
    assert!(!db.is_member(BOB, ROOM).await.unwrap() && db.room_requests(ROOM).await.unwrap().is_empty());
    act(db, BOB, RoomAction::Enter).await.unwrap();
    assert_eq!(act(db, ANN, RoomAction::Resolve(BOB, true)).await.unwrap().joined, Some(BOB));
    assert!(db.is_member(BOB, ROOM).await.unwrap());
}

pub async fn in_a_muted_room_only_the_owner_and_those_with_a_voice_speak(db: &Db) {
    house(db).await;
    for user in [BOB, EVE] {
        act(db, user, RoomAction::Enter).await.unwrap();
    }
    assert!(act(db, ANN, RoomAction::SetMuted(true)).await.unwrap().state.muted);
    act(db, ANN, RoomAction::SetVoice(BOB, true)).await.unwrap();
    assert!(matches!(say(db, ANN).await, Posting::Stored(_)));
    assert!(matches!(say(db, BOB).await, Posting::Stored(_)));
    assert!(matches!(say(db, EVE).await, Posting::Muted));
    act(db, ANN, RoomAction::SetMuted(false)).await.unwrap();
    assert!(matches!(say(db, EVE).await, Posting::Stored(_)));
}

pub async fn limits_of_a_room_hold(db: &Db) {
    users(db, &["ann", "bob", "eve", "dan", "flo"]).await;
    db.create_room(ANN, "tea").await.unwrap();
    act(db, ANN, RoomAction::SetEntry(Entry::Approval)).await.unwrap();
    act(db, BOB, RoomAction::Enter).await.unwrap();
    assert_eq!(act(db, EVE, RoomAction::Enter).await.unwrap_err(), RoomRefusal::TooManyOpen);
    act(db, ANN, RoomAction::SetEntry(Entry::Open)).await.unwrap();
    for user in [BOB, EVE] {
        act(db, user, RoomAction::Enter).await.unwrap();
    }
    assert_eq!(act(db, 4, RoomAction::Enter).await.unwrap_err(), RoomRefusal::Full);
    assert!(!db.is_member(4, ROOM).await.unwrap());
}

pub async fn a_line_is_stored_with_the_change_and_tells_who_goes(db: &Db) {
    house(db).await;
    act(db, BOB, RoomAction::Enter).await.unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let line = Box::new(|changed: &RoomChanged| Some(Bytes::from(changed.state.room.name.clone())));
    let committed =
        Box::new(move |stored: &crate::Stored| heard.lock().unwrap().clone_from(&stored.recipients));
    let removed = change(ANN, RoomAction::Remove(BOB));
    let changed = db.change_room(removed, line, committed).await.unwrap().unwrap();
    assert_eq!(changed.line.unwrap().body, "tea");
    assert_eq!(*told.lock().unwrap(), [ANN, BOB]);
    assert_eq!((seen_by(db, ANN).await, seen_by(db, BOB).await), (1, 0));
}
