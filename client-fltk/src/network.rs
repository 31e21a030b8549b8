//! The connection, away from the window: events come in through a bounded queue that wakes the window.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use uchat_client_core::connection::Suite;
use uchat_client_core::transfer::{self, TooMany, Transfers};
use uchat_client_core::{Client, Event, Home, Options};
use uchat_codec::chat::FileHash;

use crate::images;

/// How many events may wait for the window; beyond that the server has to wait.
const MAX_WAITING: usize = 1024;

/// Wakes the window, once for any number of news.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<AtomicBool>);

impl Bell {
    /// There is news. May be called from any thread.
    pub fn ring(&self) {
        if !self.0.swap(true, Ordering::AcqRel) {
            fltk::app::awake();
        }
    }

    /// The window looks now: whatever comes later rings again.
    pub fn answered(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// What came from the server, and over which connection: news of one that was given up are of no interest.
#[derive(Debug)]
pub struct News {
    /// Which of the connections of this window.
    pub line: u64,
    /// What happened.
    pub event: Event,
}

/// What becomes of files on their way.
#[derive(Debug)]
pub enum FileEvent {
    /// A transfer has come farther, or has ended.
    Transfer(transfer::News),
    /// The small picture of a file that is to be sent, by the file's number; empty if there can be none.
    Drawn(u64, Vec<u8>),
}

/// The same with the connection that it is about.
#[derive(Debug)]
struct FileNews {
    line: u64,
    event: FileEvent,
}

/// The network half of the window.
#[derive(Debug)]
pub struct Network {
    runtime: Runtime,
    home: Home,
    bell: Bell,
    line: u64,
    client: Option<(String, Client)>,
    sender: mpsc::Sender<News>,
    inbox: mpsc::Receiver<News>,
    transfers: Option<Transfers>,
    file_sender: mpsc::Sender<FileNews>,
    files: mpsc::Receiver<FileNews>,
}

impl Network {
    /// Starts the thread of the network.
    pub fn new(home: Home, bell: Bell) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("network")
            .enable_all()
            .build()?;
        let (sender, inbox) = mpsc::channel(MAX_WAITING);
        let (file_sender, files) = mpsc::channel(MAX_WAITING);
        let (line, client, transfers) = (0, None, None);
        Ok(Self { runtime, home, bell, line, client, sender, inbox, transfers, file_sender, files })
    }

    /// A connection to this server: the one that is there, or a new one, which logs in to this account by itself.
    pub fn client(&mut self, server: &str, suite: Suite, account: Option<String>) -> Client {
        if let Some((name, client)) = &self.client
            && name == server
        {
            client.connect();
            return client.clone();
        }
        self.hang_up();
        let _guard = self.runtime.enter();
        let options = Options { suite, account, ..Options::new(server, self.home.clone()) };
        let (client, mut events) = Client::start(options);
        let (line, sender, bell) = (self.line, self.sender.clone(), self.bell.clone());
        self.runtime.spawn(async move {
            while let Some(event) = events.recv().await {
                if sender.send(News { line, event }).await.is_err() {
                    return;
                }
                bell.ring();
            }
        });
        let (transfers, mut news) = Transfers::new(client.clone());
        let (sender, bell) = (self.file_sender.clone(), self.bell.clone());
        self.runtime.spawn(async move {
            while let Some(news) = news.recv().await {
                let event = FileEvent::Transfer(news);
                if sender.send(FileNews { line, event }).await.is_err() {
                    return;
                }
                bell.ring();
            }
        });
        self.transfers = Some(transfers);
        self.client = Some((server.to_owned(), client.clone()));
        client
    }

    /// Begins to bring a file to the server; `None` without a connection.
    pub fn send_file(&mut self, path: PathBuf) -> Option<Result<u64, TooMany>> {
        let _guard = self.runtime.enter();
        Some(self.transfers.as_mut()?.send(path))
    }

    /// Begins to fetch a file into a folder; `None` without a connection.
    pub fn fetch_file(
        &mut self,
        sha256: FileHash,
        name: &str,
        folder: PathBuf,
    ) -> Option<Result<u64, TooMany>> {
        let _guard = self.runtime.enter();
        Some(self.transfers.as_mut()?.fetch(sha256, name, folder))
    }

    /// Ends a transfer where it is.
    pub fn cancel_file(&mut self, transfer: u64) {
        let _guard = self.runtime.enter();
        if let Some(transfers) = &mut self.transfers {
            transfers.cancel(transfer);
        }
    }

    /// Makes a small picture of a file that is to be sent.
    pub fn draw_small(&self, file: u64, path: PathBuf) {
        let (line, sender, bell) = (self.line, self.file_sender.clone(), self.bell.clone());
        self.runtime.spawn_blocking(move || {
            let event = FileEvent::Drawn(file, images::small(&path));
            if sender.blocking_send(FileNews { line, event }).is_ok() {
                bell.ring();
            }
        });
    }

    /// What became of a file, if there is news.
    pub fn take_file(&mut self) -> Option<FileEvent> {
        loop {
            let FileNews { line, event } = self.files.try_recv().ok()?;
            if line == self.line {
                return Some(event);
            }
        }
    }

    /// The present connection.
    pub fn current(&self) -> Option<&Client> {
        self.client.as_ref().map(|(_, client)| client)
    }

    /// Remembers that the user has compared the safety number of this friend; the answer is an event.
    pub fn verify(&self, friend: u64) {
        let Some(client) = self.current().cloned() else { return };
        let (line, sender, bell) = (self.line, self.sender.clone(), self.bell.clone());
        self.runtime.spawn_blocking(move || {
            let event = match client.verify(friend) {
                Ok(safety) => Event::SafetyNumber(safety),
                Err(error) => Event::Failure(error.to_string()),
            };
            if sender.blocking_send(News { line, event }).is_ok() {
                bell.ring();
            }
        });
    }

    /// Ends the connection and forgets its password; nothing more is heard of it.
    pub fn hang_up(&mut self) {
        self.line += 1;
        self.transfers = None;
        if let Some((_, client)) = self.client.take() {
            client.disconnect();
        }
    }

    /// The next event, if one has come.
    pub fn take(&mut self) -> Option<Event> {
        loop {
            let News { line, event } = self.inbox.try_recv().ok()?;
            if line == self.line {
                return Some(event);
            }
        }
    }
}
