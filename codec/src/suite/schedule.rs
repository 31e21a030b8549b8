//! Which keys and which sequence number the next frame of one direction of a strong connection has.

use aes::cipher::KeyInit;
use aes::cipher::consts::U32;
use hkdf::Hkdf;
use hmac::Hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::StrongKeys;

/// Who seals. Each direction has its own keys, so a frame that is sent back to its sender is refused.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    ToServer,
    ToClient,
}

impl Direction {
    /// What the keys are for, as HKDF wants to know it.
    fn info(self) -> &'static [u8] {
        match self {
            Self::ToServer => b"uchat strong/1 client to server",
            Self::ToClient => b"uchat strong/1 server to client",
        }
    }
}

/// The keys of one direction for the frames of one epoch, and what the next epoch's come from.
///
/// ```text
/// secret 0     = HKDF-Extract(salt = handshake hash, input = Noise key of the direction)
/// AES key n ‖ HMAC key n ‖ secret n+1 = HKDF-Expand(secret n, info of the direction, 96)
/// ```
pub(super) struct Schedule {
    direction: Direction,
    /// Of the present epoch. What comes from it is in the hands of who seals or opens, and kept here no second time.
    secret: Zeroizing<[u8; 32]>,
    /// The number of the next frame; `None` when all are used up.
    sequence: Option<u64>,
    frames: u64,
    bytes: u64,
    max_frames: u64,
    max_bytes: u64,
}

impl Schedule {
    pub(super) fn new(direction: Direction, key: &[u8; 32], handshake_hash: &[u8; 32]) -> Self {
        let (secret, _) = Hkdf::<Sha256>::extract(Some(handshake_hash), key);
        let secret = Zeroizing::new(<[u8; 32]>::from(secret));
        Self {
            direction,
            secret,
            sequence: Some(0),
            frames: 0,
            bytes: 0,
            max_frames: StrongKeys::REKEY_FRAMES,
            max_bytes: StrongKeys::REKEY_BYTES,
        }
    }

    pub(super) fn rekey_sooner(&mut self, frames: u64, bytes: u64) {
        self.max_frames = self.max_frames.min(frames);
        self.max_bytes = self.max_bytes.min(bytes);
    }

    /// As if so many frames had gone before, and so many frames and bytes in this epoch, for a test.
    #[cfg(test)]
    pub(super) fn seek(&mut self, sequence: u64, frames: u64, bytes: u64) {
        (self.sequence, self.frames, self.bytes) = (Some(sequence), frames, bytes);
    }

    /// The frames and the bytes of bodies that this epoch has had, for a test.
    #[cfg(test)]
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.frames, self.bytes)
    }

    /// AES, for one of its directions, and HMAC with the keys of this epoch.
    pub(super) fn keyed<C: KeyInit<KeySize = U32>>(&self) -> (C, Hmac<Sha256>) {
        let keys = Keys::expand(&self.secret, self.direction);
        // HMAC itself fills a short key with zeros up to the block of its hash.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(&*keys.mac);
        (C::new((&*keys.cipher).into()), Hmac::new((&*block).into()))
    }

    pub(super) fn sequence(&self) -> Option<u64> {
        self.sequence
    }

    /// Counts a frame with a body of `length` bytes; true if the next one has other keys.
    pub(super) fn advance(&mut self, length: u32) -> bool {
        self.sequence = self.sequence.and_then(|sequence| sequence.checked_add(1));
        self.frames += 1;
        self.bytes += u64::from(length);
        let over = self.frames >= self.max_frames || self.bytes >= self.max_bytes;
        if over {
            self.secret = Keys::expand(&self.secret, self.direction).next;
            (self.frames, self.bytes) = (0, 0);
        }
        over
    }
}

/// What one secret gives.
struct Keys {
    cipher: Zeroizing<[u8; 32]>,
    mac: Zeroizing<[u8; 32]>,
    next: Zeroizing<[u8; 32]>,
}

impl Keys {
    fn expand(secret: &[u8; 32], direction: Direction) -> Self {
        let mut bytes = Zeroizing::new([0; 96]);
        #[expect(clippy::expect_used, reason = "32 bytes are a secret, and 96 are fewer than HKDF can give")]
        Hkdf::<Sha256>::from_prk(secret)
            .map(|hkdf| hkdf.expand(direction.info(), &mut *bytes))
            .expect("a secret as long as the hash")
            .expect("three hashes' length");
        let mut parts = bytes.as_chunks::<32>().0.iter();
        let mut part = || Zeroizing::new(parts.next().copied().unwrap_or_default());
        Self { cipher: part(), mac: part(), next: part() }
    }
}
