//! The suite of the existing program: AES-256-CBC, zero padding, and the MD5 of the body in hex (PROTOCOL.md §6).

use std::fmt;

use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc};
use bytes::{BufMut, Bytes, BytesMut};
use md5::{Digest, Md5};
use num_bigint::BigUint;
use rand::Rng;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{OpenError, Opener, SealError, Sealer};
use crate::{Frame, HEADER_LEN};

const BLOCK_LEN: usize = 16;

/// The key that both directions of a classic connection use. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct ClassicKey(Zeroizing<[u8; 32]>);

impl ClassicKey {
    /// A key that is known already.
    pub fn new(key: [u8; 32]) -> Self {
        Self(Zeroizing::new(key))
    }

    /// SHA-256 over the shortest big-endian bytes of the number that both sides have agreed on.
    pub fn from_shared_secret(shared: &BigUint) -> Self {
        let bytes = Zeroizing::new(shared.to_bytes_be());
        Self::new(Sha256::digest(&*bytes).into())
    }

    /// The half that writes, for bodies of at most `max_body` bytes.
    pub fn sealer(&self, max_body: usize) -> ClassicSealer {
        ClassicSealer {
            cipher: Aes256Enc::new(&Array::from(*self.0)),
            max_body: max_body.min(u32::MAX as usize),
        }
    }

    /// The half that reads.
    pub fn opener(&self) -> ClassicOpener {
        ClassicOpener { cipher: Aes256Dec::new(&Array::from(*self.0)) }
    }

    /// The key itself, to compare with test vectors.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for ClassicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClassicKey(..)")
    }
}

/// Seals frames with a fresh random vector each.
pub struct ClassicSealer {
    cipher: Aes256Enc,
    max_body: usize,
}

impl ClassicSealer {
    /// Seals with a given vector, for test vectors. Never use one twice.
    pub fn seal_with_iv(
        &mut self,
        plaintext: &[u8],
        iv: [u8; 16],
        out: &mut BytesMut,
    ) -> Result<(), SealError> {
        let padding = plaintext.len().wrapping_neg() % BLOCK_LEN;
        let length = plaintext.len() + padding;
        let too_long = SealError::TooLong { length, max: self.max_body };
        let field = u32::try_from(length).ok().filter(|_| length <= self.max_body).ok_or(too_long)?;
        out.reserve(HEADER_LEN + length);
        out.put_u32(field);
        out.put_u8(u8::try_from(padding).unwrap_or_default());
        out.put_slice(&iv);
        let digest_at = out.len();
        out.put_bytes(0, 32);
        let body_at = out.len();
        out.put_slice(plaintext);
        out.put_bytes(0, padding);
        let (head, body) = out.split_at_mut(body_at);
        let (blocks, _) = Array::slice_as_chunks_mut(body);
        cbc::Encryptor::inner_iv_init(&self.cipher, &Array::from(iv)).encrypt_blocks(blocks);
        head[digest_at..].copy_from_slice(&digest(body));
        Ok(())
    }
}

impl Sealer for ClassicSealer {
    fn seal(&mut self, plaintext: &[u8], out: &mut BytesMut) -> Result<(), SealError> {
        let mut iv = [0; 16];
        rand::rng().fill_bytes(&mut iv);
        self.seal_with_iv(plaintext, iv, out)
    }
}

impl fmt::Debug for ClassicSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClassicSealer(..)")
    }
}

/// Opens frames.
pub struct ClassicOpener {
    cipher: Aes256Dec,
}

impl Opener for ClassicOpener {
    fn open(&mut self, frame: Frame) -> Result<Bytes, OpenError> {
        let Frame { padding, iv, digest: claimed, mut body } = frame;
        if !bool::from(digest(&body).ct_eq(&claimed)) {
            return Err(OpenError::WrongDigest);
        }
        let length = body.len();
        if !length.is_multiple_of(BLOCK_LEN) {
            return Err(OpenError::NotWholeBlocks(length));
        }
        let Some(plaintext_len) = length.checked_sub(usize::from(padding)) else {
            return Err(OpenError::Padding { padding, length });
        };
        let (blocks, _) = Array::slice_as_chunks_mut(&mut body);
        cbc::Decryptor::inner_iv_init(&self.cipher, &Array::from(iv)).decrypt_blocks(blocks);
        body.truncate(plaintext_len);
        Ok(body.freeze())
    }
}

impl fmt::Debug for ClassicOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClassicOpener(..)")
    }
}

/// The MD5 of a body as 32 lower-case hex digits.
fn digest(body: &[u8]) -> [u8; 32] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = [0; 32];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(Md5::digest(body)) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    hex
}
