//! Files of any kind: on their way in pieces, and what follows when one has arrived.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;
use uchat_client_core::connection::RequestError;
use uchat_client_core::transfer::{News, Step, TooMany, Transfers};
use uchat_client_core::{Client, ConversationId, Request};
use uchat_codec::chat::FileHash;

/// The transfers of this program.
pub(crate) struct Files {
    transfers: Transfers,
    news: mpsc::Receiver<News>,
    /// Those whose end was not taken yet; for whom they are, on their way to the server.
    active: HashMap<u64, Option<ConversationId>>,
}

/// A hash that is none.
#[derive(Debug, thiserror::Error)]
#[error("a SHA-256 has 64 hexadecimal digits")]
pub(crate) struct BadHash;

impl Files {
    pub(crate) fn new(client: &Client) -> Self {
        let (transfers, news) = Transfers::new(client.clone());
        Self { transfers, news, active: HashMap::new() }
    }

    /// Begins to bring a file to the server.
    pub(crate) fn send(&mut self, to: ConversationId, file: PathBuf) -> Result<u64, TooMany> {
        let number = self.transfers.send(file)?;
        self.active.insert(number, Some(to));
        Ok(number)
    }

    /// Begins to fetch a file.
    pub(crate) fn fetch(&mut self, sha256: FileHash, name: &str, folder: &Path) -> Result<u64, TooMany> {
        let number = self.transfers.fetch(sha256, name, folder.to_owned())?;
        self.active.insert(number, None);
        Ok(number)
    }

    /// Ends a transfer where it is; false if it has ended.
    pub(crate) fn cancel(&mut self, transfer: u64) -> bool {
        self.transfers.cancel(transfer) && self.active.remove(&transfer).is_some()
    }

    /// Whether the end of any is still to come.
    pub(crate) fn is_busy(&self) -> bool {
        !self.active.is_empty()
    }

    /// The next news. Never ends: the transfers hold the other end.
    pub(crate) async fn next(&mut self) -> Option<News> {
        self.news.recv().await
    }

    /// What is to be asked because of the news: a file that has arrived at the server is told of.
    pub(crate) fn follows(&mut self, news: &News) -> Result<Option<Request>, RequestError> {
        let to = match &news.what {
            Step::Moved { .. } => return Ok(None),
            _ => self.active.remove(&news.transfer).flatten(),
        };
        match (&news.what, to) {
            (Step::Sent(file), Some(to)) => {
                Ok(Some(Request::Send { to, message: file.clone().into_message()? }))
            }
            _ => Ok(None),
        }
    }
}

/// Reads a hash as people write it.
pub(crate) fn hash(text: &str) -> Result<FileHash, BadHash> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(|_| BadHash)?;
    Ok(FileHash(hash))
}
