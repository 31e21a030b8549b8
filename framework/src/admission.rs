//! Whether a peer whose handshake is done is let in.

use uchat_codec::PeerIdentity;

use crate::handler::BoxFuture;
use crate::reply::Push;

/// Asked once for each connection, after its handshake and before its first message. Provided as the service
/// `Arc<dyn Admission>`; without one everybody is let in.
///
/// What a handshake machine can check without waiting belongs there; this is for what has to be looked up. It must come
/// to an end within `limits.handshake_seconds`, or the connection is closed.
pub trait Admission: Send + Sync {
    /// Lets the peer in, or says why not.
    fn admit(&self, peer: &PeerIdentity) -> BoxFuture<Result<(), NotAdmitted>>;
}

/// A peer that is not let in.
#[derive(Debug)]
pub struct NotAdmitted {
    /// For the log.
    pub reason: String,
    /// What the peer is told before the connection is closed.
    pub last: Option<Push>,
}
