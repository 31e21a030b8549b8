//! What is proved has to hold until the session is there, not only when it was looked at.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use support::{House, PASSWORD, by_key, code, is_in, login, opcodes};
use uchat_db::{Db, KeptKeys, PasswordHash};
use uchat_framework::codec::opcode;
use uchat_framework::prelude::*;

/// Just when they have signed in, and before it is noted, somebody changes the password of `late`, and shuts the account
/// `shut` once a device of it is known.
#[hook]
async fn meanwhile(event: UserOnline, db: Service<Db>) -> Result<()> {
    let id = event.user.id;
    match &*event.user.name {
        "late" => drop(db.replace_password(id, None, PasswordHash("other".into()), KeptKeys::None).await?),
        "shut" if db.users_after("", 1).await?[0].device_keys > 0 => drop(db.set_disabled(id, true).await?),
        _ => {}
    }
    Ok(())
}

#[tokio::test]
async fn a_password_that_is_changed_during_a_login_lets_nobody_in() {
    let house = House::new();
    house.register("late").await;
    let late = house.strong(1);
    assert_eq!(opcodes(&login(&late, "late", PASSWORD).await), [opcode::LOGIN_FAILED]);
    assert!(!house.server.online().is_online(1));
    assert_eq!(code(&late.call("uchat.change_password", &()).await.unwrap()), "not_logged_in");
    assert_eq!(house.db.users_after("", 1).await.unwrap()[0].device_keys, 0, "and its device is not known");
}

#[tokio::test]
async fn an_account_that_is_shut_during_a_login_by_key_lets_nobody_in() {
    let house = House::new();
    house.register("shut").await;
    assert!(is_in(&login(&house.strong(1), "shut", PASSWORD).await));
    assert_eq!(code(&by_key(&house.strong(1), "shut").await), "key_refused");
    assert!(!house.server.online().is_online(1));
}
