//! A change that waits for its commit, and the way to whoever asked for it.

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// A change, as the thread that writes sees it.
pub(super) trait Job: Send {
    /// Runs it; false if it failed, after which nothing of it may stay. Again only if it is [`repeatable`](Self::repeatable).
    fn run(&mut self, connection: &Connection) -> bool;

    /// Whether it can be undone with its neighbours and run once more. Others are undone alone, which each of them pays for.
    fn repeatable(&self) -> bool;

    /// Tells who asked for it that it failed, or how the commit ended.
    fn end(self: Box<Self>, commit: Result<(), String>);
}

/// Whether a change may be run more than once, each time after everything of it was undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runs {
    Once,
    Repeatably,
}

/// The job that runs a change, and the way to its answer.
pub(super) fn job<T: Send + 'static>(
    what: &'static str,
    runs: Runs,
    change: impl FnMut(&Connection) -> rusqlite::Result<T> + Send + 'static,
    committed: impl FnOnce(&T) + Send + 'static,
) -> (Box<dyn Job>, Answer<T>) {
    let (answer, answered) = oneshot::channel();
    let change = Change { what, runs, run: change, committed, answer, outcome: None };
    (Box::new(change), Answer { answered, what })
}

/// A change that is made into one that could be called again, but will not be.
pub(super) fn once<T>(
    change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> impl FnMut(&Connection) -> rusqlite::Result<T> {
    let mut change = Some(change);
    move |connection| match change.take() {
        Some(change) => change(connection),
        None => Err(rusqlite::Error::InvalidQuery),
    }
}

struct Change<T, F, C> {
    what: &'static str,
    runs: Runs,
    run: F,
    committed: C,
    answer: oneshot::Sender<Result<T>>,
    outcome: Option<rusqlite::Result<T>>,
}

impl<T, F, C> Job for Change<T, F, C>
where
    T: Send,
    F: FnMut(&Connection) -> rusqlite::Result<T> + Send,
    C: FnOnce(&T) + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        // A panic leaves none, and drops the answer's sender with the job: its receiver knows.
        self.outcome = None;
        self.outcome.insert((self.run)(connection)).is_ok()
    }

    fn repeatable(&self) -> bool {
        self.runs == Runs::Repeatably
    }

    fn end(self: Box<Self>, commit: Result<(), String>) {
        let Self { what, committed, answer, outcome, .. } = *self;
        let result = match outcome {
            Some(Ok(value)) => commit.map_err(|reason| Error::Commit { what, reason }).map(|()| {
                committed(&value);
                value
            }),
            Some(Err(source)) => Err(Error::Sqlite { what, source }),
            None => Err(Error::Failed { what }),
        };
        // Nobody may be waiting any more; the change has happened all the same.
        let _ = answer.send(result);
    }
}

/// The answer to a change that has its place.
pub(in crate::sqlite) struct Answer<T> {
    answered: oneshot::Receiver<Result<T>>,
    what: &'static str,
}

impl<T> Answer<T> {
    /// Waits for the commit.
    pub(in crate::sqlite) async fn wait(self) -> Result<T> {
        self.answered.await.map_err(|_| Error::Failed { what: self.what })?
    }

    /// The same, on a thread that may block.
    pub(super) fn wait_blocking(self) -> Result<T> {
        self.answered.blocking_recv().map_err(|_| Error::Failed { what: self.what })?
    }
}
