//! `uchat cert`: what an operator does to certificates, while the server runs or not.

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use time::OffsetDateTime;
use uchat_codec::certificate::{Authority, Subject};
use uchat_config::Settings;
use uchat_db::{Filing, NewCertificate, SqliteOperator, StoredCertificate, UserId};

use crate::{SettingsArgs, authority, identity, settings, user};

/// What can be done.
#[derive(Subcommand)]
pub(crate) enum Action {
    /// Lists certificates, of all users or of one
    List {
        /// A username
        user: Option<String>,
    },
    /// Issues certificates with a new life for the keys of a user that are not revoked
    Renew {
        /// A username
        user: String,
    },
    /// Revokes the keys of a user: connections made with them end, and new ones are refused
    Revoke {
        /// A username
        user: String,
    },
}

/// Does it.
pub(crate) fn run(action: &Action, args: &SettingsArgs) -> Result<()> {
    let settings = settings::load(args)?.settings;
    let path = settings.server.data.join("uchat.db");
    let mut operator =
        SqliteOperator::open(&path).with_context(|| format!("can't open {}", path.display()))?;
    match action {
        Action::List { user: None } => list(&operator, None),
        Action::List { user: Some(name) } => {
            let (user, _) = known(&operator, name)?;
            list(&operator, Some(user))
        }
        Action::Renew { user } => renew(&mut operator, user, &settings),
        Action::Revoke { user } => revoke(&operator, user, &settings),
    }
}

/// Number and e-mail of a user.
fn known(operator: &SqliteOperator, name: &str) -> Result<(UserId, String)> {
    let name = name.trim().to_lowercase();
    operator.user(&name)?.with_context(|| format!("nobody is called {name}"))
}

/// A line for each: name, until when, the key, and whether it is revoked.
fn list(operator: &SqliteOperator, user: Option<UserId>) -> Result<()> {
    operator.certificates(user, |found| {
        let StoredCertificate { username, key, not_before, not_after, .. } = &found;
        let (from, until) = (day(*not_before), day(*not_after));
        let revoked = found.revoked.map(|time| format!("  revoked {}", day(time))).unwrap_or_default();
        println!("{username}  {from} to {until}  {}{revoked}", identity::fingerprint(key));
    })?;
    Ok(())
}

/// The day of a time.
fn day(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|time| OffsetDateTime::from_unix_timestamp(time).ok());
    time.map_or_else(|| seconds.to_string(), |time| time.date().to_string())
}

fn renew(operator: &mut SqliteOperator, name: &str, settings: &Settings) -> Result<()> {
    let (user, email) = known(operator, name)?;
    let authority = authority::load(&settings.server.data)?;
    let mut keys = Vec::new();
    operator.certificates(Some(user), |found| {
        if found.revoked.is_none() {
            keys.push((found.key, found.username));
        }
    })?;
    if keys.is_empty() {
        bail!("{name} has no key that is not revoked: the user's client asks for a certificate by itself");
    }
    for (key, username) in keys {
        let subject = Subject { username, email: email.clone(), key };
        let new = issue(&authority, user, &subject, settings.certificates.days)?;
        let until = day(new.not_after);
        match operator.add_certificate(&new, settings.certificates.keys_per_user)? {
            Filing::Stored => println!("renewed until {until}  {}", identity::fingerprint(&key)),
            Filing::Revoked => println!("revoked meanwhile  {}", identity::fingerprint(&key)),
        }
    }
    Ok(())
}

fn issue(authority: &Authority, user: UserId, subject: &Subject, days: u64) -> Result<NewCertificate> {
    let issued = authority.issue(subject, uchat_certificates::fresh(authority::now()?, days))?;
    let (not_before, not_after) = (issued.not_before, issued.not_after);
    Ok(NewCertificate { user, key: subject.key, der: issued.der, not_before, not_after })
}

fn revoke(operator: &SqliteOperator, name: &str, settings: &Settings) -> Result<()> {
    let (user, _) = known(operator, name)?;
    let count = operator.revoke(user, authority::now()?)?;
    if count == 0 {
        println!("{name} has no key that is not revoked");
    } else {
        println!("revoked {count}");
    }
    // Also if there was nothing to revoke: the server may not have been asked the last time.
    match user::end_revoked(settings) {
        Ok(ended) => println!("connections ended: {ended}"),
        Err(error) => {
            println!("no server was reached; if one runs, open connections stay until they end ({error:#})");
        }
    }
    Ok(())
}
