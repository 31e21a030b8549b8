//! One connection after its handshake, as the rest of the server sees it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use governor::{DefaultDirectRateLimiter, Quota};
use tokio_util::sync::CancellationToken;
use uchat_codec::PeerIdentity;
use uchat_config::Limits;

use crate::handler::Rate;
use crate::outbound::{Bounds, NotQueued, Outbound};
use crate::reply::{Push, Replies};
use crate::user::User;

/// One connection. Held by its two tasks, by presence while a user is signed in, and by requests under way.
pub(crate) struct Session {
    id: u64,
    address: SocketAddr,
    identity: PeerIdentity,
    /// Set by `sign_in`; what the dispatcher checks. Cleared when the user leaves or is replaced.
    user: RwLock<Option<User>>,
    pub(crate) outbound: Outbound,
    /// Tells the reader to stop; the writer still flushes.
    pub(crate) stop: CancellationToken,
    /// What the client has said that it understands.
    features: RwLock<Vec<&'static str>>,
    /// One bucket for each rate-limited operation that this session has used, by the name of the operation.
    rates: Mutex<Vec<(&'static str, DefaultDirectRateLimiter)>>,
}

impl Session {
    pub(crate) fn new(
        id: u64,
        address: SocketAddr,
        identity: PeerIdentity,
        limits: &Limits,
        stop: CancellationToken,
    ) -> Self {
        let bounds = Bounds { messages: limits.outbound_messages, bytes: limits.outbound_bytes };
        Self {
            id,
            address,
            identity,
            user: RwLock::default(),
            outbound: Outbound::new(bounds),
            stop,
            features: RwLock::default(),
            rates: Mutex::default(),
        }
    }

    /// The number of the session, unique while the server runs.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// The other end of the connection.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the peer presented in the handshake.
    pub(crate) fn identity(&self) -> &PeerIdentity {
        &self.identity
    }

    /// The signed-in user.
    pub(crate) fn user(&self) -> Option<User> {
        self.user.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_user(&self, user: Option<User>) {
        *self.user.write().unwrap_or_else(PoisonError::into_inner) = user;
    }

    /// From now on the client understands this. There are as many features as operations that switch one on.
    pub(crate) fn enable(&self, feature: &'static str) {
        let mut features = self.features.write().unwrap_or_else(PoisonError::into_inner);
        if !features.contains(&feature) {
            // There is one, mostly.
            features.reserve_exact(1);
            features.push(feature);
        }
    }

    /// Whether the client understands this.
    pub(crate) fn has(&self, feature: &str) -> bool {
        self.features.read().unwrap_or_else(PoisonError::into_inner).contains(&feature)
    }

    /// Queues a push. A session that lets its queue run full is closed: what it missed could not be made up for.
    pub(crate) fn send(&self, push: Push) -> bool {
        match self.outbound.send(push) {
            Ok(()) => true,
            Err(NotQueued::Closed) => false,
            Err(NotQueued::Full) => {
                tracing::warn!(session = self.id, user = ?self.user(), "closed: its outbound queue is full");
                self.close(None);
                false
            }
        }
    }

    /// Queues the answer of a request and starts following a feed if it says so.
    pub(crate) fn answer(&self, replies: Replies) {
        self.outbound.answer(replies.pushes);
        if let Some((feed, position)) = replies.follow
            && let Some(user) = self.user()
        {
            self.outbound.follow(feed, user.id, position);
        }
    }

    /// Takes no more requests; what is queued, and `last`, is still written.
    pub(crate) fn close(&self, last: Option<Push>) {
        self.outbound.close_with(last);
        self.stop.cancel();
    }

    /// Whether one more request of this operation is within its rate.
    pub(crate) fn within_rate(&self, operation: &'static str, rate: Rate) -> bool {
        let Some(quota) = quota(rate) else { return true };
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bucket)) = rates.iter().find(|(name, _)| *name == operation) {
            return bucket.check().is_ok();
        }
        let bucket = DefaultDirectRateLimiter::direct(quota);
        let within = bucket.check().is_ok();
        // Most sessions have one or two of them.
        rates.reserve_exact(1);
        rates.push((operation, bucket));
        within
    }
}

/// A bucket of `count` requests that refills within `seconds`.
fn quota(rate: Rate) -> Option<Quota> {
    let count = std::num::NonZeroU32::new(rate.count)?;
    let period = std::time::Duration::from_secs(rate.seconds) / rate.count;
    Quota::with_period(period).map(|quota| quota.allow_burst(count))
}

/// A session with others beside it, as presence hands it out.
pub(crate) type SharedSession = Arc<Session>;
