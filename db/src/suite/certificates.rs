//! Certificates: one for each key of a user, the newest ones; revoked keys.

#![allow(missing_docs, reason = "tests: their names say what they mean")]

use bytes::Bytes;

use super::users;
use crate::model::{Filing, NewCertificate};
use crate::store::Db;

fn new(user: u64, key: u8, not_before: u64, not_after: u64) -> NewCertificate {
    let der = Bytes::from(format!("certificate {user} {key} {not_before}"));
    NewCertificate { user, key: [key; 32], der, not_before, not_after }
}

async fn current(db: &Db, user: u64, now: u64) -> Option<String> {
    let found = db.certificate_of(user, now).await.unwrap()?;
    assert_eq!(found.revoked, None);
    Some(format!("{}: {}", found.username, String::from_utf8_lossy(&found.der)))
}

pub async fn the_newest_valid_certificate_of_a_user_is_found(db: &Db) {
    users(db, &["ann", "bob"]).await;
    assert_eq!(current(db, 1, 100).await, None);
    for certificate in [new(1, 7, 10, 200), new(1, 8, 50, 150), new(2, 9, 60, 300), new(1, 7, 20, 210)] {
        assert_eq!(db.add_certificate(certificate, 4).await.unwrap(), Filing::Stored);
    }
    assert_eq!(current(db, 1, 100).await.as_deref(), Some("ann: certificate 1 7 20"), "stored last");
    assert_eq!(current(db, 1, 160).await.as_deref(), Some("ann: certificate 1 7 20"));
    db.add_certificate(new(1, 8, 20, 150), 4).await.unwrap();
    assert_eq!(current(db, 1, 100).await.as_deref(), Some("ann: certificate 1 8 20"), "in the same second");
    assert_eq!(
        current(db, 1, 160).await.as_deref(),
        Some("ann: certificate 1 7 20"),
        "the other has expired"
    );
    assert_eq!(current(db, 1, 15).await, None, "the older one of the same key was replaced");
    assert_eq!(current(db, 1, 211).await, None);
    assert_eq!(current(db, 2, 100).await.as_deref(), Some("bob: certificate 2 9 60"));
    assert!(!db.is_revoked([7; 32]).await.unwrap());
}

pub async fn only_so_many_keys_of_a_user_are_kept_the_newest_ones(db: &Db) {
    users(db, &["ann"]).await;
    for key in 1..=5 {
        db.add_certificate(new(1, key, u64::from(key), 100 - u64::from(key)), 3).await.unwrap();
    }
    assert_eq!(current(db, 1, 50).await.as_deref(), Some("ann: certificate 1 5 5"));
    // At 3 only the certificates of the keys 1, 2 and 3 were valid; 1 and 2 are gone.
    assert_eq!(current(db, 1, 3).await.as_deref(), Some("ann: certificate 1 3 3"));
    assert_eq!(current(db, 1, 2).await, None);
}
