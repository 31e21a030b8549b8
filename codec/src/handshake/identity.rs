//! Who a peer of the strong suite is: an Ed25519 key, and its signature under the key that Noise works with.

use std::fmt;

use bytes::{Buf, Bytes};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rand::CryptoRng;
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use super::curve;
use super::{HandshakeError, PeerIdentity};

/// What stands before the Noise static key in what is signed: so the signature can't be taken for anything else.
const SIGNED_PREFIX: &[u8; 23] = b"uchat-noise-static-key:";
/// Key, signature, and the length of the certificate.
const FIXED_LEN: usize = 32 + 64 + 2;
/// The shortest payload in bytes: without a certificate.
pub(super) const MIN_PAYLOAD: usize = FIXED_LEN;
/// The longest payload in bytes.
pub(super) const MAX_PAYLOAD: usize = FIXED_LEN + StrongIdentity::MAX_CERTIFICATE;

/// Who one side of a strong handshake is: its secrets and what it presents. Secrets are wiped when dropped, and never
/// printed.
///
/// The identity key lasts: it is what the peer remembers. The Noise static key is new at each start of the program,
/// and signed by the identity key.
pub struct StrongIdentity {
    identity: SigningKey,
    static_secret: StaticSecret,
    /// Of the secret: computed once, since each handshake sends it.
    static_key: [u8; 32],
    /// By the identity key, under the Noise static key.
    signature: [u8; 64],
    certificate: Bytes,
}

impl StrongIdentity {
    /// The longest certificate in bytes.
    pub const MAX_CERTIFICATE: usize = 2048;

    /// A new identity.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        Self::from_seed(&seed, rng)
    }

    /// The identity with the given Ed25519 secret (the 32 bytes of RFC 8032), and a new Noise static key.
    pub fn from_seed<R: CryptoRng + ?Sized>(seed: &[u8; 32], rng: &mut R) -> Self {
        Self::sign(SigningKey::from_bytes(seed), StaticSecret::random_from_rng(rng))
    }

    /// The identity with both secrets given, for test vectors.
    pub fn from_secrets(seed: &[u8; 32], static_secret: [u8; 32]) -> Self {
        Self::sign(SigningKey::from_bytes(seed), StaticSecret::from(static_secret))
    }

    fn sign(identity: SigningKey, static_secret: StaticSecret) -> Self {
        let static_key = curve::public_key(&static_secret);
        let signature = identity.sign(&signed(&static_key)).to_bytes();
        Self { identity, static_secret, static_key, signature, certificate: Bytes::new() }
    }

    /// The same with a certificate to present: up to [`MAX_CERTIFICATE`](Self::MAX_CERTIFICATE) bytes, which are not
    /// looked into; none at all for no certificate.
    pub fn with_certificate(mut self, der: impl Into<Bytes>) -> Result<Self, HandshakeError> {
        let der = der.into();
        if der.len() > Self::MAX_CERTIFICATE {
            return Err(HandshakeError::CertificateLength(der.len()));
        }
        self.certificate = der;
        Ok(self)
    }

    /// The Ed25519 public key, which is what peers remember.
    pub fn public_key(&self) -> [u8; 32] {
        self.identity.verifying_key().to_bytes()
    }

    /// The Ed25519 secret, to be kept in a file. Wiped when dropped.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.identity.to_bytes())
    }

    /// The certificate to present, in DER; empty for none.
    pub fn certificate(&self) -> &Bytes {
        &self.certificate
    }

    /// Signs what a certificate or a request for one says. Those are DER sequences, which no signature of a Noise key
    /// can be taken for, since its text begins with another byte.
    pub(crate) fn sign_certificate(&self, content: &[u8]) -> [u8; 64] {
        self.identity.sign(content).to_bytes()
    }

    /// The secret that Noise works with, and its public key.
    pub(super) fn static_pair(&self) -> (&StaticSecret, &[u8; 32]) {
        (&self.static_secret, &self.static_key)
    }

    /// What goes into the encrypted payload.
    ///
    /// ```text
    /// +-----------------+--------------+------------------------+-----------------+
    /// | identity key 32 | signature 64 | certificate length u16 | certificate DER |
    /// +-----------------+--------------+------------------------+-----------------+
    /// ```
    pub(super) fn payload(&self) -> Vec<u8> {
        // `with_certificate` has checked the length.
        let length = u16::try_from(self.certificate.len()).unwrap_or_default();
        [&self.public_key()[..], &self.signature, &length.to_be_bytes(), &self.certificate].concat()
    }
}

/// Prints the public key only.
impl fmt::Debug for StrongIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StrongIdentity")
            .field("public_key", &super::hex(&self.public_key()))
            .field("certificate", &self.certificate.len())
            .finish_non_exhaustive()
    }
}

fn signed(static_key: &[u8; 32]) -> Vec<u8> {
    [&SIGNED_PREFIX[..], static_key].concat()
}

/// Reads the payload of a peer that has proved to Noise that it has the secret of `static_key`.
pub(super) fn verify(payload: Bytes, static_key: &[u8; 32]) -> Result<PeerIdentity, HandshakeError> {
    let (identity_key, signature, certificate) = read(payload).ok_or(HandshakeError::Identity)?;
    let key = VerifyingKey::from_bytes(&identity_key).map_err(|_| HandshakeError::Identity)?;
    // Strict: no keys of small order, under which one signature fits everything.
    key.verify_strict(&signed(static_key), &Signature::from_bytes(&signature))
        .map_err(|_| HandshakeError::Identity)?;
    Ok(PeerIdentity {
        identity_key: Some(identity_key),
        certificate_der: (!certificate.is_empty()).then_some(certificate),
        ..PeerIdentity::default()
    })
}

/// Exactly one payload, without anything behind it.
fn read(mut payload: Bytes) -> Option<([u8; 32], [u8; 64], Bytes)> {
    let (mut key, mut signature) = ([0; 32], [0; 64]);
    payload.try_copy_to_slice(&mut key).ok()?;
    payload.try_copy_to_slice(&mut signature).ok()?;
    let length = usize::from(payload.try_get_u16().ok()?);
    let fits = length == payload.len() && length <= StrongIdentity::MAX_CERTIFICATE;
    fits.then_some((key, signature, payload))
}
