//! Opcode 1: who one is, by name and password.

use std::sync::Arc;

use uchat_config::Settings;
use uchat_db::{Credentials, Db, KeptKeys, PasswordHash, Proof};
use uchat_framework::codec::chat::Login;
use uchat_framework::codec::opcode::{LOGIN, LOGIN_FAILED};
use uchat_framework::prelude::*;
use uchat_framework::{Feed, Rejection};

use crate::enter::{Disabled, Entrance};
use crate::password::{Passwords, Verdict};
use crate::rules;

rejections! {
    /// No such user, or another password: the same answer for both.
    WrongCredentials = "登入失败，请检查用户名密码" => LOGIN_FAILED,
    /// The account has used the strong suite, and the classic one is not for it any more.
    ClassicRefused = "该账户已用安全方式登录过，不能再用旧版方式登录 (this account has used the strong suite; log in with it)",
}

/// Logs in: answers with the user, the friend requests that wait, then rooms, friends and messages.
#[handler(LOGIN)]
async fn login(
    caller: Caller,
    Args(Login(name, password)): Args<Login>,
    db: Service<Db>,
    settings: Service<Settings>,
    passwords: Service<Passwords>,
    feed: Service<Arc<dyn Feed>>,
    online: Online,
) -> Result<Replies> {
    let name = rules::fold(&name);
    let account = authenticate(&name, &password, &db, &passwords).await?;
    // Told only to who knows the password.
    ensure!(!account.disabled, Disabled);
    ensure!(caller.is_strong() || !account.strong || settings.accounts.classic_after_strong, ClassicRefused);
    let entrance = Entrance { caller, db, settings, feed, online };
    let entered = entrance.enter(account.id, &name, Proof::Password(account.password)).await?;
    entered.ok_or_else(|| Rejection::into(WrongCredentials))
}

async fn authenticate(name: &str, password: &str, db: &Db, passwords: &Passwords) -> Result<Credentials> {
    let credentials = db.credentials(name).await?;
    let stored = credentials.as_ref().map(|credentials| credentials.password.clone());
    let verdict = passwords.verify(password, stored).await?;
    let Some(mut credentials) = credentials.filter(|_| verdict != Verdict::Wrong) else {
        tracing::info!(user = %loggable(name), "login refused");
        return Err(Rejection::into(WrongCredentials));
    };
    if verdict == Verdict::RightButOld {
        credentials.password = renew(&credentials, password, db, passwords).await?;
        tracing::info!(user = name, "the old password hash was replaced");
    }
    Ok(credentials)
}

/// Another hash of the same password, unless the password has been changed meanwhile.
async fn renew(
    account: &Credentials,
    password: &str,
    db: &Db,
    passwords: &Passwords,
) -> Result<PasswordHash> {
    let (old, new) = (account.password.clone(), passwords.hash(password).await?);
    let renewed = db.replace_password(account.id, Some(old), new.clone(), KeptKeys::All).await?;
    ensure!(renewed, WrongCredentials);
    Ok(new)
}

/// A name that nobody has checked, cut short and without control characters for the log.
fn loggable(name: &str) -> String {
    name.chars().take(32).filter(|c| !c.is_control()).collect()
}
