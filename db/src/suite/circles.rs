//! Who is around a user.

#![allow(missing_docs, reason = "tests: their names say what they mean")]

use super::users;
use crate::model::Audience;
use crate::store::Db;

pub async fn everybody_around_a_user_is_known_at_once(db: &Db) {
    users(db, &["ann", "bob", "cat"]).await;
    db.request_friend(1, 2).await.unwrap();
    db.accept_friend(2, 1).await.unwrap();
    db.request_friend(3, 1).await.unwrap();
    let room = db.create_room(2, "tea").await.unwrap().unwrap();
    db.join_room(1, room.id).await.unwrap();
    let circle = db.circle(1).await.unwrap().unwrap();
    assert_eq!(Some(circle.me), db.user(1).await.unwrap());
    assert_eq!(circle.friends, db.friends(1).await.unwrap());
    assert_eq!(circle.requests, db.pending_requests(1).await.unwrap());
    assert_eq!((circle.friends.len(), circle.requests.len(), circle.rooms), (1, 1, vec![room]));
    assert_eq!(db.audience(1).await.unwrap(), Audience { friends: vec![2], rooms: vec![(1, vec![2, 1])] });
    assert_eq!(db.audience(3).await.unwrap(), Audience::default());
    assert!(db.circle(9).await.unwrap().is_none());
}
