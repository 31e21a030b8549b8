//! The queue of events between the connection and whoever listens: bounded in number and in bytes.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::Event;

/// Bytes are counted in units of this, since a semaphore counts in 32 bits.
const UNIT: usize = 1024;

/// Takes events. When it lags behind, the connection stops reading rather than lose or pile up anything.
#[derive(Debug)]
pub struct EventStream {
    queue: mpsc::Receiver<Queued>,
}

impl EventStream {
    /// The next event; `None` when the client has ended and everything was taken.
    pub async fn recv(&mut self) -> Option<Event> {
        self.queue.recv().await.map(|queued| queued.event)
    }

    /// The next event, if there is one now.
    pub fn try_recv(&mut self) -> Option<Event> {
        self.queue.try_recv().ok().map(|queued| queued.event)
    }
}

/// An event and the room that it takes; the room is free again when the event is taken.
#[derive(Debug)]
struct Queued {
    event: Event,
    _room: OwnedSemaphorePermit,
}

/// Nobody listens any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct NobodyListens;

/// The end of the queue where the connection puts events in.
#[derive(Clone, Debug)]
pub(super) struct EventSink {
    queue: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
    all: u32,
}

impl EventSink {
    /// A queue of so many events that hold so many bytes.
    pub(super) fn new(events: usize, bytes: usize) -> (Self, EventStream) {
        let (sender, receiver) = mpsc::channel(events.max(1));
        let all = u32::try_from(bytes / UNIT).unwrap_or(u32::MAX).clamp(1, u32::MAX >> 3);
        let room = Arc::new(Semaphore::new(all as usize));
        (Self { queue: sender, room, all }, EventStream { queue: receiver })
    }

    /// Waits for room. An event greater than the whole queue waits until it is alone.
    pub(super) async fn send(&self, event: Event, bytes: usize) -> Result<(), NobodyListens> {
        let units = u32::try_from(bytes / UNIT).unwrap_or(u32::MAX).min(self.all);
        let room = tokio::select! {
            room = Arc::clone(&self.room).acquire_many_owned(units) => room.map_err(|_| NobodyListens)?,
            () = self.queue.closed() => return Err(NobodyListens),
        };
        self.queue.send(Queued { event, _room: room }).await.map_err(|_| NobodyListens)
    }

    /// Ends when nobody listens any more.
    pub(super) async fn closed(&self) {
        self.queue.closed().await;
    }
}
