//! The named calls `uchat.operator.*`: users made, shut, listed and deleted, while everybody else goes on.
//!
//! For sessions of the strong suite that hold the role: by the server's own key, as `uchat user` does, or as one of
//! `accounts.operators`.

use uchat_config::Settings;
use uchat_db::{Db, KeptKeys, Listed, User as Account};
use uchat_framework::codec::certificate::CertificateError;
use uchat_framework::codec::chat::operator::{AddUser, ListUsers, ListedUser, SetPassword, UserName};
use uchat_framework::codec::chat::{Refused, Register};
use uchat_framework::codec::opcode::{DEL_INFO, GENERAL_FAILURE, REFUSED, SERVER_KICK};
use uchat_framework::prelude::*;
use zeroize::Zeroizing;

use crate::change_password::PASSWORD_CHANGED;
use crate::enter::{Disabled, info};
use crate::password::Passwords;
use crate::{register, rules};

rejections! {
    /// Over the classic suite nobody proves who he is.
    NeedsStrong = "管理操作只能用安全方式 (operators need the strong suite)",
    /// Nobody has this name.
    NoSuchUser = "用户名不存在 (no such user)",
    /// Operators don't shut themselves out.
    Yourself = "不能对自己的账户这样做 (not to your own account)",
    /// The limit is not between 1 and 500.
    BadLimit = "数量必须在 1 到 500 之间 (limit must be 1 to 500)",
}

/// What a deleted user is told before the session ends.
const DELETED: &str = "账户已删除 (this account has been deleted)";
/// The longest page of the list.
const MOST_LISTED: u32 = 500;
/// The address of somebody who has never logged in.
const NOWHERE: (&str, &str) = ("0.0.0.0", "0");

/// Makes an account, by the rules of registration; the answer is its number.
#[handler("uchat.operator.add_user", role = "operator")]
async fn add_user(
    caller: Caller,
    Args(form): Args<AddUser>,
    db: Service<Db>,
    settings: Service<Settings>,
    passwords: Service<Passwords>,
) -> Result<UserId> {
    ensure!(caller.is_strong(), NeedsStrong);
    let AddUser { username, password, email, sex, age } = form;
    let (ip, port) = (NOWHERE.0.to_owned(), NOWHERE.1.to_owned());
    let form = Register { username, password, email, ip, port, sex, age };
    register::make(form, None, &db, &settings.accounts, &passwords).await
}

/// Gives an account another password; its sessions end and its devices are forgotten.
#[handler("uchat.operator.set_password", role = "operator")]
async fn set_password(
    caller: Caller,
    Args(SetPassword { username, password }): Args<SetPassword>,
    db: Service<Db>,
    settings: Service<Settings>,
    passwords: Service<Passwords>,
) -> Result<()> {
    let password = Zeroizing::new(password);
    ensure!(caller.is_strong(), NeedsStrong);
    rules::password(&password, &settings.accounts)?;
    let them = found(&username, &db).await?;
    let hash = passwords.hash(&password).await?;
    ensure!(db.replace_password(them.id, None, hash, KeptKeys::None).await?, NoSuchUser);
    let ended = end(&caller, them.id, PASSWORD_CHANGED).await?;
    tracing::info!(user = them.username, ended, "an operator has set the password");
    Ok(())
}

/// Shuts an account: its session ends, and nobody logs in to it.
#[handler("uchat.operator.disable_user", role = "operator")]
async fn disable_user(
    caller: Caller,
    Args(UserName { username }): Args<UserName>,
    db: Service<Db>,
) -> Result<()> {
    let them = other(&caller, &username, &db).await?;
    ensure!(db.set_disabled(them.id, true).await?, NoSuchUser);
    let ended = end(&caller, them.id, Disabled.text()).await?;
    tracing::info!(user = them.username, ended, "an operator has disabled the account");
    Ok(())
}

/// Opens an account again.
#[handler("uchat.operator.enable_user", role = "operator")]
async fn enable_user(
    caller: Caller,
    Args(UserName { username }): Args<UserName>,
    db: Service<Db>,
) -> Result<()> {
    let them = other(&caller, &username, &db).await?;
    ensure!(db.set_disabled(them.id, false).await?, NoSuchUser);
    tracing::info!(user = them.username, "an operator has enabled the account");
    Ok(())
}

/// Deletes an account: friendships and memberships go, what was said stays under the name, which is not given out again.
#[handler("uchat.operator.delete_user", role = "operator")]
async fn delete_user(
    caller: Caller,
    Args(UserName { username }): Args<UserName>,
    db: Service<Db>,
    online: Online,
) -> Result<()> {
    let them = other(&caller, &username, &db).await?;
    // First nobody can log in any more, then nobody is, then nobody was: friends and rooms hear the end of the session
    // while they are still friends and rooms.
    db.set_disabled(them.id, true).await?;
    end(&caller, them.id, DELETED).await?;
    let friends = db.delete_user(them.id).await?.ok_or(NoSuchUser)?;
    tracing::info!(user = them.username, id = them.id, "an operator has deleted the account");
    online.send_all(friends, DEL_INFO, &info(them, &online));
    Ok(())
}

/// Ends the sessions of keys that have been revoked; the answer is how many.
#[handler("uchat.operator.end_revoked", role = "operator")]
async fn end_revoked(caller: Caller, db: Service<Db>, online: Online) -> Result<u64> {
    ensure!(caller.is_strong(), NeedsStrong);
    let why = CertificateError::Revoked;
    let mut ended = 0;
    for (user, key) in online.proved_keys() {
        if db.is_revoked(key).await? {
            let last = Push::new(REFUSED, &Refused(why.code().into(), why.to_string()))?;
            ended += u64::from(caller.end_other_session(user, [last]).await);
        }
    }
    tracing::info!(ended, "an operator has ended the sessions of revoked keys");
    Ok(ended)
}

/// Lists users in order of name, page by page.
#[handler("uchat.operator.list_users", role = "operator")]
async fn list_users(
    caller: Caller,
    Args(ListUsers { after, limit }): Args<ListUsers>,
    db: Service<Db>,
    online: Online,
) -> Result<Vec<ListedUser>> {
    ensure!(caller.is_strong(), NeedsStrong);
    ensure!((1..=MOST_LISTED).contains(&limit), BadLimit);
    let listed = |Listed { user, disabled, strong, device_keys }| ListedUser {
        online: online.is_online(user.id),
        id: user.id,
        username: user.username,
        email: user.email,
        disabled,
        strong,
        device_keys,
    };
    Ok(db.users_after(&after, usize::try_from(limit)?).await?.into_iter().map(listed).collect())
}

/// Somebody else than the caller, over the strong suite.
async fn other(caller: &Caller, username: &str, db: &Db) -> Result<Account> {
    ensure!(caller.is_strong(), NeedsStrong);
    let them = found(username, db).await?;
    ensure!(caller.user().is_none_or(|me| me.id != them.id), Yourself);
    Ok(them)
}

async fn found(username: &str, db: &Db) -> Result<Account> {
    Ok(db.user_by_name(&rules::fold(username)).await?.ok_or(NoSuchUser)?)
}

/// Ends the session of a user, who is told why.
async fn end(caller: &Caller, user: UserId, why: &str) -> Result<bool> {
    let last = [Push::new(GENERAL_FAILURE, why)?, Push::new(SERVER_KICK, &())?];
    Ok(caller.end_other_session(user, last).await)
}
