//! Rooms and their members.

#![allow(missing_docs, reason = "tests: their names say what they mean")]

use super::users;
use crate::model::{Joining, Room};
use crate::store::Db;

pub async fn a_room_has_a_unique_name_and_members_in_order(db: &Db) {
    users(db, &["ann", "bob"]).await;
    let room = db.create_room(2, "Tea").await.unwrap().unwrap();
    assert_eq!(room, Room { id: 1, name: "Tea".into() });
    assert!(db.create_room(1, "tea").await.unwrap().is_none(), "the case of a name makes no other name");
    assert_eq!(db.join_room(1, 1).await.unwrap(), Joining::Joined(room.clone()));
    assert_eq!(db.room_member_ids(1).await.unwrap(), [2, 1]);
    assert_eq!(db.room_members(1).await.unwrap()[0].username, "bob");
    assert_eq!(db.room(1).await.unwrap().as_ref(), Some(&room));
    assert_eq!(db.rooms_of(1).await.unwrap(), [room]);
}

pub async fn joining_is_once_and_only_where_there_is_a_room(db: &Db) {
    users(db, &["ann"]).await;
    db.create_room(1, "tea").await.unwrap();
    assert_eq!(db.join_room(1, 1).await.unwrap(), Joining::AlreadyMember);
    assert_eq!(db.join_room(1, 99).await.unwrap(), Joining::NoSuchRoom);
    assert!(db.is_member(1, 1).await.unwrap() && !db.is_member(1, 99).await.unwrap());
    assert!(db.room(99).await.unwrap().is_none());
}
