//! The named call `uchat.request_certificate`: a certificate about the key of this connection.

use uchat_config::Settings;
use uchat_db::{Db, Filing, NewCertificate};
use uchat_framework::codec::certificate::{Authority, Subject, read_request};
use uchat_framework::codec::chat::{Certificates, RequestCertificate};
use uchat_framework::prelude::*;

use crate::{fresh, now};

rejections! {
    /// The connection has proved no key.
    NotStrong = "旧版方式不能申请证书 (certificates need the strong suite)",
    /// The request can't be read, or its signature is wrong.
    BadRequest = "证书请求有误 (bad certificate request)",
    /// The request is about another key than that of the connection.
    OtherKey = "证书请求与本次连接的密钥不符 (the request is about another key than that of this connection)",
    /// The key has been revoked.
    Revoked = "该密钥已被吊销 (this key has been revoked)",
    /// The account is not there any more.
    NoAccount = "账户不存在 (no such account)",
}

/// Issues a certificate in the name of the caller about the key that the connection has proved.
#[handler("uchat.request_certificate", rate = "10/min")]
async fn request_certificate(
    me: User,
    caller: Caller,
    Args(asked): Args<RequestCertificate>,
    db: Service<Db>,
    authority: Service<Authority>,
    settings: Service<Settings>,
) -> Result<Certificates> {
    let proved = caller.identity().identity_key.ok_or(NotStrong)?;
    issue(&me, proved, &asked.csr, &db, &authority, &settings).await
}

async fn issue(
    me: &User,
    proved: [u8; 32],
    request: &str,
    db: &Db,
    authority: &Authority,
    settings: &Settings,
) -> Result<Certificates> {
    let key = read_request(request).map_err(|error| BadRequest.with(error))?;
    ensure!(key == proved, OtherKey);
    let account = db.user(me.id).await?.ok_or(NoAccount)?;
    let subject = Subject { username: account.username, email: account.email, key };
    let issued = authority.issue(&subject, fresh(now()?, settings.certificates.days))?;
    let new = NewCertificate {
        user: me.id,
        key,
        der: issued.der.clone(),
        not_before: issued.not_before,
        not_after: issued.not_after,
    };
    match db.add_certificate(new, settings.certificates.keys_per_user).await? {
        Filing::Stored => {}
        Filing::Revoked => return Err(Revoked.into()),
    }
    tracing::info!(user = ?me, not_after = issued.not_after, "issued a certificate");
    Ok(Certificates { pem: authority.chain(&issued.der) })
}

#[cfg(test)]
mod tests {
    use uchat_framework::codec::certificate::{Certificate, certificate_request, from_pem};
    use uchat_framework::testkit;

    use super::*;
    use crate::kit::{authority, identity};

    async fn ask(proved: u8, request: &str) -> Result<Certificates> {
        let db = uchat_db::testkit::with_users(&["ann"]).await;
        let key = identity(proved).public_key();
        issue(&testkit::user(1, "ann"), key, request, &db, &authority(), &Settings::default()).await
    }

    #[tokio::test]
    async fn a_certificate_has_name_and_email_of_the_account_whatever_the_request_says() {
        let request = certificate_request(&identity(5), "mallory").unwrap();
        let chain = from_pem(&ask(5, &request).await.unwrap().pem).unwrap();
        let found = Certificate::read(chain[0].clone()).unwrap();
        assert_eq!((found.name.as_str(), found.email.as_deref()), ("ann", Some("ann@example.com")));
        assert_eq!(found.key, identity(5).public_key());
        assert!(found.is_signed_by(&authority().key()) && !found.is_authority);
        assert!(Certificate::read(chain[1].clone()).unwrap().is_authority);
    }

    #[tokio::test]
    async fn a_key_that_the_connection_has_not_proved_gets_no_certificate() {
        let request = certificate_request(&identity(5), "ann").unwrap();
        assert!(ask(6, &request).await.unwrap_err() == OtherKey);
        assert!(ask(5, "").await.unwrap_err() == BadRequest);
        assert!(ask(5, &request.replacen('A', "B", 1)).await.unwrap_err() == BadRequest);
    }
}
