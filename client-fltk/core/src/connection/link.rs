//! The way from the handle to the writer: a queue that is there while there is a connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

use super::account::{Account, Consequence};
use super::calls::{Answer, Calls};
use super::numbers::Numbers;
use super::trust::Trust;
use super::{Options, RequestError};
use crate::request::Plaintext;
use crate::{Event, Request};

/// Bytes are counted in units of this, since a semaphore counts in 32 bits.
const UNIT: usize = 1024;
/// Places in the queue that requests of the connection's own find when users have filled the rest.
const RESERVED: usize = 16;
/// More than this a frame's plaintext can't be smaller than its body.
const BLOCK: usize = 16;

/// What the handle and the tasks have in common. The locks are held for moments, and `link` before `account`; `trust`
/// alone, and while a small file is written; `numbers` and `calls` alone.
#[derive(Debug, Default)]
pub(super) struct Shared {
    link: Mutex<Option<Link>>,
    account: Mutex<Account>,
    trust: Mutex<Trust>,
    numbers: Mutex<Numbers>,
    calls: Mutex<Calls>,
    /// Whether the present connection is logged in.
    logged_in: watch::Sender<bool>,
}

/// The way to the present connection. Dropping it lets the writer send what is queued and end.
#[derive(Debug)]
pub(super) struct Link {
    number: u64,
    queue: mpsc::Sender<Outgoing>,
    room: Arc<Semaphore>,
    all: u32,
    max_plaintext: usize,
    /// As the handshake has announced it.
    address: String,
    port: String,
    is_strong: bool,
    /// In which round a message was refused because the queue was full.
    refused: Option<u64>,
    /// Whether somebody waits to hear that it is not full any more.
    is_missed: bool,
}

/// A plaintext on its way, and the room that it takes in the queue.
pub(super) struct Outgoing {
    pub(super) plaintext: Plaintext,
    _room: OwnedSemaphorePermit,
}

impl Link {
    /// A way of the size that the options allow.
    pub(super) fn new(
        options: &Options,
        number: u64,
        address: String,
        is_strong: bool,
    ) -> (Self, mpsc::Receiver<Outgoing>) {
        let (queue, receiver) = mpsc::channel(options.queued_requests.max(1).saturating_add(RESERVED));
        let all =
            u32::try_from(options.queued_request_bytes / UNIT).unwrap_or(u32::MAX).clamp(1, u32::MAX >> 3);
        let link = Self {
            number,
            queue,
            room: Arc::new(Semaphore::new(all as usize)),
            all,
            max_plaintext: options.limits.max_frame_body / BLOCK * BLOCK,
            address,
            port: options.registered_port.clone(),
            is_strong,
            refused: None,
            is_missed: false,
        };
        (link, receiver)
    }

    /// Queues a request of the user's, unless it is a message out of turn.
    fn take(&mut self, request: &Request) -> Result<(), RequestError> {
        let Request::SendOnce { turn, .. } = request else { return self.push(request, RESERVED) };
        if turn.connection != self.number {
            return Err(RequestError::NotConnected);
        }
        if self.refused >= Some(turn.round) {
            return Err(RequestError::QueueFull);
        }
        let outcome = self.push(request, RESERVED);
        if outcome == Err(RequestError::QueueFull) {
            (self.refused, self.is_missed) = (Some(turn.round), true);
        }
        outcome
    }

    /// Whether half of the queue is free.
    fn has_room(&self) -> bool {
        self.queue.capacity() >= self.queue.max_capacity() / 2
            && self.room.available_permits() >= self.all as usize / 2
    }

    fn push(&self, request: &Request, reserved: usize) -> Result<(), RequestError> {
        // Looked at first, so that a full queue costs nothing.
        if self.queue.capacity() <= reserved {
            return Err(RequestError::QueueFull);
        }
        let plaintext = request.encode(&self.address, &self.port)?;
        let length = plaintext.as_slice().len();
        if length > self.max_plaintext {
            return Err(RequestError::TooLong { length, max: self.max_plaintext });
        }
        let units = u32::try_from(length / UNIT).unwrap_or(u32::MAX).min(self.all);
        let room =
            Arc::clone(&self.room).try_acquire_many_owned(units).map_err(|_| RequestError::QueueFull)?;
        self.queue.try_send(Outgoing { plaintext, _room: room }).map_err(|error| match error {
            TrySendError::Full(_) => RequestError::QueueFull,
            TrySendError::Closed(_) => RequestError::NotConnected,
        })
    }
}

impl Shared {
    /// Queues a request and remembers what has to be known when its answer comes.
    pub(super) fn request(&self, request: &Request) -> Result<(), RequestError> {
        let mut link = lock(&self.link);
        link.as_mut().ok_or(RequestError::NotConnected)?.take(request)?;
        lock(&self.account).requested(request);
        Ok(())
    }

    /// Queues a request of the connection's own, which has a place in a full queue too.
    pub(super) fn own_request(&self, request: &Request) -> Result<(), RequestError> {
        lock(&self.link).as_ref().ok_or(RequestError::NotConnected)?.push(request, 0)
    }

    /// The same for what is said again on the next connection, if this one ends.
    pub(super) fn say(&self, request: Option<Request>) {
        if let Some(Err(error)) = request.map(|request| self.own_request(&request)) {
            tracing::debug!(%error, "said later");
        }
    }

    /// Opens the way; the login of before goes first, by key if the connection is `strong`.
    pub(super) fn open(&self, link: Link, strong: bool) {
        if strong {
            let first = self.numbers().begin();
            // There is room: nobody has the way yet.
            let _ = link.push(&first, 0);
        }
        let mut place = lock(&self.link);
        let mut account = lock(&self.account);
        if let Some(login) = account.login_again(strong)
            && link.push(&login, 0).is_ok()
        {
            account.requested(&login);
        }
        *place = Some(link);
    }

    /// Makes a call whose answer goes to whoever waits for what this gives.
    pub(super) fn ask(&self, request: &Request, id: u64) -> Result<Answer, RequestError> {
        let answer = lock(&self.calls).wait(id)?;
        self.request(request).inspect_err(|_| lock(&self.calls).forget(id))?;
        Ok(answer)
    }

    pub(super) fn calls(&self) -> MutexGuard<'_, Calls> {
        lock(&self.calls)
    }

    /// Waits until the present or the next connection is logged in.
    pub(super) async fn logged_in_again(&self) {
        // The other end is in here too: it can't be gone.
        let _ = self.logged_in.subscribe().wait_for(|logged_in| *logged_in).await;
    }

    /// Closes the way; says how many requests were still waiting.
    pub(super) fn close(&self) -> usize {
        let link = lock(&self.link).take();
        self.logged_in.send_replace(false);
        lock(&self.calls).lost();
        link.map_or(0, |link| link.queue.max_capacity() - link.queue.capacity())
    }

    /// Whether there is room again after a message was refused: once for each time that it was full.
    pub(super) fn has_room_again(&self) -> bool {
        let mut link = lock(&self.link);
        let Some(link) = link.as_mut().filter(|link| link.is_missed && link.has_room()) else { return false };
        link.is_missed = false;
        true
    }

    pub(super) fn is_connected(&self) -> bool {
        lock(&self.link).is_some()
    }

    pub(super) fn heard(&self, event: &Event) -> Consequence {
        if matches!(event, Event::LoggedIn(_)) {
            self.logged_in.send_replace(true);
        }
        lock(&self.account).heard(event)
    }

    pub(super) fn trust(&self) -> MutexGuard<'_, Trust> {
        lock(&self.trust)
    }

    pub(super) fn numbers(&self) -> MutexGuard<'_, Numbers> {
        lock(&self.numbers)
    }

    /// Whether requests are taken, and over the strong suite.
    pub(super) fn is_strong(&self) -> bool {
        lock(&self.link).as_ref().is_some_and(|link| link.is_strong)
    }

    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        lock(&self.account)
    }
}

/// A thread that panicked while holding one of these locks has left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
