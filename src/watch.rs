//! The plug-ins' folder, looked at again and again: a module that is dropped in is loaded, a changed one replaced, one that is gone
//! taken away.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::MissedTickBehavior;
use uchat_config::Settings;
use uchat_framework::hot::HotPlugins;

use crate::hot;

/// What tells two states of a file apart.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    changed: Option<SystemTime>,
}

/// What was seen of one file.
struct Seen {
    stamp: Stamp,
    /// Whether it has been dealt with in this state.
    done: bool,
    /// The plug-in that it has become.
    name: Option<String>,
}

/// The files of the folder as they were at the last look.
pub(crate) struct Watch {
    hot: HotPlugins,
    settings: Arc<Settings>,
    seen: BTreeMap<PathBuf, Seen>,
}

impl Watch {
    /// Loads what is there at the start; what can't be loaded is logged and stops nothing.
    pub(crate) fn new(hot: HotPlugins, settings: Arc<Settings>) -> Self {
        let mut watch = Self { hot, settings, seen: BTreeMap::new() };
        for path in hot::modules(&watch.settings) {
            if let Some(stamp) = stamp(&path) {
                let name = watch.put(&path, None);
                watch.seen.insert(path, Seen { stamp, done: true, name });
            }
        }
        watch
    }

    /// Looks again and again, for as long as the server runs.
    pub(crate) async fn run(mut self) {
        let seconds = self.settings.hot.watch_seconds;
        if seconds == 0 {
            return;
        }
        let mut every = tokio::time::interval(Duration::from_secs(seconds));
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            // Modules are read and translated here, beside the tasks of the server.
            let looked = tokio::task::spawn_blocking(move || {
                self.look();
                self
            });
            match looked.await {
                Ok(watch) => self = watch,
                Err(error) => {
                    tracing::error!(%error, "the plug-ins' folder is no longer looked at");
                    return;
                }
            }
        }
    }

    fn look(&mut self) {
        let present = hot::modules(&self.settings);
        let gone: Vec<PathBuf> = self.seen.keys().filter(|path| !present.contains(path)).cloned().collect();
        for path in gone {
            // It may have been taken away by a command meanwhile, which is fine.
            if let Some(name) = self.seen.remove(&path).and_then(|seen| seen.name) {
                let _ = self.hot.unload(&name);
            }
        }
        for path in present {
            let Some(stamp) = stamp(&path) else { continue };
            let before = self.seen.remove(&path);
            let seen = match before {
                Some(seen) if seen.stamp != stamp => Seen { stamp, done: false, name: seen.name },
                // As it was at the last look: it is written to its end.
                Some(seen) if !seen.done => {
                    Seen { stamp, done: true, name: self.put(&path, seen.name.as_deref()).or(seen.name) }
                }
                Some(seen) => seen,
                None => Seen { stamp, done: false, name: None },
            };
            self.seen.insert(path, seen);
        }
    }

    /// Loads a file, or replaces what it was before; the name of the plug-in. The reason of a refusal is logged.
    fn put(&self, path: &Path, before: Option<&str>) -> Option<String> {
        let is_loaded = |name: &str| self.hot.list().iter().any(|report| report.name == name);
        let done = hot::read(path, self.settings.hot.module_bytes).and_then(|wasm| {
            let replace = before.is_some_and(is_loaded);
            let done = if replace { self.hot.replace(&wasm) } else { self.hot.load(&wasm) };
            done.map_err(anyhow::Error::from)
        });
        match done {
            Ok(report) => Some(report.name),
            Err(error) => {
                tracing::error!(path = %path.display(), error = format!("{error:#}"), "a plug-in is not loaded");
                None
            }
        }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let found = std::fs::metadata(path).ok()?;
    Some(Stamp { bytes: found.len(), changed: found.modified().ok() })
}
