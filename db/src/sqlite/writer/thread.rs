//! The thread itself: it gathers what is waiting, runs it in one transaction, commits.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use super::answers::Answers;
use super::job::Job;
use super::{Task, Waiting};
use crate::model::Cursor;
use crate::sqlite::cursors::{Cursors, Moved};
use crate::sqlite::id;

/// Cursors that move are gathered for so long before they are written on their own.
const CURSORS_WAIT: Duration = Duration::from_millis(20);
/// Cursors that could not be written are tried again after so long, if no other write comes before.
const CURSORS_RETRY: Duration = Duration::from_secs(1);
/// A group is full when its changes hold so many bytes: large messages must not make small ones wait for long.
const GROUP_BYTES: usize = 16 << 20;

pub(super) struct Thread {
    pub(super) connection: Connection,
    pub(super) receiver: Receiver<Task>,
    pub(super) cursors: Arc<Cursors>,
    /// Changes that are committed together at most.
    pub(super) group: usize,
    pub(super) answers: Answers,
    /// Keeps other processes out; given back when the connection is closed.
    pub(super) lock: Option<File>,
}

/// How a group ended.
enum Ended {
    /// Committed or not, but each change has had its turn.
    Commit { cursors_written: bool, outcome: Result<(), String> },
    /// One that was to be undone with its neighbours failed: all of it is undone.
    Undone,
}

impl Thread {
    pub(super) fn run(self) {
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

    /// Writes a group and the cursors that have moved. Changes that may be repeated share one fate first, which spares each
    /// of them a savepoint; if one fails, all are undone and each runs again in one of its own.
    fn commit(&self, mut jobs: Vec<Box<dyn Job>>) {
        let moved = self.cursors.begin();
        let repeatable = jobs.iter().all(|job| job.repeatable());
        let mut ended = self.transaction(&moved, &mut jobs, repeatable);
        if matches!(ended, Ended::Undone) {
            ended = self.transaction(&moved, &mut jobs, false);
        }
        let (cursors_written, outcome) = match ended {
            Ended::Commit { cursors_written, outcome } => (cursors_written, outcome),
            Ended::Undone => (false, Err("it was undone".to_owned())),
        };
        self.cursors.end(cursors_written && outcome.is_ok());
        if let Err(error) = &outcome {
            tracing::error!(error, writes = jobs.len(), "a group of writes could not be committed");
        }
        self.answers.tell(jobs, outcome);
    }

    fn transaction(&self, moved: &Moved, jobs: &mut [Box<dyn Job>], together: bool) -> Ended {
        if let Err(error) = self.say("BEGIN IMMEDIATE") {
            return Ended::Commit { cursors_written: false, outcome: Err(error.to_string()) };
        }
        let cursors_written = self.write_cursors(moved);
        if let Err(error) = &cursors_written {
            tracing::error!(%error, "cursors can't be written; they are tried again");
        }
        for job in jobs {
            // On a full disk SQLite rolls everything back by itself: then nothing more may run, and the commit fails.
            if self.connection.is_autocommit() {
                break;
            }
            if !together {
                self.run_alone(job.as_mut());
            } else if !self.attempt(job.as_mut()) {
                self.undo();
                return Ended::Undone;
            }
        }
        let outcome = self.say("COMMIT").map_err(|error| {
            self.undo();
            error.to_string()
        });
        Ended::Commit { cursors_written: cursors_written.is_ok(), outcome }
    }

    /// Runs a job so that its failure harms no other one of the group.
    fn run_alone(&self, job: &mut dyn Job) {
        let savepoint = self.say("SAVEPOINT job");
        let changed = self.attempt(job);
        if savepoint.is_ok() {
            let undone = if changed { Ok(()) } else { self.say("ROLLBACK TO job") };
            if let Err(error) = undone.and_then(|()| self.say("RELEASE job")) {
                tracing::error!(%error, "a savepoint can't be ended");
            }
        }
    }

    /// Whether a job worked.
    fn attempt(&self, job: &mut dyn Job) -> bool {
        catch_unwind(AssertUnwindSafe(|| job.run(&self.connection))).unwrap_or(false)
    }

    /// Ends a transaction that may be open.
    fn undo(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.say("ROLLBACK")
        {
            tracing::error!(%error, "a group of writes can't be undone");
        }
    }

    fn say(&self, sql: &'static str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    fn write_cursors(&self, moved: &Moved) -> rusqlite::Result<()> {
        if moved.is_empty() {
            return Ok(());
        }
        let mut statement = self.connection.prepare_cached(
            "UPDATE cursors SET delivered = max(delivered, ?3), read = max(read, ?4), shown = max(shown, ?5)
             WHERE user_id = ?1 AND conversation_id = ?2 AND (delivered < ?3 OR read < ?4 OR shown < ?5)",
        )?;
        for (user, positions) in moved {
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
        self.answers.end();
        if let Err((_, error)) = self.connection.close() {
            tracing::error!(%error, "the database can't be closed");
        }
        drop(self.lock);
        if let Some(done) = done {
            let _ = done.send(());
        }
    }
}
