//! Users and friends.

#![allow(missing_docs, reason = "tests: their names say what they mean")]

use super::{befriend, users};
use crate::model::{Acceptance, Asking, Creation, FriendLimits};
use crate::store::Db;
use crate::testkit::new_user;

fn names(users: Vec<crate::User>) -> Vec<String> {
    users.into_iter().map(|user| user.username).collect()
}

pub async fn names_and_emails_are_unique(db: &Db) {
    users(db, &["ann"]).await;
    assert_eq!(db.create_user(new_user("ann")).await.unwrap(), Creation::NameTaken);
    let mut twin = new_user("anna");
    twin.email = "ANN@example.com".into();
    assert_eq!(db.create_user(twin).await.unwrap(), Creation::EmailTaken);
}

pub async fn a_user_is_found_by_name_prefix_and_number(db: &Db) {
    users(db, &["ann", "anton", "a_b", "a%c", "axb", "小明", "小红"]).await;
    assert_eq!(db.user(2).await.unwrap().unwrap().username, "anton");
    assert!(db.user(99).await.unwrap().is_none());
    assert_eq!(db.user_by_name("小明").await.unwrap().unwrap().id, 6);
    assert!(db.user_by_name("an").await.unwrap().is_none());
    let found = |prefix: &'static str| async move { names(db.users_by_prefix(prefix, 10).await.unwrap()) };
    assert_eq!(found("an").await, ["ann", "anton"]);
    assert_eq!(found("a_").await, ["a_b"]);
    assert_eq!(found("a%").await, ["a%c"]);
    assert_eq!(found("小").await, ["小明", "小红"]);
    assert_eq!(names(db.users_by_prefix("a", 2).await.unwrap()), ["a%c", "a_b"]);
}

pub async fn friendship_is_asked_accepted_and_mutual(db: &Db) {
    users(db, &["ann", "bob", "eve"]).await;
    assert!(db.request_friend(1, 2).await.unwrap());
    assert!(!db.request_friend(1, 2).await.unwrap(), "asked before");
    assert!(db.request_friend(3, 2).await.unwrap());
    assert_eq!(names(db.pending_requests(2).await.unwrap()), ["ann", "eve"]);
    assert!(!db.are_friends(1, 2).await.unwrap(), "a request is no friendship");
    assert_eq!(db.accept_friend(2, 1).await.unwrap(), Acceptance::Accepted);
    assert_eq!(db.accept_friend(2, 1).await.unwrap(), Acceptance::AlreadyFriends);
    assert_eq!(db.accept_friend(1, 3).await.unwrap(), Acceptance::NoRequest);
    assert!(db.are_friends(1, 2).await.unwrap() && db.are_friends(2, 1).await.unwrap());
    assert_eq!(names(db.pending_requests(2).await.unwrap()), ["eve"]);
    assert_eq!(names(db.friends(1).await.unwrap()), ["bob"]);
    assert_eq!(db.friend_ids(2).await.unwrap(), [1]);
    assert!(!db.request_friend(2, 1).await.unwrap(), "they are friends");
}

pub async fn friends_and_requests_have_limits(db: &Db) {
    users(db, &["ann", "bob", "eve", "joe", "kim"]).await;
    let limits = FriendLimits { friends: 3, open_requests: 2 };
    let ask = |from, to| async move { db.ask_friend(from, to, limits).await.unwrap() };
    assert_eq!((ask(1, 2).await, ask(1, 2).await), (Asking::Asked, Asking::Already));
    assert_eq!(ask(1, 3).await, Asking::Asked);
    assert_eq!(ask(1, 4).await, Asking::TooManySent);
    assert_eq!((ask(4, 2).await, ask(3, 2).await), (Asking::Asked, Asking::TooManyReceived));
    assert_eq!(db.accept_friend_within(2, 1, 3).await.unwrap(), Acceptance::Accepted);
    assert_eq!(db.accept_friend_within(3, 1, 3).await.unwrap(), Acceptance::Accepted);
    assert_eq!((ask(1, 4).await, ask(1, 5).await), (Asking::Asked, Asking::TooManyFriends));
    assert_eq!(db.accept_friend_within(2, 4, 1).await.unwrap(), Acceptance::TooManyFriends);
    assert_eq!(names(db.pending_requests(2).await.unwrap()), ["joe"], "it can be accepted later");
}

pub async fn crossed_requests_make_one_friendship(db: &Db) {
    users(db, &["ann", "bob"]).await;
    assert!(db.request_friend(1, 2).await.unwrap() && db.request_friend(2, 1).await.unwrap());
    assert_eq!(db.accept_friend(2, 1).await.unwrap(), Acceptance::Accepted);
    assert!(
        db.pending_requests(1).await.unwrap().is_empty() && db.pending_requests(2).await.unwrap().is_empty()
    );
    assert_eq!(db.accept_friend(1, 2).await.unwrap(), Acceptance::AlreadyFriends);
    assert_eq!((db.friend_ids(1).await.unwrap(), db.friend_ids(2).await.unwrap()), (vec![2], vec![1]));
}

pub async fn friends_come_in_the_order_of_becoming_friends(db: &Db) {
    users(db, &["ann", "bob", "eve"]).await;
    for asked in [2, 3] {
        db.request_friend(1, asked).await.unwrap();
    }
    for accepting in [3, 2] {
        db.accept_friend(accepting, 1).await.unwrap();
    }
    assert_eq!(db.friend_ids(1).await.unwrap(), [3, 2]);
    assert_eq!(names(db.friends(1).await.unwrap()), ["eve", "bob"]);
}

pub async fn a_refused_request_may_come_again(db: &Db) {
    users(db, &["ann", "bob"]).await;
    assert!(!db.refuse_friend(2, 1).await.unwrap(), "nothing was asked");
    db.request_friend(1, 2).await.unwrap();
    assert!(db.refuse_friend(2, 1).await.unwrap());
    assert!(db.request_friend(1, 2).await.unwrap());
}

pub async fn a_deleted_friend_is_gone_for_both(db: &Db) {
    users(db, &["ann", "bob"]).await;
    db.request_friend(1, 2).await.unwrap();
    assert!(!db.remove_friend(1, 2).await.unwrap(), "a request is no friendship");
    befriend(db, 1, 2).await;
    assert!(db.remove_friend(2, 1).await.unwrap());
    assert!(db.friends(1).await.unwrap().is_empty() && db.friends(2).await.unwrap().is_empty());
    assert!(!db.remove_friend(1, 2).await.unwrap());
}
