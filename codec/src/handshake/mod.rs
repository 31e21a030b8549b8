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
//! That is the classic one. Nothing in it has a length or an end mark: see PROTOCOL.md §7 for how each side knows that
//! it has everything. The strong one (§13) is Noise; [`Acceptor`] serves both on one port.

mod accept;
mod certificate;
mod client;
mod curve;
mod identity;
mod keys;
mod noise;
mod primitives;
mod server;
mod strong_client;
mod strong_server;

use std::net::IpAddr;

use bytes::{Bytes, BytesMut};
use num_bigint::BigUint;

pub use accept::Acceptor;
pub use certificate::client_certificate;
pub use client::ClassicClient;
pub use identity::StrongIdentity;
pub use keys::{ClassicKeyPair, DhParams, ParamsError};
pub use noise::PREAMBLE;
pub use server::{ClassicIdentity, ClassicServer};
pub use strong_client::StrongClient;
pub use strong_server::StrongServer;

use crate::certificate::CertificateError;
use crate::suite::{Opener, Sealer};

/// One side of a handshake. The driver moves bytes and watches the clock; the machine does neither.
///
/// Call [`advance`](Self::advance) once at the beginning and then whenever bytes have arrived; send whatever is
/// in `output` as **one** write; at [`Progress::Done`] call [`finish`](Self::finish).
pub trait Handshake: Send {
    /// Eats from `input` what belongs to the handshake and appends to `output` what is to be sent. After
    /// [`Progress::Done`] `input` begins with the first frame. An error may leave a last word to the peer in `output`:
    /// whoever can, sends it before closing.
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
    /// Noise, AES-256-CBC and HMAC-SHA-256.
    Strong,
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

/// What a peer has said about itself. The classic suite proves none of it; the strong suite proves the identity key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerIdentity {
    /// The certificate as it came, where it was not UTF-8 with replacement characters.
    pub certificate: String,
    /// The public number inside the certificate.
    pub public_number: Option<BigUint>,
    /// The address that a client announces, if it looks like one.
    pub claimed_address: Option<IpAddr>,
    /// The Ed25519 public key of a strong peer, which has proved that it has the secret.
    pub identity_key: Option<[u8; 32]>,
    /// The X.509 certificate that a strong peer has presented, as it came. Unless the machine was given a
    /// [`CertificateCheck`](crate::certificate::CertificateCheck), **nothing in it is checked**, not even that it is about
    /// [`identity_key`](Self::identity_key).
    pub certificate_der: Option<Bytes>,
}

/// Why a handshake came to nothing. The connection must be closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The peer asks for a suite that this program doesn't know, or that is not offered to it.
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
    /// The strong handshake could not even begin: a fault of this program.
    #[error("the handshake could not be set up")]
    Setup,
    /// A message of the strong handshake has a length that it can't have.
    #[error("message {message} of the handshake has {length} bytes, which it can't have")]
    MessageLength {
        /// 1 to 3.
        message: u8,
        /// What it says.
        length: usize,
    },
    /// A message of the strong handshake was changed on its way, or isn't from who it seems to be from.
    #[error("message {0} of the handshake is not authentic")]
    NotAuthentic(u8),
    /// The peer's identity key has not signed what it should have, or what holds it can't be read.
    #[error("the peer has not proved its identity key")]
    Identity,
    /// The server is not the one that was expected.
    #[error("the identity key of the server is {}, not the expected one", hex(found))]
    WrongServerKey {
        /// What the server has, and has proved to have.
        found: [u8; 32],
    },
    /// A certificate longer than [`StrongIdentity::MAX_CERTIFICATE`], in bytes.
    #[error("a certificate of {0} bytes where {max} are allowed", max = StrongIdentity::MAX_CERTIFICATE)]
    CertificateLength(usize),
    /// The peer's certificate is not accepted.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The machine was asked for a result that it doesn't have.
    #[error("the handshake is not finished")]
    Unfinished,
}

/// A key for people.
pub(crate) fn hex(key: &[u8; 32]) -> String {
    use std::fmt::Write;
    key.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
