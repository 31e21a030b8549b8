//! Announcements: what an operator tells everybody, also those who are not there now.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use uchat_framework::codec::opcode::GENERAL_MSG;
use uchat_framework::prelude::*;

/// Where they are kept, and what each user has seen.
const ALL: &str = "all";
const SEEN: &str = "seen";
/// Characters of one.
const LONGEST: usize = 1000;

rejections! {
    /// Nothing to tell.
    Empty = "公告不能为空 (say something)",
    /// Longer than anybody reads.
    TooLong = "公告太长 (at most 1000 characters)",
}

/// `[plugins.announcements]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rules {
    /// How many are remembered for those who come later.
    keep: usize,
    /// For how many days.
    days: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self { keep: 20, days: 7 }
    }
}

/// One announcement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Announcement {
    /// Ascending.
    number: u64,
    /// In milliseconds since 1970.
    time: u64,
    text: String,
}

/// What was announced.
struct Board {
    rules: Rules,
    kept: Namespace,
}

/// The board, with the rules of the configuration.
#[service]
fn board(tables: Service<PluginSettings>, keep: Service<Keep>) -> Result<Board> {
    Ok(Board { rules: tables.read("announcements")?, kept: keep.namespace("announcements") })
}

/// What to announce.
#[derive(Deserialize)]
struct Announce {
    text: String,
}

/// Tells everybody something: those who are there now, others when they log in.
#[handler("uchat.operator.announce", role = "operator")]
async fn announce(Args(new): Args<Announce>, board: Service<Board>, online: Online) -> Result<usize> {
    let text = new.text.trim().to_owned();
    ensure!(!text.is_empty(), Empty);
    ensure!(text.chars().count() <= LONGEST, TooLong);
    let time = now()?;
    let add = |old: Option<Vec<Announcement>>| {
        let mut all = old.unwrap_or_default();
        let number = all.last().map_or(0, |last| last.number) + 1;
        all.push(Announcement { number, time, text: text.clone() });
        let surplus = all.len().saturating_sub(board.rules.keep.max(1));
        all.drain(..surplus);
        all
    };
    let all = board.kept.update(Scope::SERVER, ALL, add).await?;
    let number = all.last().map_or(0, |last| last.number);
    let mut told = 0;
    for user in online.users() {
        if online.send(user, GENERAL_MSG, &text) {
            told += 1;
            board.kept.put(Scope::user(user), SEEN, &number).await?;
        }
    }
    Ok(told)
}

/// Tells who comes what was announced since the last time.
#[hook]
async fn tell_what_was_missed(event: UserOnline, board: Service<Board>, online: Online) -> Result<()> {
    let all: Vec<Announcement> = board.kept.get(Scope::SERVER, ALL).await?.unwrap_or_default();
    let Some(newest) = all.last().map(|last| last.number) else { return Ok(()) };
    let scope = Scope::user(event.user.id);
    let seen: u64 = board.kept.get(scope, SEEN).await?.unwrap_or(0);
    if seen >= newest {
        return Ok(());
    }
    let since = now()?.saturating_sub(board.rules.days.saturating_mul(24 * 3600 * 1000));
    for one in all.iter().filter(|one| one.number > seen && one.time >= since) {
        online.send(event.user.id, GENERAL_MSG, &one.text);
    }
    board.kept.put(scope, SEEN, &newest).await
}

/// Milliseconds since 1970, by the server's clock.
fn now() -> Result<u64> {
    Ok(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;
    use uchat_framework::testkit;

    #[tokio::test]
    async fn whoever_comes_later_is_told_once() {
        let keep = Keep::in_memory(100, 10_000);
        let rules = Rules { keep: 2, ..Rules::default() };
        let board = Service::new(Board { rules, kept: keep.namespace("announcements") });
        let online = Online::recorder();
        for text in ["one", " two ", "three"] {
            announce(Args(Announce { text: text.into() }), board.clone(), online.clone()).await.unwrap();
        }
        let come = || {
            let event = UserOnline {
                user: testkit::user(1, "ann"),
                address: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
            };
            tell_what_was_missed(event, board.clone(), online.clone())
        };
        come().await.unwrap();
        let texts: Vec<_> = online.sent().iter().map(|(_, message)| format!("{message:?}")).collect();
        assert!(texts.len() == 2 && texts[0].contains("two") && texts[1].contains("three"), "{texts:?}");
        come().await.unwrap();
        assert!(online.sent().is_empty());
        let empty = announce(Args(Announce { text: " ".into() }), board.clone(), online.clone());
        assert!(empty.await.unwrap_err() == Empty);
    }
}
