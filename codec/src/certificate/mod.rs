//! X.509 certificates of Ed25519 identities (PROTOCOL.md §15): asked for, issued, read and checked; no files, no clock.
//!
//! # Layout
//!
//! - `authority`: a server's identity key as a small CA
//! - `request`: what a client asks with (PKCS #10), and what a server makes of it
//! - `read`: what a certificate says
//! - `check`: what a handshake demands of a certificate
//! - `pem`: the text form of all of these
//! - `signer`: our Ed25519 keys as `rcgen` wants them
//!
//! Times are seconds since 1970.

mod authority;
mod check;
mod pem;
mod read;
mod request;
mod signer;

pub use authority::{Authority, Subject, Validity};
pub use check::{CertificateCheck, IssuedBy, SelfIssued};
pub use pem::{MAX_PEM, from_pem, to_pem};
pub use read::Certificate;
pub use request::{certificate_request, read_request};

/// Why a certificate or a request is not accepted, or could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// It can't be read, or is not of the kind that PROTOCOL.md §15 describes.
    #[error("the certificate can't be read: {0}")]
    Malformed(&'static str),
    /// It is about another key than the one that was proved.
    #[error("the certificate is about another key than the one that was proved")]
    OtherKey,
    /// It is not signed by the authority that counts here.
    #[error("the certificate was not issued by this server")]
    OtherAuthority,
    /// It is one of an authority where one of a user is needed, or the other way round.
    #[error("the certificate is not of the kind that is needed here")]
    WrongKind,
    /// Its time has not begun.
    #[error("the certificate is not valid yet; is the clock right?")]
    NotYetValid,
    /// Its time is over.
    #[error("the certificate has expired")]
    Expired,
    /// It, or its key, was revoked.
    #[error("the certificate or its key has been revoked")]
    Revoked,
    /// A request can't be read, or its signature is not by the key that it names.
    #[error("the certificate request is not sound: {0}")]
    Request(&'static str),
    /// It could not be made.
    #[error("the certificate can't be made: {0}")]
    Making(String),
}

impl CertificateError {
    /// A word for programs, always the same: what [`opcode::REFUSED`](crate::opcode::REFUSED) carries.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::OtherKey => "other_key",
            Self::OtherAuthority => "other_authority",
            Self::WrongKind => "wrong_kind",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Request(_) => "request",
            Self::Making(_) => "making",
        }
    }
}
