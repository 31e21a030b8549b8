//! What both modes share: the client, its state, and what effects do.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use uchat_client_core::connection::{RequestError, VerifyError};
use uchat_client_core::state::{Bounds, Input};
use uchat_client_core::{
    Arrived, Client, ConversationId, Effect, Event, Home, HomeError, Place, Request, Safety, State,
};

/// The client and what it knows.
pub(crate) struct App {
    pub(crate) client: Client,
    pub(crate) state: State,
    pub(crate) home: Home,
    pub(crate) server: String,
    /// No file longer than this is read to be sent.
    max_file: usize,
}

/// What became of messages that have come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// They are here.
    Arrived,
    /// Somebody has them before the eyes.
    Read,
}

/// Why a file was not sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendFileError {
    #[error("{0}")]
    Read(#[from] std::io::Error),
    #[error("the file is too long: {0} bytes where {1} are allowed")]
    TooLong(u64, usize),
    #[error("not a file")]
    NoFile,
    #[error(transparent)]
    Request(#[from] RequestError),
}

/// What went wrong while effects were done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EffectError {
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("a received file could not be saved: {0}")]
    Save(#[from] HomeError),
}

impl App {
    pub(crate) fn new(client: Client, home: Home, server: String, max_file: usize) -> Self {
        Self { client, state: State::new(Bounds::default()), home, server, max_file }
    }

    /// Takes in what has happened and does what follows from it; everything is tried, the first failure is told.
    pub(crate) async fn take(&mut self, input: impl Into<Input>) -> Result<(), EffectError> {
        let mut outcome = Ok(());
        for effect in self.state.update(input) {
            let done = match effect {
                Effect::Request(request) => self.client.request(&request).map_err(EffectError::from),
                Effect::Read(place) => {
                    self.client.read(place, false);
                    Ok(())
                }
                Effect::SaveFile { name, data } => self.save(name, data).await.map_err(EffectError::from),
                _ => Ok(()),
            };
            outcome = outcome.and(done);
        }
        outcome
    }

    /// The messages of an event are safe: they are printed.
    pub(crate) fn has(&self, event: &Event, seen: Seen) {
        let arrived: &[Arrived] = match event {
            Event::Message(arrived) => std::slice::from_ref(arrived),
            Event::Bundle(bundle) => &bundle.messages,
            Event::Fetched(fetched) => &fetched.messages,
            _ => &[],
        };
        let places: Vec<Place> = arrived.iter().filter_map(|arrived| arrived.place).collect();
        self.client.confirm(&places);
        let mut newest: BTreeMap<u64, u64> = BTreeMap::new();
        for Place { conversation, number } in places {
            let up_to = newest.entry(conversation).or_default();
            *up_to = number.max(*up_to);
        }
        for (conversation, number) in newest {
            self.client.read(Place { conversation, number }, seen == Seen::Arrived);
        }
    }

    /// Asks for messages before those that are here; false if the server does not number them.
    pub(crate) fn older(&self, id: ConversationId, limit: usize) -> bool {
        let numbering = self.state.contact(id).and_then(|contact| contact.numbering.as_ref());
        let Some(conversation) = numbering.map(|numbering| numbering.conversation) else { return false };
        let oldest =
            self.state.history(id).and_then(|history| history.entries().find_map(|entry| entry.number));
        self.client.older(Place { conversation, number: oldest.unwrap_or(u64::MAX) }, limit)
    }

    async fn save(&self, name: String, data: Bytes) -> Result<(), HomeError> {
        let home = self.home.clone();
        let saved = tokio::task::spawn_blocking(move || home.save_file(&name, &data)).await;
        saved.map_or(Ok(()), |outcome| outcome.map(|_| ()))
    }

    /// Remembers that the safety number that was shown for a friend is right.
    pub(crate) async fn verify(&self, user: u64) -> Result<Safety, VerifyError> {
        let client = self.client.clone();
        let verifying = tokio::task::spawn_blocking(move || client.verify(user));
        // Only a thread that panicked has no outcome.
        verifying.await.unwrap_or(Err(VerifyError::NotShown))
    }

    /// Sends a file's content as an image.
    pub(crate) async fn send_file(&self, to: ConversationId, path: &Path) -> Result<(), SendFileError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let (path, most) = (path.to_owned(), self.max_file);
        let read = move || -> Result<Vec<u8>, SendFileError> {
            use std::io::Read as _;
            let file = std::fs::File::open(&path)?;
            let found = file.metadata()?;
            if !found.is_file() {
                return Err(SendFileError::NoFile);
            }
            if found.len() > most as u64 {
                return Err(SendFileError::TooLong(found.len(), most));
            }
            let mut content = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0));
            file.take(most as u64).read_to_end(&mut content)?;
            Ok(content)
        };
        let content =
            tokio::task::spawn_blocking(read).await.map_err(|error| SendFileError::Read(error.into()))??;
        let request = Request::image(to, content.into(), name).map_err(RequestError::from)?;
        Ok(self.client.request(&request)?)
    }
}
