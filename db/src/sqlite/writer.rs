//! The one thread that writes: it takes what is waiting, runs it in one transaction, commits, then answers.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::cursors::{Cursors, Positions};
use super::{SqliteOptions, id};
use crate::error::{Error, Result};
use crate::model::{ConversationId, Cursor, UserId};

/// Cursors that move are gathered for so long before they are written on their own.
const CURSORS_WAIT: Duration = Duration::from_millis(20);
/// Cursors that could not be written are tried again after so long, if no other write comes before.
const CURSORS_RETRY: Duration = Duration::from_secs(1);
/// A group is full when its changes hold so many bytes: large messages must not make small ones wait for long.
const GROUP_BYTES: usize = 16 << 20;

/// What the thread is asked to do.
enum Task {
    Run(Waiting),
    /// Cursors have moved.
    Cursors,
    Close(oneshot::Sender<()>),
}

/// A job with what it takes up.
struct Waiting {
    job: Job,
    /// Bytes that it writes, about.
    bytes: usize,
    /// Its place among those that wait; given back when it is taken.
    place: Option<OwnedSemaphorePermit>,
}

/// A change; it runs in a savepoint of its own and says what to do when the group is committed or not.
type Job = Box<dyn FnOnce(&Connection) -> Ran + Send>;

enum Ran {
    /// It worked; to be called with the outcome of the commit.
    Changed(Box<dyn FnOnce(Result<(), String>)>),
    /// It failed and is undone; to be called at once.
    Failed(Box<dyn FnOnce()>),
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
        let thread = Thread { connection, receiver, cursors: Arc::clone(&cursors), group, lock };
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
        self.queue(what, bytes, change, committed).await?.wait().await
    }

    /// Gives a change its place behind those that were given theirs before; what is returned has the answer
    /// of [`run`](Self::run).
    pub(super) async fn queue<T: Send + 'static>(
        &self,
        what: &'static str,
        bytes: usize,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
    ) -> Result<Answer<T>> {
        let permit = Arc::clone(&self.room).acquire_owned().await.map_err(|_| Error::Closed)?;
        let (job, answered) = job(what, change, committed);
        self.task(Task::Run(Waiting { job, bytes, place: Some(permit) }))?;
        Ok(Answer { answered, what })
    }

    /// The same, from a thread that may block: one at a time, so it needs no place among those that wait.
    pub(super) fn run_blocking<T: Send + 'static>(
        &self,
        what: &'static str,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (job, answered) = job(what, change, |_| {});
        self.task(Task::Run(Waiting { job, bytes: 0, place: None }))?;
        answered.blocking_recv().map_err(|_| Error::Failed { what })?
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

/// The answer to a change that has its place.
pub(super) struct Answer<T> {
    answered: oneshot::Receiver<Result<T>>,
    what: &'static str,
}

impl<T> Answer<T> {
    /// Waits for the commit.
    pub(super) async fn wait(self) -> Result<T> {
        self.answered.await.map_err(|_| Error::Failed { what: self.what })?
    }
}

/// The job that runs a change, and the way to its answer.
fn job<T: Send + 'static>(
    what: &'static str,
    change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    committed: impl FnOnce(&T) + Send + 'static,
) -> (Job, oneshot::Receiver<Result<T>>) {
    let (answer, answered) = oneshot::channel();
    let job: Job = Box::new(move |connection| match change(connection) {
        Ok(value) => Ran::Changed(Box::new(move |commit| {
            let result = commit.map_err(|reason| Error::Commit { what, reason }).map(|()| {
                committed(&value);
                value
            });
            // Nobody may be waiting any more; the change has happened all the same.
            let _ = answer.send(result);
        })),
        Err(source) => Ran::Failed(Box::new(move || {
            let _ = answer.send(Err(Error::Sqlite { what, source }));
        })),
    });
    (job, answered)
}

struct Thread {
    connection: Connection,
    receiver: Receiver<Task>,
    cursors: Arc<Cursors>,
    group: usize,
    /// Keeps other processes out; given back when the connection is closed.
    lock: Option<File>,
}

impl Thread {
    fn run(self) {
        let mut write_cursors_at: Option<Instant> = None;
        loop {
            let task = match write_cursors_at {
                None => self.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => self.receiver.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            match task {
                Ok(Task::Run(first)) => {
                    let closing = self.write_group(first);
                    write_cursors_at = self.retry_cursors();
                    if let Some(done) = closing {
                        return self.end(Some(done));
                    }
                }
                Ok(Task::Cursors) => {
                    let soon = Instant::now() + CURSORS_WAIT;
                    write_cursors_at = Some(write_cursors_at.map_or(soon, |at| at.min(soon)));
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.commit(Vec::new());
                    write_cursors_at = self.retry_cursors();
                }
                Ok(Task::Close(done)) => return self.end(Some(done)),
                Err(RecvTimeoutError::Disconnected) => return self.end(None),
            }
        }
    }

    /// Gathers what is waiting behind the first job, and commits all of it.
    fn write_group(&self, first: Waiting) -> Option<oneshot::Sender<()>> {
        let Waiting { job, mut bytes, place } = first;
        drop(place);
        let mut jobs = vec![job];
        let mut closing = None;
        while jobs.len() < self.group && bytes < GROUP_BYTES {
            match self.receiver.try_recv() {
                Ok(Task::Run(Waiting { job, bytes: more, place })) => {
                    drop(place);
                    bytes = bytes.saturating_add(more);
                    jobs.push(job);
                }
                Ok(Task::Cursors) => {}
                Ok(Task::Close(done)) => {
                    closing = Some(done);
                    break;
                }
                Err(_) => break,
            }
        }
        self.commit(jobs);
        closing
    }

    /// When to try again to write cursors that the last commit has left.
    fn retry_cursors(&self) -> Option<Instant> {
        self.cursors.are_waiting().then(|| Instant::now() + CURSORS_RETRY)
    }

    fn commit(&self, jobs: Vec<Job>) {
        if let Err(error) = self.connection.execute_batch("BEGIN IMMEDIATE") {
            // The jobs are dropped unrun, which their callers are told as a failure; cursors wait for the next commit.
            tracing::error!(%error, writes = jobs.len(), "a group of writes could not begin");
            return;
        }
        let mut changed = Vec::with_capacity(jobs.len());
        let cursors_written = self.write_cursors();
        if let Err(error) = &cursors_written {
            tracing::error!(%error, "cursors can't be written; they are tried again");
        }
        for job in jobs {
            // On a full disk SQLite rolls everything back by itself: then nothing more may run, and the commit fails.
            if self.connection.is_autocommit() {
                break;
            }
            match self.run_one(job) {
                Some(Ran::Changed(then)) => changed.push(then),
                Some(Ran::Failed(then)) => then(),
                None => {}
            }
        }
        let outcome = self.connection.execute_batch("COMMIT").map_err(|error| {
            // A failed commit may leave the transaction open.
            let _ = self.connection.execute_batch("ROLLBACK");
            error.to_string()
        });
        self.cursors.end(cursors_written.is_ok() && outcome.is_ok());
        if let Err(error) = &outcome {
            tracing::error!(error, writes = changed.len(), "a group of writes could not be committed");
        }
        for then in changed {
            let outcome = outcome.clone();
            if catch_unwind(AssertUnwindSafe(|| then(outcome))).is_err() {
                tracing::error!("what follows a commit panicked");
            }
        }
    }

    /// Runs one job so that its failure harms no other one of the group.
    fn run_one(&self, job: Job) -> Option<Ran> {
        let savepoint = self.connection.execute_batch("SAVEPOINT job");
        let ran = catch_unwind(AssertUnwindSafe(|| job(&self.connection)));
        let undo = !matches!(ran, Ok(Ran::Changed(_)));
        if savepoint.is_ok() {
            let sql = if undo { "ROLLBACK TO job; RELEASE job" } else { "RELEASE job" };
            if let Err(error) = self.connection.execute_batch(sql) {
                tracing::error!(%error, "a savepoint can't be ended");
            }
        }
        // After a panic the answer's sender is gone, and its receiver knows.
        ran.ok()
    }

    fn write_cursors(&self) -> rusqlite::Result<()> {
        let moved = self.cursors.begin();
        if moved.is_empty() {
            return Ok(());
        }
        let mut statement = self.connection.prepare_cached(
            "UPDATE cursors SET delivered = max(delivered, ?3), read = max(read, ?4), shown = max(shown, ?5)
             WHERE user_id = ?1 AND conversation_id = ?2 AND (delivered < ?3 OR read < ?4 OR shown < ?5)",
        )?;
        for (user, positions) in moved.iter() {
            for (conversation, Cursor { received, read, shown }) in positions {
                let place = (id(*user), id(*conversation));
                statement.execute(params![place.0, place.1, id(*received), id(*read), id(*shown)])?;
            }
        }
        Ok(())
    }

    /// Writes what is left.
    fn end(self, done: Option<oneshot::Sender<()>>) {
        while let Ok(task) = self.receiver.try_recv() {
            if let Task::Run(waiting) = task {
                self.commit(vec![waiting.job]);
            }
        }
        self.commit(Vec::new());
        if let Err((_, error)) = self.connection.close() {
            tracing::error!(%error, "the database can't be closed");
        }
        drop(self.lock);
        if let Some(done) = done {
            let _ = done.send(());
        }
    }
}

#[cfg(test)]
mod tests;
