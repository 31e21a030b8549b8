//! Our Ed25519 keys as `rcgen` wants them, so that it needs no cryptography of its own.

use rcgen::{Error, PKCS_ED25519, PublicKeyData, SignatureAlgorithm, SigningKey};

use crate::StrongIdentity;

/// The public half of a key.
pub(super) struct PublicKey(pub(super) [u8; 32]);

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

/// An identity that signs certificates and requests.
pub(super) struct Signer<'a> {
    identity: &'a StrongIdentity,
    public: PublicKey,
}

impl<'a> Signer<'a> {
    pub(super) fn new(identity: &'a StrongIdentity) -> Self {
        Self { identity, public: PublicKey(identity.public_key()) }
    }
}

impl PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.public.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

impl SigningKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.identity.sign_certificate(message).to_vec())
    }
}
