//! The named call `uchat.certificate`: the certificate of a friend, or one's own.

use uchat_db::Db;
use uchat_framework::codec::certificate::Authority;
use uchat_framework::codec::chat::{CertificateOf, Certificates};
use uchat_framework::prelude::*;

use crate::now;

rejections! {
    /// Neither a friend nor oneself, or nobody at all: the same answer for both.
    NotFriends = "只能查看自己和好友的证书 (only of friends and of yourself)",
    /// The user has none that is valid and not revoked.
    NoCertificate = "该用户没有有效的证书 (no valid certificate)",
}

/// Gives the newest valid certificate of a friend, or of the caller.
#[handler("uchat.certificate")]
async fn certificate(
    me: User,
    Args(asked): Args<CertificateOf>,
    db: Service<Db>,
    authority: Service<Authority>,
) -> Result<Certificates> {
    ensure!(asked.user == me.id || db.are_friends(me.id, asked.user).await?, NotFriends);
    let found = db.certificate_of(asked.user, now()?).await?.ok_or(NoCertificate)?;
    Ok(Certificates { pem: authority.chain(&found.der) })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use uchat_db::NewCertificate;
    use uchat_framework::codec::certificate::from_pem;
    use uchat_framework::testkit;

    use super::*;
    use crate::kit::authority;

    async fn ask(db: &Db, user: u64) -> Result<Bytes> {
        let (me, asked) = (testkit::user(1, "ann"), Args(CertificateOf { user }));
        let found = certificate(me, asked, Service::new(db.clone()), authority()).await?;
        Ok(from_pem(&found.pem)?.swap_remove(0))
    }

    #[tokio::test]
    async fn certificates_are_for_friends_and_oneself() {
        let db = uchat_db::testkit::with_users(&["ann", "bob", "eve"]).await;
        db.request_friend(1, 2).await.unwrap();
        for user in [1, 2, 3] {
            let der = Bytes::from(format!("of {user}"));
            let new = NewCertificate { user, key: [0; 32], der, not_before: 0, not_after: u64::MAX >> 1 };
            db.add_certificate(new, 9).await.unwrap();
        }
        assert_eq!(ask(&db, 1).await.unwrap(), "of 1");
        for other in [2, 3, 4] {
            assert!(ask(&db, other).await.unwrap_err() == NotFriends, "{other}");
        }
        db.accept_friend(2, 1).await.unwrap();
        assert_eq!(ask(&db, 2).await.unwrap(), "of 2");
    }

    #[tokio::test]
    async fn who_has_no_certificate_has_none_to_show() {
        let db = uchat_db::testkit::with_users(&["ann"]).await;
        assert!(ask(&db, 1).await.unwrap_err() == NoCertificate);
    }
}
