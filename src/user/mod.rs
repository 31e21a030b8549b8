//! `uchat user`: accounts made, shut, listed and deleted by the operator.
//!
//! # Layout
//!
//! - `reach`: the way to the server that runs, or to the same handlers in this process
//! - `link`: a connection with the server's own identity key

mod link;
mod reach;

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use clap::Subcommand;
use uchat_codec::chat::operator::{
    ADD_USER, AddUser, DELETE_USER, DISABLE_USER, ENABLE_USER, END_REVOKED, LIST_USERS, ListUsers,
    ListedUser, SET_PASSWORD, SetPassword, UserName,
};

use uchat_config::Settings;

pub(crate) use reach::Announced;
use reach::Way;

use crate::{SettingsArgs, identity, settings};

/// Users that are asked for at once.
const PAGE: u32 = 500;
/// No password is longer, not even one that will be refused.
const MAX_LINE: u64 = 64 * 1024;

/// What can be done with accounts.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes an account; asks for its password, or reads it from standard input
    Add {
        /// The name
        name: String,
        /// The e-mail
        email: String,
        /// 保密, 男 or 女
        #[arg(long, default_value = "保密")]
        sex: String,
        /// 保密, or 0 to 100
        #[arg(long, default_value = "保密")]
        age: String,
    },
    /// Gives an account another password, asked for or read from standard input; its sessions end
    Passwd {
        /// The name
        name: String,
    },
    /// Shuts an account: its session ends, and nobody logs in to it
    Disable {
        /// The name
        name: String,
    },
    /// Opens an account again
    Enable {
        /// The name
        name: String,
    },
    /// Deletes an account for good; what was said stays with the others, and nobody else gets the name
    Delete {
        /// The name
        name: String,
        /// Don't ask whether it is meant
        #[arg(long)]
        yes: bool,
    },
    /// Lists the accounts
    List {
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
    },
}

/// Does it, on the running server or on its database.
pub(crate) fn run(command: Command, args: &SettingsArgs) -> Result<()> {
    let settings = settings::load(args)?.settings;
    // Whoever has to type something does so before anything is locked.
    let secret = match &command {
        Command::Add { .. } | Command::Passwd { .. } => password()?,
        Command::Delete { name, yes } => {
            ensure!(*yes || is_meant(name)?, "nothing was deleted");
            String::new()
        }
        _ => String::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut way = Way::find(settings).await?;
        let done = perform(&mut way, command, secret).await;
        way.close().await;
        done
    })
}

/// The answer of the running server to a call without arguments. An error if no server can be reached.
pub(crate) fn ask_running<T: serde::de::DeserializeOwned>(settings: &Settings, call: &str) -> Result<T> {
    let data = &settings.server.data;
    let identity = Arc::new(identity::load(data)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { reach::running(data, &identity).await?.call(call, &()).await })
}

/// The answer of the running server to a call. An error if no server can be reached.
#[cfg(feature = "hot")]
pub(crate) fn tell_running<T: serde::de::DeserializeOwned>(
    settings: &Settings,
    call: &str,
    args: &impl serde::Serialize,
) -> Result<T> {
    let data = &settings.server.data;
    let identity = Arc::new(identity::load(data)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { reach::running(data, &identity).await?.call(call, args).await })
}

/// Has the running server end the sessions of revoked keys; says how many. An error if no server can be reached.
pub(crate) fn end_revoked(settings: &Settings) -> Result<u64> {
    ask_running(settings, END_REVOKED)
}

/// `uchat announce`: tells everybody something, on the running server or for those who come when it runs again.
pub(crate) fn announce(text: String, args: &SettingsArgs) -> Result<()> {
    let settings = settings::load(args)?.settings;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut way = Way::find(settings).await?;
        let told: Result<u64> =
            way.link.call("uchat.operator.announce", &BTreeMap::from([("text", text)])).await;
        way.close().await;
        println!("told {} now; others when they log in", told?);
        Ok(())
    })
}

async fn perform(way: &mut Way, command: Command, password: String) -> Result<()> {
    let link = &mut way.link;
    let named = |username: &str| UserName { username: username.to_owned() };
    let (name, done) = match command {
        Command::Add { name, email, sex, age } => {
            let form = AddUser { username: name.clone(), password, email, sex, age };
            let id: u64 = link.call(ADD_USER, &form).await?;
            (name, format!("was made, number {id}"))
        }
        Command::Passwd { name } => {
            let form = SetPassword { username: name.clone(), password };
            let _: bool = link.call(SET_PASSWORD, &form).await?;
            (name, "has the new password".to_owned())
        }
        Command::Disable { name } => {
            let _: bool = link.call(DISABLE_USER, &named(&name)).await?;
            (name, "is disabled".to_owned())
        }
        Command::Enable { name } => {
            let _: bool = link.call(ENABLE_USER, &named(&name)).await?;
            (name, "is enabled".to_owned())
        }
        Command::Delete { name, .. } => {
            let _: bool = link.call(DELETE_USER, &named(&name)).await?;
            (name, "is deleted".to_owned())
        }
        Command::List { json } => return list(way, json).await,
    };
    println!("{} {done}", name.trim().to_lowercase());
    Ok(())
}

async fn list(way: &mut Way, json: bool) -> Result<()> {
    let mut all: Vec<ListedUser> = Vec::new();
    loop {
        let after = all.last().map(|user| user.username.clone()).unwrap_or_default();
        let page: Vec<ListedUser> = way.link.call(LIST_USERS, &ListUsers { after, limit: PAGE }).await?;
        let is_last = page.len() < PAGE as usize;
        all.extend(page);
        if is_last {
            break;
        }
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    let width = all.iter().map(|user| user.username.chars().count()).max().unwrap_or(0).max(4);
    println!("{:>8}  {:width$}  online  disabled  suite    devices  e-mail", "number", "name");
    for user in all {
        let yes = |is: bool| if is { "yes" } else { "no" };
        println!(
            "{:>8}  {:width$}  {:6}  {:8}  {:7}  {:>7}  {}",
            user.id,
            printable(&user.username),
            yes(user.online),
            yes(user.disabled),
            if user.strong { "strong" } else { "any" },
            user.device_keys,
            printable(&user.email)
        );
    }
    Ok(())
}

/// Accounts that were imported may have been called anything.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// Never an argument: those are for everybody on the machine to see.
fn password() -> Result<String> {
    if !std::io::stdin().is_terminal() {
        return line().context("give the password on standard input");
    }
    let password = rpassword::prompt_password("password: ")?;
    if password != rpassword::prompt_password("again: ")? {
        bail!("these are two passwords");
    }
    Ok(password)
}

fn is_meant(name: &str) -> Result<bool> {
    ensure!(std::io::stdin().is_terminal(), "deleting needs --yes where nobody can be asked");
    print!("{name} will be gone for good. Type the name again: ");
    std::io::stdout().flush()?;
    Ok(line()? == name)
}

/// The first line of standard input.
fn line() -> Result<String> {
    let mut text = String::new();
    std::io::BufRead::read_line(&mut std::io::stdin().lock().take(MAX_LINE), &mut text)?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
