//! Whose keys the user has verified, and which safety numbers were shown to be compared.

use std::collections::VecDeque;

use crate::event::Safety;
use crate::home::Verified;
use crate::{Home, HomeError};

/// Safety numbers shown longer ago than so many others can't be confirmed any more.
const MAX_SHOWN: usize = 64;

/// Why a key was not remembered as verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The number of this user was not shown: nobody can have compared it.
    #[error("look at the safety number first")]
    NotShown,
    /// The file could not be written.
    #[error(transparent)]
    Home(#[from] HomeError),
}

/// The keys that matter at one server.
#[derive(Debug, Default)]
pub(super) struct Trust {
    pub(super) verified: Vec<Verified>,
    shown: VecDeque<Safety>,
}

impl Trust {
    /// Another connection begins, with what the home remembers. It may be to another user's friends.
    pub(super) fn begin(&mut self, verified: Vec<Verified>) {
        *self = Self { verified, shown: VecDeque::new() };
    }

    /// A safety number is shown from now on.
    pub(super) fn show(&mut self, safety: Safety) {
        self.shown.retain(|older| older.user != safety.user);
        if self.shown.len() == MAX_SHOWN {
            self.shown.pop_front();
        }
        self.shown.push_back(safety);
    }

    /// The user has compared the number that was shown last for this person: the key is remembered.
    pub(super) fn verify(&mut self, user: u64, home: &Home, server: &str) -> Result<Safety, VerifyError> {
        let shown = self.shown.iter_mut().find(|shown| shown.user == user).ok_or(VerifyError::NotShown)?;
        let verified = Verified { user, name: shown.name.clone(), key: shown.key };
        home.remember_verified(server, &verified)?;
        self.verified.push(verified);
        shown.verified = true;
        Ok(shown.clone())
    }
}
