//! The threads that read, each with a connection of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use crate::error::{Error, Result};

type Query = Box<dyn FnOnce(&Connection) + Send>;

/// The way to the reading threads.
pub(super) struct Readers {
    queries: Mutex<Option<Sender<Query>>>,
    /// Bounds what waits.
    room: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>, queue: usize) -> Result<Self> {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for (number, connection) in connections.into_iter().enumerate() {
            let receiver = Arc::clone(&receiver);
            std::thread::Builder::new()
                .name(format!("uchat-db-reader-{number}"))
                .spawn(move || serve(&connection, &receiver))
                .map_err(|source| Error::Io { what: "starting a reading thread", source })?;
        }
        Ok(Self { queries: Mutex::new(Some(sender)), room: Arc::new(Semaphore::new(queue.max(1))) })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        what: &'static str,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.room).acquire_owned().await.map_err(|_| Error::Closed)?;
        let (answer, answered) = oneshot::channel();
        let query: Query = Box::new(move |connection| {
            drop(permit);
            // Nobody may be waiting any more.
            let _ = answer.send(query(connection).map_err(Error::sqlite(what)));
        });
        self.send(query)?;
        answered.await.map_err(|_| Error::Failed { what })?
    }

    pub(super) fn close(&self) {
        self.queries.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn send(&self, query: Query) -> Result<()> {
        let queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        queries.as_ref().ok_or(Error::Closed)?.send(query).map_err(|_| Error::Closed)
    }
}

/// Runs queries until the store is closed; one that panics ends only itself.
fn serve(connection: &Connection, queries: &Mutex<Receiver<Query>>) {
    loop {
        let query = queries.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(query) = query else { return };
        if catch_unwind(AssertUnwindSafe(|| query(connection))).is_err() {
            tracing::error!("a query panicked");
        }
    }
}
