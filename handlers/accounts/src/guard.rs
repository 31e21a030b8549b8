//! Checks passwords: the same answer for whoever does not exist, and delays for who fails.

use std::net::IpAddr;

use uchat_config::Settings;
use uchat_db::{Credentials, Db, KeptKeys};
use uchat_framework::prelude::*;

use crate::delays::Delays;
use crate::password::{Passwords, Verdict};

/// Says whether a password is that of an account.
pub struct Guard {
    db: Service<Db>,
    passwords: Service<Passwords>,
    delays: Delays,
}

/// Nobody has failed yet.
#[service]
fn guard(settings: Service<Settings>, db: Service<Db>, passwords: Service<Passwords>) -> Result<Guard> {
    Ok(Guard { db, passwords, delays: Delays::new(&settings) })
}

impl Guard {
    /// The account with this name, if this is its password. Takes as long for an account that there isn't. Refused if
    /// too many attempts have failed before.
    pub async fn check(&self, name: &str, password: &str, from: IpAddr) -> Result<Option<Credentials>> {
        let account = self.delays.attempt(name, from, self.compare(name, password)).await?;
        if account.is_none() {
            tracing::info!(user = %loggable(name), address = %from, "a password was wrong");
        }
        Ok(account)
    }

    async fn compare(&self, name: &str, password: &str) -> Result<Option<Credentials>> {
        let found = self.db.credentials(name).await?;
        let stored = found.as_ref().map(|account| account.password.clone());
        let verdict = self.passwords.verify(password, stored).await?;
        match found.filter(|_| verdict != Verdict::Wrong) {
            Some(account) if verdict == Verdict::RightButOld => self.renew(account, password).await,
            account => Ok(account),
        }
    }

    /// Another hash of the same password, unless the password has been changed meanwhile.
    async fn renew(&self, account: Credentials, password: &str) -> Result<Option<Credentials>> {
        let (id, new) = (account.id, self.passwords.hash(password).await?);
        let renewed =
            self.db.replace_password(id, Some(account.password), new.clone(), KeptKeys::All).await?;
        tracing::info!(user = id, renewed, "an old password hash was replaced");
        Ok(renewed.then_some(Credentials { password: new, ..account }))
    }
}

/// A name that nobody has checked, cut short and without control characters for the log.
fn loggable(name: &str) -> String {
    name.chars().take(32).filter(|c| !c.is_control()).collect()
}
