//! Opcode 1: who one is, by name and password.

use std::sync::Arc;

use uchat_config::Settings;
use uchat_db::{Db, Proof};
use uchat_framework::codec::chat::Login;
use uchat_framework::codec::opcode::{LOGIN, LOGIN_FAILED};
use uchat_framework::prelude::*;
use uchat_framework::{Feed, Rejection};
use zeroize::Zeroizing;

use crate::enter::{Disabled, Entrance};
use crate::guard::Guard;
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
    guard: Service<Guard>,
    db: Service<Db>,
    settings: Service<Settings>,
    feed: Service<Arc<dyn Feed>>,
    online: Online,
) -> Result<Replies> {
    let (name, password) = (rules::fold(&name), Zeroizing::new(password));
    let checked = guard.check(&name, &password, caller.address().ip()).await?;
    let account = checked.ok_or(WrongCredentials)?;
    // Told only to who knows the password.
    ensure!(!account.disabled, Disabled);
    let classic_is_fine = !account.strong || settings.accounts.classic_after_strong;
    ensure!(caller.is_strong() || classic_is_fine, ClassicRefused);
    let entrance = Entrance { caller, db, settings, feed, online };
    let entered = entrance.enter(account.id, &name, Proof::Password(account.password)).await?;
    entered.ok_or_else(|| Rejection::into(WrongCredentials))
}
