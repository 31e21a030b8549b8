//! The named call `uchat.login_with_key`: who one is, by the identity key of the device.

use std::sync::Arc;

use uchat_config::Settings;
use uchat_db::{Db, Proof};
use uchat_framework::codec::chat::LoginWithKey;
use uchat_framework::prelude::*;
use uchat_framework::{Feed, Rejection};

use crate::enter::{Disabled, Entrance};
use crate::rules;

rejections! {
    /// No such user, or not a key of this user, or none at all: the same answer for all of them.
    KeyRefused = "该设备不能免密码登录，请输入密码 (this device can't log in by its key; use the password)",
}

/// Logs in like `login`, without a password: over the strong suite, with a key that has logged in to the account before.
#[handler("uchat.login_with_key", rate = "30/min")]
async fn login_with_key(
    caller: Caller,
    Args(LoginWithKey { username }): Args<LoginWithKey>,
    db: Service<Db>,
    settings: Service<Settings>,
    feed: Service<Arc<dyn Feed>>,
    online: Online,
) -> Result<Replies> {
    let key = caller.identity().identity_key.ok_or(KeyRefused)?;
    let name = rules::fold(&username);
    let holder = db.key_holder(&name, &key).await?.ok_or(KeyRefused)?;
    // Told only to who has the key.
    ensure!(!holder.disabled, Disabled);
    let entrance = Entrance { caller, db, settings, feed, online };
    entrance.enter(holder.id, &name, Proof::Key(key)).await?.ok_or_else(|| Rejection::into(KeyRefused))
}
