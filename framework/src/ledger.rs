//! What each plug-in has done since the start, for the people who run the server.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dashmap::DashMap;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::handler::{Needs, Origin};
use crate::services::FromServer;

/// Characters of a failure that are remembered.
const LONGEST: usize = 500;

/// The book of all plug-ins: as many pages as there are plug-ins. A handler can ask for it; a copy is cheap.
#[derive(Clone)]
pub struct Ledger {
    pages: Arc<DashMap<String, Arc<Page>>>,
    since: Instant,
}

/// How something ended that a plug-in did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Well,
    Refused,
    Failed,
}

impl Ended {
    /// How a result ended.
    pub(crate) fn of<T>(result: &Result<T>) -> Self {
        match result {
            Ok(_) => Self::Well,
            Err(Error::Rejected(_)) => Self::Refused,
            Err(Error::Internal(_)) => Self::Failed,
        }
    }

    /// As metrics and logs say it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

#[derive(Default)]
struct Page {
    requests: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    background: AtomicU64,
    background_failed: AtomicU64,
    /// Of requests, in microseconds.
    taken: AtomicU64,
    longest: AtomicU64,
    last: Mutex<Option<(Instant, &'static str, String)>>,
}

/// What a plug-in has done since the start.
#[derive(Clone, Debug)]
pub struct PluginReport {
    /// The crate.
    pub plugin: String,
    /// Requests that were answered, refused or failed.
    pub requests: u64,
    /// Requests that were refused, by the plug-in or before it was asked.
    pub refused: u64,
    /// Requests that failed inside.
    pub failed: u64,
    /// Runs of hooks, filters and timers.
    pub background: u64,
    /// Those of them that failed.
    pub background_failed: u64,
    /// How long a request takes on average.
    pub mean: Duration,
    /// The longest that one took.
    pub longest: Duration,
    /// What failed last.
    pub last_failure: Option<LastFailure>,
}

/// What failed last in a plug-in.
#[derive(Clone, Debug)]
pub struct LastFailure {
    /// The function.
    pub function: &'static str,
    /// What it said; for the people who run the server only.
    pub message: String,
    /// How long ago that was.
    pub ago: Duration,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { pages: Arc::default(), since: Instant::now() }
    }
}

impl Ledger {
    /// A page for each of these, so that those are told too that have done nothing.
    pub(crate) fn open(&self, origins: impl IntoIterator<Item = Origin>) {
        for origin in origins {
            self.page(origin.krate);
        }
    }

    fn page(&self, plugin: &str) -> Arc<Page> {
        if let Some(page) = self.pages.get(plugin) {
            return Arc::clone(&page);
        }
        Arc::clone(&self.pages.entry(plugin.to_owned()).or_default())
    }

    /// A request was answered in this way. What failed is noted by [`failed`](Self::failed).
    pub(crate) fn request(&self, plugin: &str, ended: Ended, taken: Duration) {
        let page = self.page(plugin);
        let micros = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX);
        page.requests.fetch_add(1, Ordering::Relaxed);
        page.taken.fetch_add(micros, Ordering::Relaxed);
        page.longest.fetch_max(micros, Ordering::Relaxed);
        match ended {
            Ended::Well => 0,
            Ended::Refused => page.refused.fetch_add(1, Ordering::Relaxed),
            Ended::Failed => page.failed.fetch_add(1, Ordering::Relaxed),
        };
    }

    /// A hook, filter or timer has run in this way.
    pub(crate) fn background(&self, kind: &'static str, origin: &Origin, ended: Ended) {
        let page = self.page(origin.krate);
        page.background.fetch_add(1, Ordering::Relaxed);
        if ended == Ended::Failed {
            page.background_failed.fetch_add(1, Ordering::Relaxed);
        }
        metrics::counter!("uchat_background_total", "plugin" => origin.krate, "kind" => kind, "function" => origin.name, "outcome" => ended.name())
            .increment(1);
    }

    /// Remembers what failed.
    pub(crate) fn failed(&self, origin: &Origin, message: &dyn fmt::Display) {
        let message = message.to_string().chars().take(LONGEST).collect();
        let page = self.page(origin.krate);
        *page.last.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), origin.name, message));
    }

    /// How long the server has been running.
    pub fn uptime(&self) -> Duration {
        self.since.elapsed()
    }

    /// Every plug-in, in order of name.
    pub fn report(&self) -> Vec<PluginReport> {
        let mut all: Vec<_> =
            self.pages.iter().map(|entry| entry.value().report(entry.key().clone())).collect();
        all.sort_by(|one, other| one.plugin.cmp(&other.plugin));
        all
    }
}

impl Page {
    fn report(&self, plugin: String) -> PluginReport {
        let get = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let requests = get(&self.requests);
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last_failure = last.as_ref().map(|(when, function, message)| LastFailure {
            function,
            message: message.clone(),
            ago: when.elapsed(),
        });
        PluginReport {
            plugin,
            requests,
            refused: get(&self.refused),
            failed: get(&self.failed),
            background: get(&self.background),
            background_failed: get(&self.background_failed),
            mean: Duration::from_micros(get(&self.taken).checked_div(requests).unwrap_or(0)),
            longest: Duration::from_micros(get(&self.longest)),
            last_failure,
        }
    }
}

impl FromServer for Ledger {
    const NEEDS: Needs = Needs::NOTHING;

    fn from_server(server: &Arc<Context>) -> Result<Self> {
        Ok(server.ledger.clone())
    }
}

/// The span in which a function of a plug-in runs: what it logs has the name of the plug-in on it.
pub(crate) fn span(origin: &Origin) -> tracing::Span {
    tracing::info_span!("plugin", plugin = origin.krate, function = origin.name)
}
