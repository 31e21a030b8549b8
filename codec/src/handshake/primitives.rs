//! What Noise is made of here: X25519, AES-256-GCM and SHA-256 from the same crates as everything else.
//!
//! snow brings its own, but those don't wipe their keys, and take public keys that make every shared secret zero.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce, Tag};
use rand::Rng;
use sha2::{Digest, Sha256};
use snow::Error;
use snow::error::StateProblem;
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::CryptoResolver;
use snow::types::{Cipher, Dh, Hash, Random};
use subtle::ConstantTimeEq as _;
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use super::curve;

const TAG_LEN: usize = 16;

/// Hands snow the types below.
pub(super) struct Primitives {
    /// The secret that lasts, and its public key, which need not be computed for every handshake.
    pub(super) known: (StaticSecret, [u8; 32]),
}

impl CryptoResolver for Primitives {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(SystemRandom))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        matches!(choice, DHChoice::Curve25519).then(|| Box::new(X25519::new(&self.known)) as _)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        matches!(choice, HashChoice::SHA256).then(|| Box::new(Sha256Hash::default()) as _)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        matches!(choice, CipherChoice::AESGCM).then(|| Box::new(AesGcm::default()) as _)
    }
}

/// The generator of the rest of this crate, which the system seeds.
struct SystemRandom;

impl Random for SystemRandom {
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        rand::rng().fill_bytes(dest);
        Ok(())
    }
}

/// Secrets are wiped when dropped.
struct X25519 {
    secret: Option<StaticSecret>,
    public: [u8; 32],
    known: (StaticSecret, [u8; 32]),
}

impl X25519 {
    fn new((secret, public): &(StaticSecret, [u8; 32])) -> Self {
        Self { secret: None, public: [0; 32], known: (secret.clone(), *public) }
    }
}

impl Dh for X25519 {
    fn name(&self) -> &'static str {
        "25519"
    }

    fn pub_len(&self) -> usize {
        32
    }

    fn priv_len(&self) -> usize {
        32
    }

    fn set(&mut self, privkey: &[u8]) {
        let mut bytes = Zeroizing::new([0; 32]);
        // snow has compared the length with `priv_len`.
        for (to, from) in bytes.iter_mut().zip(privkey) {
            *to = *from;
        }
        let secret = StaticSecret::from(*bytes);
        let is_known: bool = secret.as_bytes().ct_eq(self.known.0.as_bytes()).into();
        self.public = if is_known { self.known.1 } else { curve::public_key(&secret) };
        self.secret = Some(secret);
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(&mut *bytes)?;
        self.set(&*bytes);
        Ok(())
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    fn privkey(&self) -> &[u8] {
        self.secret.as_ref().map_or(&[], |secret| secret.as_bytes())
    }

    /// Refuses a public key of small order: its shared secret is zero, known to everybody.
    fn dh(&self, pubkey: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let public = pubkey.first_chunk::<32>().ok_or(Error::Dh)?;
        let secret = self.secret.as_ref().ok_or(Error::State(StateProblem::MissingKeyMaterial))?;
        let shared = curve::shared_secret(secret, public).ok_or(Error::Dh)?;
        out.get_mut(..32).ok_or(Error::Dh)?.copy_from_slice(shared.as_bytes());
        Ok(())
    }
}

/// The key is wiped when replaced or dropped.
#[derive(Default)]
struct AesGcm(Option<Box<Aes256Gcm>>);

/// 4 bytes of zero and the counter: what Noise prescribes for AESGCM.
fn nonce(counter: u64) -> Nonce<aes_gcm::aead::consts::U12> {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&counter.to_be_bytes());
    nonce.into()
}

impl Cipher for AesGcm {
    fn name(&self) -> &'static str {
        "AESGCM"
    }

    fn set(&mut self, key: &[u8; 32]) {
        self.0 = Some(Box::new(Aes256Gcm::new(key.into())));
    }

    fn encrypt(&self, counter: u64, authtext: &[u8], plaintext: &[u8], out: &mut [u8]) -> usize {
        let (body, tag) = out.split_at_mut(plaintext.len());
        body.copy_from_slice(plaintext);
        let cipher = self.0.as_ref();
        let made =
            cipher.and_then(|it| it.encrypt_inout_detached(&nonce(counter), authtext, body.into()).ok());
        #[expect(clippy::expect_used, reason = "snow sets a key first, and handshake messages are short")]
        let made = made.expect("a key is set and the message is short");
        tag[..TAG_LEN].copy_from_slice(&made);
        plaintext.len() + TAG_LEN
    }

    fn decrypt(
        &self,
        counter: u64,
        authtext: &[u8],
        ciphertext: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let cipher = self.0.as_ref().ok_or(Error::Decrypt)?;
        let (body, tag) = ciphertext.split_last_chunk::<TAG_LEN>().ok_or(Error::Decrypt)?;
        let out = out.get_mut(..body.len()).ok_or(Error::Decrypt)?;
        out.copy_from_slice(body);
        cipher
            .decrypt_inout_detached(&nonce(counter), authtext, out.into(), &Tag::from(*tag))
            .map_err(|_| Error::Decrypt)?;
        Ok(body.len())
    }
}

#[derive(Default)]
struct Sha256Hash(Sha256);

impl Hash for Sha256Hash {
    fn name(&self) -> &'static str {
        "SHA256"
    }

    fn block_len(&self) -> usize {
        64
    }

    fn hash_len(&self) -> usize {
        32
    }

    fn reset(&mut self) {
        self.0 = Sha256::default();
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn result(&mut self, out: &mut [u8]) {
        out[..32].copy_from_slice(&self.0.finalize_reset());
    }
}
