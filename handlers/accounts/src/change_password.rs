//! The named call `uchat.change_password`: another password, and nobody else stays in with the old one.

use uchat_config::Settings;
use uchat_db::{Db, KeptKeys};
use uchat_framework::codec::chat::ChangePassword;
use uchat_framework::codec::opcode::{GENERAL_FAILURE, SERVER_KICK};
use uchat_framework::prelude::*;
use zeroize::Zeroizing;

use crate::guard::Guard;
use crate::password::Passwords;
use crate::rules;

rejections! {
    /// The old password is not that of the account.
    WrongPassword = "原密码错误 (the old password is wrong)",
}

/// What another session of the account is told before it ends.
pub(crate) const PASSWORD_CHANGED: &str = "密码已修改，请重新登录 (the password was changed; log in again)";

/// Changes the caller's password. Other sessions of the account end, and only the caller's device stays known.
#[handler("uchat.change_password", rate = "10/min")]
async fn change_password(
    me: User,
    caller: Caller,
    Args(ChangePassword { old, new }): Args<ChangePassword>,
    guard: Service<Guard>,
    db: Service<Db>,
    settings: Service<Settings>,
    passwords: Service<Passwords>,
) -> Result<()> {
    let (old, new) = (Zeroizing::new(old), Zeroizing::new(new));
    rules::password(&new, &settings.accounts)?;
    let account = guard.check(&me.name, &old, caller.address().ip()).await?;
    let account = account.filter(|account| account.id == me.id).ok_or(WrongPassword)?;
    let kept = caller.identity().identity_key.map_or(KeptKeys::None, KeptKeys::Only);
    let new = passwords.hash(&new).await?;
    ensure!(db.replace_password(me.id, Some(account.password), new, kept).await?, WrongPassword);
    let last = [Push::new(GENERAL_FAILURE, PASSWORD_CHANGED)?, Push::new(SERVER_KICK, &())?];
    let ended = caller.end_other_session(me.id, last).await;
    tracing::info!(user = ?me, ended, "password changed");
    Ok(())
}
