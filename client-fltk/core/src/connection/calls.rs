//! Calls whose answers somebody waits for, instead of hearing of them among the events.

use std::collections::HashMap;

use tokio::sync::oneshot;
use uchat_codec::Value;
use uchat_codec::chat::CallError;

use super::RequestError;

/// So many may be waited for at once.
const MOST: usize = 256;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// It was not asked.
    #[error(transparent)]
    NotAsked(#[from] RequestError),
    /// The server refuses.
    #[error("{}", .0.message)]
    Refused(CallError),
    /// The connection ended before the answer came. It may have been done all the same.
    #[error("the connection ended before the answer came")]
    Lost,
}

/// An answer on its way.
#[derive(Debug)]
pub struct Answer(oneshot::Receiver<Result<Value, CallError>>);

impl Answer {
    /// Waits for it.
    ///
    /// # Errors
    ///
    /// [`AskError::Refused`], [`AskError::Lost`].
    pub async fn get(self) -> Result<Value, AskError> {
        self.0.await.map_err(|_| AskError::Lost)?.map_err(AskError::Refused)
    }
}

/// Who waits for which call.
#[derive(Debug, Default)]
pub(super) struct Calls {
    waiting: HashMap<u64, oneshot::Sender<Result<Value, CallError>>>,
}

impl Calls {
    /// From now on the answer to this call goes to whoever holds what this gives.
    pub(super) fn wait(&mut self, id: u64) -> Result<Answer, RequestError> {
        if self.waiting.len() >= MOST {
            self.waiting.retain(|_, waiting| !waiting.is_closed());
        }
        if self.waiting.len() >= MOST {
            return Err(RequestError::QueueFull);
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.insert(id, sender);
        Ok(Answer(receiver))
    }

    /// The call was not made after all.
    pub(super) fn forget(&mut self, id: u64) {
        self.waiting.remove(&id);
    }

    /// Whether somebody waits for this answer, or has waited.
    pub(super) fn is_awaited(&self, id: u64) -> bool {
        self.waiting.contains_key(&id)
    }

    /// The answer has come.
    pub(super) fn answered(&mut self, id: u64, outcome: Result<Value, CallError>) {
        if let Some(waiting) = self.waiting.remove(&id) {
            // Who does not wait any longer does not want to know.
            let _ = waiting.send(outcome);
        }
    }

    /// The connection has ended: nothing more comes.
    pub(super) fn lost(&mut self) {
        self.waiting.clear();
    }
}
