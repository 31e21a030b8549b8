//! After failed logins the next attempts have to wait: longer and longer, but never for good.
//!
//! Three things are counted, each in a bounded table:
//!
//! - failures on one account from one place: the next attempt is refused until its time has come. Attempts under way
//!   count like failures, so that guessing on many connections at once is no way around.
//! - failures from one place, whatever the account: the same, after more failures and not as long, since a place may be
//!   a house full of people.
//! - failures on one account, wherever from: attempts take a moment longer. Nothing is refused, or a stranger could keep
//!   the owner out.
//!
//! A login by key asks none of them. Accounts that don't exist are counted like others.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use uchat_config::Settings;
use uchat_framework::prelude::*;

rejections! {
    /// The attempt comes too soon after others that failed.
    pub(crate) TooSoon = "失败次数过多，请稍后再试 (too many failed attempts; try again later)",
}

/// So many failures on one account from one place are free: people mistype.
const FREE_HERE: u32 = 3;
/// So many failures from one place are free.
const FREE_OF_A_PLACE: u32 = 20;
/// So many failures on one account are free, and so many more double what its attempts take longer.
const FREE_OF_AN_ACCOUNT: u32 = 10;
/// Delays that concern others than who failed are this part of the usual ones at most.
const SHARED_PART: u32 = 10;
/// The longest that an attempt is kept waiting.
const MOST_WAIT: Duration = Duration::from_secs(5);

/// Counts failures and says when the next attempt may be made.
pub(crate) struct Delays {
    first: Duration,
    most: Duration,
    /// No attempt is kept waiting for longer: beyond that it is refused, or let through.
    most_wait: Duration,
    hasher: RandomState,
    tables: Mutex<Tables>,
}

impl Delays {
    /// Delays within these limits; nobody has failed yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        let limits = &settings.accounts;
        let table = || Table {
            entries: HashMap::new(),
            most: limits.tracked_failures,
            forget_after: Duration::from_secs(limits.forget_after_seconds),
        };
        Self {
            first: Duration::from_secs(limits.first_delay_seconds),
            most: Duration::from_secs(limits.most_delay_seconds),
            // What waits must not run out of its time as a request: that would be a refusal.
            most_wait: MOST_WAIT.min(Duration::from_secs(settings.limits.request_seconds) / 2),
            hasher: RandomState::new(),
            tables: Mutex::new(Tables { here: table(), places: table(), accounts: table() }),
        }
    }

    /// Makes an attempt on an account from an address: refused if it comes too soon, else `check` runs, perhaps after a
    /// moment. None from it is a failure, and so is an attempt that is dropped half-way; an error is neither failure nor
    /// success.
    pub(crate) async fn attempt<T>(
        &self,
        account: &str,
        from: IpAddr,
        check: impl Future<Output = Result<Option<T>>>,
    ) -> Result<Option<T>> {
        let (mut attempt, wait) = self.admit(account, from).map_err(|wait| {
            TooSoon.with(format_args!("{} s", wait.as_secs() + u64::from(wait.subsec_nanos() > 0)))
        })?;
        if !wait.is_zero() {
            sleep(wait).await;
        }
        let checked = check.await;
        attempt.outcome = match &checked {
            Ok(Some(_)) => Outcome::Succeeded,
            Ok(None) => Outcome::Failed,
            Err(_) => Outcome::Withdrawn,
        };
        checked
    }

    /// An attempt, and how long it has to wait; or when to come again.
    fn admit(&self, account: &str, from: IpAddr) -> Result<(Attempt<'_>, Duration), Duration> {
        let place = prefix(from);
        let keys =
            Keys { here: self.key((account, place)), place: self.key(place), account: self.key(account) };
        let now = Instant::now();
        let mut tables = self.tables();
        let here = tables.here.get(keys.here, now).map(|failed| (failed, self.here(failed.failures)));
        let place = tables.places.get(keys.place, now).map(|failed| (failed, self.of_place(failed.failures)));
        let refused_for = [here, place]
            .into_iter()
            .flatten()
            .map(|(failed, delay)| delay.saturating_sub(now - failed.last));
        if let Some(wait) = refused_for.max().filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        let wait = tables
            .accounts
            .get(keys.account, now)
            .map_or(Duration::ZERO, |failed| self.of_account(failed.failures));
        tables.here.failed(keys.here, now);
        drop(tables);
        Ok((Attempt { delays: self, keys, outcome: Outcome::Failed }, wait))
    }

    fn here(&self, failures: u32) -> Duration {
        self.grown(failures.checked_sub(FREE_HERE), self.most)
    }

    fn of_place(&self, failures: u32) -> Duration {
        self.grown(failures.checked_sub(FREE_OF_A_PLACE), self.most / SHARED_PART)
    }

    fn of_account(&self, failures: u32) -> Duration {
        let doublings = failures.checked_sub(FREE_OF_AN_ACCOUNT).map(|more| more / FREE_OF_AN_ACCOUNT);
        self.grown(doublings, (self.most / SHARED_PART).min(self.most_wait))
    }

    /// The first delay, so often doubled; none without a number.
    fn grown(&self, doublings: Option<u32>, most: Duration) -> Duration {
        doublings.map_or(Duration::ZERO, |n| self.first.saturating_mul(1 << n.min(30)).min(most))
    }

    /// Names are as long as a peer likes: only a number of each is kept, which nobody outside can choose.
    fn key(&self, of: impl Hash) -> u64 {
        self.hasher.hash_one(of)
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where somebody is: an IPv4 address, or the half of an IPv6 address that a network gives to one customer.
fn prefix(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

struct Tables {
    here: Table,
    places: Table,
    accounts: Table,
}

#[derive(Clone, Copy)]
struct Keys {
    here: u64,
    place: u64,
    account: u64,
}

/// How an attempt ended.
enum Outcome {
    Failed,
    Succeeded,
    Withdrawn,
}

/// An attempt under way; counted as what it is when dropped.
struct Attempt<'a> {
    delays: &'a Delays,
    keys: Keys,
    outcome: Outcome,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let mut tables = self.delays.tables();
        match self.outcome {
            // It was counted where it was made; who knows one account's password may still guess those of others.
            Outcome::Failed => {
                let now = Instant::now();
                tables.places.failed(self.keys.place, now);
                tables.accounts.failed(self.keys.account, now);
            }
            Outcome::Succeeded => tables.here.forget(self.keys.here),
            Outcome::Withdrawn => tables.here.take_back(self.keys.here),
        }
    }
}

#[derive(Clone, Copy)]
struct Failed {
    failures: u32,
    last: Instant,
}

/// Failures by key; the least are forgotten first when there are too many keys.
struct Table {
    entries: HashMap<u64, Failed>,
    most: usize,
    forget_after: Duration,
}

impl Table {
    fn get(&self, key: u64, now: Instant) -> Option<Failed> {
        self.entries.get(&key).copied().filter(|failed| now - failed.last < self.forget_after)
    }

    fn failed(&mut self, key: u64, now: Instant) {
        let failures = self.get(key, now).map_or(0, |failed| failed.failures).saturating_add(1);
        if self.entries.len() >= self.most && !self.entries.contains_key(&key) {
            self.make_room(now);
        }
        self.entries.insert(key, Failed { failures, last: now });
    }

    fn make_room(&mut self, now: Instant) {
        self.entries.retain(|_, failed| now - failed.last < self.forget_after);
        let least = self.entries.iter().min_by_key(|(_, failed)| (failed.failures, failed.last));
        if let Some(key) = least.map(|(key, _)| *key).filter(|_| self.entries.len() >= self.most) {
            self.entries.remove(&key);
        }
    }

    fn forget(&mut self, key: u64) {
        self.entries.remove(&key);
    }

    fn take_back(&mut self, key: u64) {
        if let Some(failed) = self.entries.get_mut(&key) {
            failed.failures -= 1;
            if failed.failures == 0 {
                self.entries.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests;
