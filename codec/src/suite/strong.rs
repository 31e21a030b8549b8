//! The strong suite: AES-256-CBC, then HMAC-SHA-256 over everything and a sequence number (PROTOCOL.md §12).

use std::fmt;

use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit};
use aes::{Aes256Dec, Aes256Enc};
use bytes::{BufMut, Bytes, BytesMut};
use hmac::{Hmac, Mac};
use rand::Rng;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::schedule::{Direction, Schedule};
use super::{OpenError, Opener, SealError, Sealer};
use crate::{Frame, HEADER_LEN};

const BLOCK_LEN: usize = 16;

/// The keys of both directions of one strong connection. Wiped when dropped, never printed.
pub struct StrongKeys {
    to_server: Schedule,
    to_client: Schedule,
}

impl StrongKeys {
    /// A direction gets new keys after so many frames: 2²⁰.
    pub const REKEY_FRAMES: u64 = 1 << 20;
    /// A direction gets new keys after so many bytes of bodies: 2³⁴. That is 2³⁰ blocks, far from the 2⁶⁴ at which
    /// CBC begins to tell something about what it hides.
    pub const REKEY_BYTES: u64 = 1 << 34;

    /// Derives everything from what Noise ends with: the key from the initiator (the client) to the responder, the one
    /// back, and the hash of the whole handshake.
    pub fn new(to_server: &[u8; 32], to_client: &[u8; 32], handshake_hash: &[u8; 32]) -> Self {
        Self {
            to_server: Schedule::new(Direction::ToServer, to_server, handshake_hash),
            to_client: Schedule::new(Direction::ToClient, to_client, handshake_hash),
        }
    }

    /// The same with new keys sooner, for test vectors: both sides must count alike. Nothing is ever later than
    /// [`REKEY_FRAMES`](Self::REKEY_FRAMES) and [`REKEY_BYTES`](Self::REKEY_BYTES).
    #[must_use]
    pub fn rekey_sooner(mut self, frames: u64, bytes: u64) -> Self {
        self.to_server.rekey_sooner(frames, bytes);
        self.to_client.rekey_sooner(frames, bytes);
        self
    }

    /// The halves of the client, for bodies of at most `max_body` bytes.
    pub fn client(self, max_body: usize) -> (StrongSealer, StrongOpener) {
        (StrongSealer::new(self.to_server, max_body), StrongOpener::new(self.to_client))
    }

    /// The halves of the server, for bodies of at most `max_body` bytes.
    pub fn server(self, max_body: usize) -> (StrongSealer, StrongOpener) {
        (StrongSealer::new(self.to_client, max_body), StrongOpener::new(self.to_server))
    }
}

impl fmt::Debug for StrongKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StrongKeys(..)")
    }
}

/// Seals frames with a fresh random vector and the next sequence number each.
pub struct StrongSealer {
    schedule: Schedule,
    cipher: Aes256Enc,
    mac: Hmac<Sha256>,
    max_body: usize,
}

impl StrongSealer {
    fn new(schedule: Schedule, max_body: usize) -> Self {
        let (cipher, mac) = schedule.keyed();
        Self { schedule, cipher, mac, max_body: max_body.min(u32::MAX as usize) }
    }

    /// Seals with a given vector, for test vectors. Vectors must be unpredictable.
    pub fn seal_with_iv(
        &mut self,
        plaintext: &[u8],
        iv: [u8; 16],
        out: &mut BytesMut,
    ) -> Result<(), SealError> {
        let padding = BLOCK_LEN - plaintext.len() % BLOCK_LEN;
        let length = plaintext.len() + padding;
        let too_long = SealError::TooLong { length, max: self.max_body };
        let field = u32::try_from(length).ok().filter(|_| length <= self.max_body).ok_or(too_long)?;
        let padding = u8::try_from(padding).unwrap_or_default();
        let sequence = self.schedule.sequence().ok_or(SealError::Exhausted)?;
        out.reserve(HEADER_LEN + length);
        out.put_u32(field);
        out.put_u8(padding);
        out.put_slice(&iv);
        let digest_at = out.len();
        out.put_bytes(0, 32);
        let body_at = out.len();
        out.put_slice(plaintext);
        out.put_bytes(padding, usize::from(padding));
        let (head, body) = out.split_at_mut(body_at);
        let (blocks, _) = Array::slice_as_chunks_mut(body);
        cbc::Encryptor::inner_iv_init(&self.cipher, &Array::from(iv)).encrypt_blocks(blocks);
        head[digest_at..].copy_from_slice(&digest(&self.mac, sequence, field, padding, &iv, body));
        if self.schedule.advance(field) {
            (self.cipher, self.mac) = self.schedule.keyed();
        }
        Ok(())
    }
}

impl Sealer for StrongSealer {
    fn seal(&mut self, plaintext: &[u8], out: &mut BytesMut) -> Result<(), SealError> {
        let mut iv = [0; 16];
        rand::rng().fill_bytes(&mut iv);
        self.seal_with_iv(plaintext, iv, out)
    }
}

impl fmt::Debug for StrongSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StrongSealer(..)")
    }
}

/// Opens frames in the order in which they were sealed. After one error it opens nothing any more.
pub struct StrongOpener {
    schedule: Schedule,
    cipher: Aes256Dec,
    mac: Hmac<Sha256>,
    failed: bool,
}

impl StrongOpener {
    fn new(schedule: Schedule) -> Self {
        let (cipher, mac) = schedule.keyed();
        Self { schedule, cipher, mac, failed: false }
    }

    /// Nothing is decrypted before the digest is right. Whatever is wrong, the caller learns only that something is.
    fn checked(&mut self, frame: Frame) -> Option<Bytes> {
        let Frame { padding, iv, digest: claimed, mut body } = frame;
        let field = u32::try_from(body.len()).ok()?;
        let sequence = self.schedule.sequence()?;
        let digest = digest(&self.mac, sequence, field, padding, &iv, &body);
        if !bool::from(digest.ct_eq(&claimed)) {
            return None;
        }
        // From here on the frame is what the peer has sealed; it could still be a peer that can't count.
        if body.is_empty() || !body.len().is_multiple_of(BLOCK_LEN) {
            return None;
        }
        let (blocks, _) = Array::slice_as_chunks_mut(&mut body);
        cbc::Decryptor::inner_iv_init(&self.cipher, &Array::from(iv)).decrypt_blocks(blocks);
        let plaintext_len = body.len().checked_sub(usize::from(padding))?;
        let possible = (1..=BLOCK_LEN).contains(&usize::from(padding));
        if !possible || body[plaintext_len..].iter().any(|byte| *byte != padding) {
            return None;
        }
        body.truncate(plaintext_len);
        if self.schedule.advance(field) {
            (self.cipher, self.mac) = self.schedule.keyed();
        }
        Some(body.freeze())
    }
}

impl Opener for StrongOpener {
    fn open(&mut self, frame: Frame) -> Result<Bytes, OpenError> {
        if self.failed {
            return Err(OpenError::Refused);
        }
        let opened = self.checked(frame);
        self.failed = opened.is_none();
        opened.ok_or(OpenError::Refused)
    }
}

impl fmt::Debug for StrongOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StrongOpener(..)")
    }
}

/// HMAC-SHA-256 over the sequence number and everything in the frame but the digest.
fn digest(
    mac: &Hmac<Sha256>,
    sequence: u64,
    length: u32,
    padding: u8,
    iv: &[u8; 16],
    body: &[u8],
) -> [u8; 32] {
    let mut head = [0; 29];
    head[..8].copy_from_slice(&sequence.to_be_bytes());
    head[8..12].copy_from_slice(&length.to_be_bytes());
    head[12] = padding;
    head[13..].copy_from_slice(iv);
    mac.clone().chain_update(head).chain_update(body).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
