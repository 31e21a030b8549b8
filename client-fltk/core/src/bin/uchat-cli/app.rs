//! What both modes share: the client, its state, and what effects do.

use std::path::Path;

use bytes::Bytes;
use uchat_client_core::connection::{RequestError, VerifyError};
use uchat_client_core::state::{Bounds, Input};
use uchat_client_core::{Client, ConversationId, Effect, Home, HomeError, Request, Safety, State};

/// The client and what it knows.
pub(crate) struct App {
    pub(crate) client: Client,
    pub(crate) state: State,
    pub(crate) home: Home,
    pub(crate) server: String,
    /// No file longer than this is read to be sent.
    max_file: usize,
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
                Effect::SaveFile { name, data } => self.save(name, data).await.map_err(EffectError::from),
                _ => Ok(()),
            };
            outcome = outcome.and(done);
        }
        outcome
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
        let request = Request::image(to, content.into()).map_err(RequestError::from)?;
        Ok(self.client.request(&request)?)
    }
}
