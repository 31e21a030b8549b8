//! What a handshake demands of a certificate.

use bytes::Bytes;

use super::{Certificate, CertificateError};

/// Judges the certificate that a peer presents in a strong handshake. A closure of the same form is one too.
///
/// It is asked only when there is a certificate; a peer may also show its bare key. It must not block: whoever needs the
/// time, or knows what was revoked, brings that along.
pub trait CertificateCheck: Send + Sync {
    /// Accepts the certificate, in DER as it came, of a peer that has proved `identity_key`.
    fn check(&self, identity_key: &[u8; 32], certificate: &Bytes) -> Result<(), CertificateError>;
}

impl<F> CertificateCheck for F
where
    F: Fn(&[u8; 32], &Bytes) -> Result<(), CertificateError> + Send + Sync,
{
    fn check(&self, identity_key: &[u8; 32], certificate: &Bytes) -> Result<(), CertificateError> {
        self(identity_key, certificate)
    }
}

/// What a server demands of a client: a certificate of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedBy {
    /// The server's key.
    pub authority: [u8; 32],
    /// The time, in seconds since 1970.
    pub now: u64,
}

/// What a client demands of a server: a certificate that its identity key has signed for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfIssued {
    /// The time, in seconds since 1970.
    pub now: u64,
}

impl CertificateCheck for IssuedBy {
    fn check(&self, identity_key: &[u8; 32], certificate: &Bytes) -> Result<(), CertificateError> {
        let kind = Kind { is_authority: false, signer: &self.authority };
        kind.check(&Certificate::read(certificate.clone())?, identity_key, self.now)
    }
}

impl CertificateCheck for SelfIssued {
    fn check(&self, identity_key: &[u8; 32], certificate: &Bytes) -> Result<(), CertificateError> {
        let kind = Kind { is_authority: true, signer: identity_key };
        kind.check(&Certificate::read(certificate.clone())?, identity_key, self.now)
    }
}

/// What is needed.
struct Kind<'a> {
    is_authority: bool,
    signer: &'a [u8; 32],
}

impl Kind<'_> {
    /// The signature comes first: of a certificate from somebody else nothing is to be believed.
    fn check(&self, found: &Certificate, key: &[u8; 32], now: u64) -> Result<(), CertificateError> {
        if !found.is_signed_by(self.signer) {
            return Err(CertificateError::OtherAuthority);
        }
        if found.key != *key {
            return Err(CertificateError::OtherKey);
        }
        if found.is_authority != self.is_authority {
            return Err(CertificateError::WrongKind);
        }
        if now < found.not_before {
            return Err(CertificateError::NotYetValid);
        }
        if now > found.not_after {
            return Err(CertificateError::Expired);
        }
        Ok(())
    }
}
