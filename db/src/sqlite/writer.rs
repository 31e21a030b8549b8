//! The way to the one thread that writes: it takes what is waiting, runs it in one transaction, commits, then answers.
//!
//! # Layout
//!
//! - `job`: a change that waits
//! - `thread`: groups and their commits
//! - `answers`: who asked is told

mod answers;
mod job;
mod thread;

use std::fs::File;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use self::answers::Answers;
pub(crate) use self::job::Runs;
use self::job::{Answer, Job, job, once};
use self::thread::Thread;
use super::SqliteOptions;
use super::cursors::{Cursors, Positions};
use crate::error::{Error, Result};
use crate::model::{ConversationId, Cursor, UserId};

/// What the thread is asked to do.
enum Task {
    Run(Waiting),
    /// Cursors have moved.
    Cursors,
    Close(oneshot::Sender<()>),
}

/// A job with what it takes up.
struct Waiting {
    job: Box<dyn Job>,
    /// Bytes that it writes, about.
    bytes: usize,
    /// Its place among those that wait; given back when it is taken.
    place: Option<OwnedSemaphorePermit>,
}

/// The way to the writing thread.
pub(super) struct Writer {
    tasks: Mutex<Option<Sender<Task>>>,
    /// Bounds what waits: each job holds a permit until it has been taken.
    room: Arc<Semaphore>,
    cursors: Arc<Cursors>,
}

impl Writer {
    /// Starts the thread, which keeps `lock` as long as it has the file open.
    pub(super) fn start(connection: Connection, lock: Option<File>, options: SqliteOptions) -> Result<Self> {
        let (sender, receiver) = channel();
        let cursors = Arc::new(Cursors::default());
        let group = options.group.max(1);
        let thread = Thread {
            connection,
            receiver,
            cursors: Arc::clone(&cursors),
            group,
            answers: Answers::start()?,
            lock,
        };
        std::thread::Builder::new()
            .name("uchat-db-writer".into())
            .spawn(move || thread.run())
            .map_err(|source| Error::Io { what: "starting the writing thread", source })?;
        Ok(Self {
            tasks: Mutex::new(Some(sender)),
            room: Arc::new(Semaphore::new(options.queue.max(1))),
            cursors,
        })
    }

    /// Runs a change that writes about `bytes`; `committed` is called with its result after the commit, in the order
    /// of commits.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        what: &'static str,
        bytes: usize,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T> {
        self.queue(what, bytes, Runs::Once, once(change), committed).await?.wait().await
    }

    /// Gives a change its place behind those that were given theirs before; what is returned has the answer
    /// of [`run`](Self::run).
    pub(super) async fn queue<T: Send + 'static>(
        &self,
        what: &'static str,
        bytes: usize,
        runs: Runs,
        change: impl FnMut(&Connection) -> rusqlite::Result<T> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
    ) -> Result<Answer<T>> {
        let permit = Arc::clone(&self.room).acquire_owned().await.map_err(|_| Error::Closed)?;
        let (job, answer) = job(what, runs, change, committed);
        self.task(Task::Run(Waiting { job, bytes, place: Some(permit) }))?;
        Ok(answer)
    }

    /// The same, from a thread that may block: one at a time, so it needs no place among those that wait.
    pub(super) fn run_blocking<T: Send + 'static>(
        &self,
        what: &'static str,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (job, answer) = job(what, Runs::Once, once(change), |_| {});
        self.task(Task::Run(Waiting { job, bytes: 0, place: None }))?;
        answer.wait_blocking()
    }

    /// Moves a cursor, soon.
    pub(super) fn move_cursor(&self, user: UserId, conversation: ConversationId, to: Cursor) {
        if self.cursors.move_to(user, conversation, to) {
            // A closed store has written what it could; the message is simply unread again.
            let _ = self.task(Task::Cursors);
        }
    }

    /// The cursors of a user that the database may not know.
    pub(super) fn moved_cursors(&self, user: UserId) -> Positions {
        self.cursors.of(user)
    }

    /// Writes the cursors that have moved; whoever reads them next sees them.
    pub(super) async fn flush_cursors(&self) -> Result<()> {
        if self.cursors.are_written() {
            return Ok(());
        }
        self.run("writing the cursors", 0, |_| Ok(()), |()| {}).await
    }

    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        let sender = self.tasks.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender
            && sender.send(Task::Close(done)).is_ok()
        {
            let _ = closed.await;
        }
    }

    fn task(&self, task: Task) -> Result<()> {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.as_ref().ok_or(Error::Closed)?.send(task).map_err(|_| Error::Closed)
    }
}

#[cfg(test)]
mod tests;
