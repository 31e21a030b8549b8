//! Handshakes: how two peers come to share a suite, as machines that eat bytes and yield bytes.
//!
//! ```text
//! client                                   server
//!   | -- address as text ------------------> |
//!   | <- "server <e-mail> <public number>" - |
//!   | -- "<name> <e-mail> <public number>" > |
//!   | -- first frame (begins with 00) -----> |
//! ```
//!
//! Nothing in it has a length or an end mark: see PROTOCOL.md §7 for how each side knows that it has everything.

mod certificate;
mod client;
mod keys;
mod server;

use std::net::IpAddr;

use bytes::BytesMut;
use num_bigint::BigUint;

pub use certificate::client_certificate;
pub use client::ClassicClient;
pub use keys::{ClassicKeyPair, DhParams, ParamsError};
pub use server::{ClassicIdentity, ClassicServer};

use crate::suite::{Opener, Sealer};

/// One side of a handshake. The driver moves bytes and watches the clock; the machine does neither.
///
/// Call [`advance`](Self::advance) once at the beginning and then whenever bytes have arrived; send whatever is
/// in `output` as **one** write; at [`Progress::Done`] call [`finish`](Self::finish).
pub trait Handshake: Send {
    /// Eats from `input` what belongs to the handshake and appends to `output` what is to be sent. After
    /// [`Progress::Done`] `input` begins with the first frame.
    fn advance(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<Progress, HandshakeError>;

    /// Tells the machine that the peer has been silent for the driver's quiet time. Where nothing else marks the
    /// end of what the peer sends, silence does.
    fn quiet(&mut self, output: &mut BytesMut) -> Result<Progress, HandshakeError>;

    /// Whether all that is missing is the peer's first frame, which may come whenever its user is ready: time limits
    /// for the handshake should end here.
    fn awaits_first_frame(&self) -> bool {
        false
    }

    /// Hands out the result. An error before [`Progress::Done`].
    fn finish(self: Box<Self>) -> Result<Established, HandshakeError>;
}

/// Whether a handshake is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The peer has to send more.
    NeedInput,
    /// Call [`Handshake::finish`].
    Done,
}

/// Which suite two peers use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SuiteName {
    /// That of the existing program.
    Classic,
}

/// What a handshake leads to.
pub struct Established {
    /// The suite of both halves.
    pub suite: SuiteName,
    /// Seals what goes to the peer.
    pub sealer: Box<dyn Sealer>,
    /// Opens what comes from the peer.
    pub opener: Box<dyn Opener>,
    /// Who the peer says that it is.
    pub peer: PeerIdentity,
}

impl std::fmt::Debug for Established {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Established")
            .field("suite", &self.suite)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// What a peer has said about itself. The classic suite proves none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerIdentity {
    /// The certificate as it came, where it was not UTF-8 with replacement characters.
    pub certificate: String,
    /// The public number inside the certificate.
    pub public_number: Option<BigUint>,
    /// The address that a client announces, if it looks like one.
    pub claimed_address: Option<IpAddr>,
}

/// Why a handshake came to nothing. The connection must be closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The peer asks for something newer than this program.
    #[error("the peer asks for a suite that is not supported")]
    UnsupportedSuite,
    /// The peer has sent more than [`Limits::max_handshake`](crate::Limits::max_handshake).
    #[error("a handshake of more than {0} bytes")]
    TooLong(usize),
    /// The certificate is complete but holds no number that could be a key.
    #[error("a certificate without a public number")]
    NoPublicNumber,
    /// The peer's public number is 0, 1, p − 1, or not below p: the shared key would be known to all.
    #[error("the public number of the peer is {0}")]
    DegeneratePublicNumber(&'static str),
    /// The machine was asked for a result that it doesn't have.
    #[error("the handshake is not finished")]
    Unfinished,
}
