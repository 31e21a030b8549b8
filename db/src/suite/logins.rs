//! Passwords, device keys, accounts that are shut or deleted.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests: their names say what they mean")]

use bytes::Bytes;

use super::{befriend, users};
use crate::model::{Creation, IdentityKey, KeptKeys, KeyHolder, NewCertificate, NewLogin, NewMessage};
use crate::model::{PasswordHash, Posting, Proof, Target};
use crate::store::Db;
use crate::testkit::new_user;

const ONE: IdentityKey = [1; 32];
const TWO: IdentityKey = [2; 32];

fn hash(text: &str) -> PasswordHash {
    PasswordHash(text.into())
}

/// A login of the first user. The password of new users is hashed to "none".
fn login(proof: Proof, device_key: Option<IdentityKey>, time_ms: u64) -> NewLogin {
    let (ip, port) = ("10.0.0.9".into(), "4000".into());
    NewLogin { user: 1, proof, ip, port, device_key, most_keys: 2, time_ms }
}

async fn with_password(db: &Db, key: Option<IdentityKey>, time_ms: u64) -> bool {
    db.note_login(login(Proof::Password(hash("none")), key, time_ms)).await.unwrap()
}

async fn knows(db: &Db, key: IdentityKey) -> bool {
    db.key_holder("ann", &key).await.unwrap().is_some()
}

pub async fn a_login_leaves_address_suite_and_key(db: &Db) {
    users(db, &["ann", "bob"]).await;
    assert!(with_password(db, None, 5).await);
    let ann = db.user(1).await.unwrap().unwrap();
    assert_eq!((ann.ip.as_str(), ann.port.as_str()), ("10.0.0.9", "4000"));
    assert!(
        !db.credentials("ann").await.unwrap().unwrap().strong,
        "without a key it was not the strong suite"
    );
    assert!(with_password(db, Some(ONE), 6).await && with_password(db, None, 7).await);
    assert!(db.credentials("ann").await.unwrap().unwrap().strong, "once strong, always strong");
    assert_eq!(db.key_holder("ann", &ONE).await.unwrap(), Some(KeyHolder { id: 1, disabled: false }));
    for (name, key) in [("ann", TWO), ("bob", ONE), ("nobody", ONE)] {
        assert_eq!(db.key_holder(name, &key).await.unwrap(), None, "{name}");
    }
    assert!(db.credentials("nobody").await.unwrap().is_none());
}

pub async fn a_login_counts_only_while_what_it_was_checked_against_holds(db: &Db) {
    users(db, &["ann"]).await;
    assert!(!db.note_login(login(Proof::Password(hash("old")), Some(ONE), 1)).await.unwrap());
    assert!(!db.note_login(login(Proof::Key(ONE), Some(ONE), 1)).await.unwrap());
    assert!(!knows(db, ONE).await, "a login that does not count leaves nothing");
    assert!(with_password(db, Some(ONE), 1).await);
    assert!(db.note_login(login(Proof::Key(ONE), Some(ONE), 2)).await.unwrap());
    db.set_disabled(1, true).await.unwrap();
    assert!(!with_password(db, None, 3).await);
    assert!(!db.note_login(login(Proof::Key(ONE), Some(ONE), 3)).await.unwrap());
}

pub async fn keys_used_longest_ago_are_forgotten(db: &Db) {
    users(db, &["ann"]).await;
    for (time, key) in [(1, ONE), (2, TWO), (3, ONE), (4, [3; 32])] {
        assert!(with_password(db, Some(key), time).await);
    }
    assert!(knows(db, ONE).await && !knows(db, TWO).await && knows(db, [3; 32]).await);
    // A clock that was set back does not forget the key that is just being used.
    assert!(with_password(db, Some([4; 32]), 0).await);
    assert!(knows(db, [4; 32]).await && knows(db, [3; 32]).await && !knows(db, ONE).await);
}

pub async fn a_new_password_forgets_keys_and_replaces_only_what_it_was_meant_to(db: &Db) {
    users(db, &["ann"]).await;
    with_password(db, Some(ONE), 1).await;
    with_password(db, Some(TWO), 2).await;
    let change = |from: Option<&str>, to: &str, keys| db.replace_password(1, from.map(hash), hash(to), keys);
    assert!(!change(Some("other"), "a", KeptKeys::None).await.unwrap());
    assert!(knows(db, ONE).await && knows(db, TWO).await);
    assert!(change(Some("none"), "a", KeptKeys::All).await.unwrap());
    assert!(knows(db, ONE).await && knows(db, TWO).await);
    assert!(change(Some("a"), "b", KeptKeys::Only(TWO)).await.unwrap());
    assert!(!knows(db, ONE).await && knows(db, TWO).await);
    assert!(change(None, "c", KeptKeys::None).await.unwrap());
    assert!(!knows(db, TWO).await);
    assert_eq!(db.credentials("ann").await.unwrap().unwrap().password, hash("c"));
    assert!(!db.replace_password(99, None, hash("x"), KeptKeys::None).await.unwrap());
}

pub async fn a_shut_account_is_opened_again(db: &Db) {
    users(db, &["ann"]).await;
    with_password(db, Some(ONE), 1).await;
    for disabled in [true, false] {
        assert!(db.set_disabled(1, disabled).await.unwrap());
        assert_eq!(db.credentials("ann").await.unwrap().unwrap().disabled, disabled);
        assert_eq!(db.key_holder("ann", &ONE).await.unwrap().unwrap().disabled, disabled);
        assert_eq!(db.users_after("", 9).await.unwrap()[0].disabled, disabled);
    }
    assert!(!db.set_disabled(99, true).await.unwrap());
}

pub async fn a_deleted_user_is_gone_but_not_what_was_said(db: &Db) {
    users(db, &["ann", "bob", "eve"]).await;
    befriend(db, 1, 2).await;
    db.request_friend(1, 3).await.unwrap();
    db.create_room(1, "tea").await.unwrap();
    db.join_room(2, 1).await.unwrap();
    with_password(db, Some(ONE), 1).await;
    let der = Bytes::from_static(b"of ann");
    let certificate = NewCertificate { user: 1, key: ONE, der, not_before: 0, not_after: 100 };
    db.add_certificate(certificate, 4).await.unwrap();
    for target in [Target::User(2), Target::Room(1)] {
        let body = Bytes::from_static(b"remember me");
        let letter = NewMessage { sender: 1, target, body, time_ms: 5, sent: false };
        db.post_message(letter, Box::new(|_| {})).await.unwrap();
    }
    assert_eq!(db.delete_user(1).await.unwrap(), Some(vec![2]));
    assert_eq!(db.delete_user(1).await.unwrap(), None);
    assert!(db.user(1).await.unwrap().is_none() && db.user_by_name("ann").await.unwrap().is_none());
    assert!(db.credentials("ann").await.unwrap().is_none() && !knows(db, ONE).await);
    assert!(db.certificate_of(1, 50).await.unwrap().is_none());
    assert!(db.users_by_prefix("a", 9).await.unwrap().is_empty());
    assert!(!db.set_disabled(1, false).await.unwrap());
    assert!(!db.replace_password(1, None, hash("x"), KeptKeys::None).await.unwrap());
    assert!(db.friends(2).await.unwrap().is_empty() && db.pending_requests(3).await.unwrap().is_empty());
    assert_eq!(db.room_member_ids(1).await.unwrap(), [2]);
    assert!(!db.request_friend(2, 1).await.unwrap(), "nobody is there to be asked");
    let history = db.login_history(2, 9, 1000).await.unwrap().messages;
    let seen: Vec<_> =
        history.iter().map(|item| (item.message.sender_name.as_str(), item.message.sender)).collect();
    assert_eq!(seen, [("ann", 1), ("ann", 1)]);
    let body = Bytes::from_static(b"are you there?");
    let letter = NewMessage { sender: 2, target: Target::User(1), body, time_ms: 6, sent: false };
    assert!(matches!(db.post_message(letter, Box::new(|_| {})).await.unwrap(), Posting::NotFriends));
    // The name stays with what was said under it; the e-mail is free.
    let mut again = new_user("ann");
    assert_eq!(db.create_user(again.clone()).await.unwrap(), Creation::NameTaken);
    again.username = "ann2".into();
    assert_eq!(db.create_user(again).await.unwrap(), Creation::Created(4));
}

pub async fn users_are_listed_page_by_page(db: &Db) {
    users(db, &["bob", "ann", "eve"]).await;
    with_password(db, Some(ONE), 1).await;
    let page = db.users_after("", 2).await.unwrap();
    let names: Vec<_> =
        page.iter().map(|one| (one.user.username.as_str(), one.strong, one.device_keys)).collect();
    assert_eq!(names, [("ann", false, 0), ("bob", true, 1)]);
    let rest = db.users_after("bob", 2).await.unwrap();
    assert_eq!((rest.len(), rest[0].user.username.as_str()), (1, "eve"));
}
