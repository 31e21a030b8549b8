//! Files on their way, in pieces (PROTOCOL.md §5.12): they go on after a break, can be cancelled, and messages pass between.
//!
//! # Layout
//!
//! - `up`: from a path here to the server
//! - `down`: from the server into a folder here, whole or not at all
//! - `name`: what a peer calls a file, as the name of a file here

mod down;
mod name;
mod up;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::AbortHandle;
use uchat_codec::chat::{FILE_CANCEL, FileHash, FileNamed, FileRef};

pub use name::safe_name;

use crate::Client;
use crate::connection::AskError;

/// Transfers at the same time; the next one is refused.
const AT_ONCE: usize = 8;
/// Of these so many bring pieces to the server at the same time, the others wait: a server keeps 4 unfinished files of a user
/// (`files.uploads_per_user`), who may have another device, and throws the oldest away for one more.
const SENT_AT_ONCE: usize = 2;
/// News that wait to be taken; then transfers wait, too.
const QUEUED_NEWS: usize = 64;
/// Pieces of one transfer that are under way at the same time.
const UNDER_WAY: usize = 8;
/// So often a transfer begins again without getting any farther; then it has failed.
const TRIES: u32 = 50;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);
/// No file longer than this is taken from a server, in bytes.
const LONGEST: u64 = 1 << 40;

/// What happens to a transfer.
#[derive(Debug)]
pub struct News {
    /// The number that [`Transfers::send`] or [`Transfers::fetch`] gave.
    pub transfer: u64,
    /// What.
    pub what: Step,
}

/// A step of a transfer; the last three are its end.
#[derive(Debug)]
pub enum Step {
    /// So many bytes of so many are there.
    Moved {
        /// Bytes that are at the other end.
        done: u64,
        /// Bytes of the file.
        size: u64,
    },
    /// The server has the file: a message can refer to it.
    Sent(FileRef),
    /// The file is here, whole and durable.
    Fetched(PathBuf),
    /// It failed; trying again may help, and goes on where it was.
    Failed(TransferError),
}

/// Why a file did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The file here can't be read or written.
    #[error("{0}")]
    Disk(#[from] std::io::Error),
    /// It is a folder or a device.
    #[error("not a file")]
    NoFile,
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It was changed while it was sent.
    #[error("the file was changed while it was sent")]
    Changed,
    /// What came is not what was asked for: it is thrown away.
    #[error("the server sent something else than this file")]
    Wrong,
    /// The server refuses, or can't be asked.
    #[error(transparent)]
    Asked(#[from] AskError),
    /// The server answered what can't be read.
    #[error("the server answered what this client does not understand: {0}")]
    Strange(String),
}

impl TransferError {
    /// A word for programs: the server's own where it has refused.
    pub fn code(&self) -> &str {
        match self {
            Self::Disk(_) => "disk",
            Self::NoFile => "no_file",
            Self::Empty => "empty",
            Self::Changed => "changed",
            Self::Wrong => "wrong_file",
            Self::Asked(AskError::Refused(error)) => &error.code,
            Self::Asked(_) => "not_connected",
            Self::Strange(_) => "strange",
        }
    }
}

/// There are as many transfers as there may be.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{AT_ONCE} files are on their way already")]
pub struct TooMany;

/// The transfers of a client. When it is dropped they end where they are.
#[derive(Debug)]
pub struct Transfers {
    client: Client,
    news: mpsc::Sender<News>,
    running: HashMap<u64, Running>,
    sending: Arc<Semaphore>,
    next: u64,
}

/// A transfer that goes on.
#[derive(Debug)]
struct Running {
    task: AbortHandle,
    /// The file that the server is getting, once that is known.
    begun: Arc<OnceLock<FileHash>>,
}

impl Transfers {
    /// Transfers of this client, and what becomes of them.
    pub fn new(client: Client) -> (Self, mpsc::Receiver<News>) {
        let (news, receiver) = mpsc::channel(QUEUED_NEWS);
        let sending = Arc::new(Semaphore::new(SENT_AT_ONCE));
        (Self { client, news, running: HashMap::new(), sending, next: 1 }, receiver)
    }

    /// Brings a file to the server. It ends with [`Step::Sent`] or [`Step::Failed`].
    ///
    /// # Errors
    ///
    /// [`TooMany`].
    pub fn send(&mut self, path: PathBuf) -> Result<u64, TooMany> {
        let sending = Arc::clone(&self.sending);
        self.start(
            |client, tell| async move { up::bring(&client, path, &tell, &sending).await.map(Step::Sent) },
        )
    }

    /// Fetches a file into a folder, under a name like the one that its sender gave it. It ends with [`Step::Fetched`] or
    /// [`Step::Failed`].
    ///
    /// # Errors
    ///
    /// [`TooMany`].
    pub fn fetch(&mut self, sha256: FileHash, name: &str, folder: PathBuf) -> Result<u64, TooMany> {
        let name = safe_name(name);
        self.start(move |client, tell| async move {
            down::fetch(&client, sha256, &name, folder, &tell).await.map(Step::Fetched)
        })
    }

    fn start<F>(&mut self, transfer: impl FnOnce(Client, Tell) -> F) -> Result<u64, TooMany>
    where
        F: Future<Output = Result<Step, TransferError>> + Send + 'static,
    {
        self.running.retain(|_, running| !running.task.is_finished());
        if self.running.len() >= AT_ONCE {
            return Err(TooMany);
        }
        let number = self.next;
        self.next += 1;
        let tell = Tell {
            transfer: number,
            news: self.news.clone(),
            told: Arc::new(AtomicU64::new(u64::MAX)),
            farthest: Arc::default(),
            begun: Arc::default(),
        };
        let begun = Arc::clone(&tell.begun);
        let (end, transfer) = (tell.clone(), transfer(self.client.clone(), tell));
        let task = tokio::spawn(async move {
            end.say(transfer.await.unwrap_or_else(Step::Failed)).await;
        });
        self.running.insert(number, Running { task: task.abort_handle(), begun });
        Ok(number)
    }

    /// Ends a transfer where it is; false if it has ended. What came of a fetched file stays, for another try; the server
    /// throws away what it has of one that was sent, if it can be told.
    pub fn cancel(&mut self, transfer: u64) -> bool {
        let found = self.running.remove(&transfer).filter(|running| !running.task.is_finished());
        let Some(running) = found else { return false };
        running.task.abort();
        let also = |sha256| self.running.values().any(|other| other.begun.get() == Some(sha256));
        if let Some(sha256) = running.begun.get().filter(|sha256| !also(sha256)).copied() {
            let client = self.client.clone();
            tokio::spawn(async move {
                // A server that can't be told sweeps what nobody goes on with.
                let _: Result<(), AskError> = client.ask(FILE_CANCEL, &FileNamed { sha256 }).await;
            });
        }
        true
    }
}

impl Drop for Transfers {
    fn drop(&mut self) {
        self.running.values().for_each(|running| running.task.abort());
    }
}

/// Tells of one transfer.
#[derive(Clone, Debug)]
struct Tell {
    transfer: u64,
    news: mpsc::Sender<News>,
    /// What was told last, in hundredths of the file; nobody wants to hear of each piece.
    told: Arc<AtomicU64>,
    /// How far it has been, in bytes.
    farthest: Arc<AtomicU64>,
    /// The file that the server is getting.
    begun: Arc<OnceLock<FileHash>>,
}

impl Tell {
    /// Waits for room. When nobody listens any more it is nobody's loss.
    async fn say(&self, what: Step) {
        let _ = self.news.send(News { transfer: self.transfer, what }).await;
    }

    /// How far it has been, in bytes.
    fn farthest(&self) -> u64 {
        self.farthest.load(Ordering::Relaxed)
    }

    /// The same for what the next news make old.
    fn moved(&self, done: u64, size: u64) {
        self.farthest.fetch_max(done, Ordering::Relaxed);
        let percent = done.saturating_mul(100) / size.max(1);
        if self.told.swap(percent, Ordering::Relaxed) != percent {
            let _ = self.news.try_send(News { transfer: self.transfer, what: Step::Moved { done, size } });
        }
    }
}

/// How often a transfer has begun again without getting any farther.
#[derive(Debug, Default)]
struct Tries {
    count: u32,
    farthest: u64,
}

impl Tries {
    /// Waits until it is worth beginning again: for the next login, and a moment in any case, since a full queue has to empty.
    ///
    /// # Errors
    ///
    /// The error itself, when trying again does not help or has not helped often enough.
    async fn again(
        &mut self,
        client: &Client,
        tell: &Tell,
        error: TransferError,
    ) -> Result<(), TransferError> {
        if !is_passing(&error) || self.count >= TRIES {
            return Err(error);
        }
        let here = tell.farthest();
        self.count = if here > self.farthest || is_lost(&error) { 0 } else { self.count + 1 };
        self.farthest = self.farthest.max(here);
        tokio::time::sleep(PAUSE).await;
        client.logged_in_again().await;
        Ok(())
    }
}

/// Whether there was no connection: then it is no matter how often.
fn is_lost(error: &TransferError) -> bool {
    matches!(error, TransferError::Asked(AskError::Lost | AskError::NotAsked(_)))
}

/// Whether it is worth going on when there is a connection again.
fn is_passing(error: &TransferError) -> bool {
    use crate::connection::RequestError;
    match error {
        TransferError::Asked(AskError::Lost) => true,
        TransferError::Asked(AskError::NotAsked(error)) => {
            matches!(error, RequestError::NotConnected | RequestError::QueueFull)
        }
        // The connection may have changed between two calls, and the server may have been another process before: it has to be
        // asked anew what is there.
        TransferError::Asked(AskError::Refused(error)) => {
            ["not_logged_in", "not_begun", "wrong_offset", "incomplete"].contains(&error.code.as_str())
        }
        _ => false,
    }
}
