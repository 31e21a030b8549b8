//! The thread that tells what was committed, so that the next group is written meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::job::Job;
use crate::error::{Error, Result};

/// Groups that are written and not told yet; with so many the next one waits.
const GROUPS_WAITING: usize = 4;

/// A group whose commit has ended in this way.
struct Told {
    jobs: Vec<Box<dyn Job>>,
    commit: Result<(), String>,
}

/// The way to that thread.
pub(super) struct Answers {
    groups: SyncSender<Told>,
    thread: JoinHandle<()>,
}

impl Answers {
    pub(super) fn start() -> Result<Self> {
        let (groups, waiting) = sync_channel(GROUPS_WAITING);
        let thread = std::thread::Builder::new()
            .name("uchat-db-answers".into())
            .spawn(move || tell_all(&waiting))
            .map_err(|source| Error::Io { what: "starting the thread for answers", source })?;
        Ok(Self { groups, thread })
    }

    /// Has each of these told, behind those of earlier groups.
    pub(super) fn tell(&self, jobs: Vec<Box<dyn Job>>, commit: Result<(), String>) {
        if jobs.is_empty() {
            return;
        }
        if let Err(lost) = self.groups.send(Told { jobs, commit }) {
            // The thread is never gone before its sender; if it were, this one would do its work.
            tell(lost.0);
        }
    }

    /// Waits until everything is told.
    pub(super) fn end(self) {
        drop(self.groups);
        if self.thread.join().is_err() {
            tracing::error!("the thread for answers panicked");
        }
    }
}

fn tell_all(waiting: &Receiver<Told>) {
    while let Ok(told) = waiting.recv() {
        tell(told);
    }
}

fn tell(Told { jobs, commit }: Told) {
    for job in jobs {
        let commit = commit.clone();
        if catch_unwind(AssertUnwindSafe(|| job.end(commit))).is_err() {
            tracing::error!("what follows a commit panicked");
        }
    }
}
