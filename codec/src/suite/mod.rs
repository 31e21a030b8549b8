//! Suites: what fills a frame's fields, and who can read its body.
//!
//! A suite is a pair of halves, one to seal and one to open, so that a reading and a writing task need share
//! nothing. Both take `&mut self`: a suite may count its frames.

mod classic;
mod schedule;
mod strong;

use bytes::{Bytes, BytesMut};

pub use classic::{ClassicKey, ClassicOpener, ClassicSealer};
pub use strong::{StrongKeys, StrongOpener, StrongSealer};

use crate::Frame;

/// Turns plaintexts into frames.
pub trait Sealer: Send {
    /// Appends one whole frame to `out`; after an error `out` is as it was.
    fn seal(&mut self, plaintext: &[u8], out: &mut BytesMut) -> Result<(), SealError>;
}

/// Turns frames back into plaintexts.
pub trait Opener: Send {
    /// Checks the frame, then decrypts it where it lies. After an error the connection must be closed.
    fn open(&mut self, frame: Frame) -> Result<Bytes, OpenError>;
}

/// Why a plaintext can't be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The body would be longer than a frame may be.
    #[error("a frame of {length} bytes would be needed where {max} are allowed")]
    TooLong {
        /// How long the body would be.
        length: usize,
        /// How long it may be.
        max: usize,
    },
    /// All sequence numbers of the connection are used up.
    #[error("no sequence number is left for another frame")]
    Exhausted,
}

/// Why a frame can't be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The digest is not that of the body. Nothing was decrypted.
    #[error("the digest of the frame is wrong")]
    WrongDigest,
    /// The body can't be ciphertext.
    #[error("a body of {0} bytes is not made of whole blocks")]
    NotWholeBlocks(usize),
    /// There is less body than padding.
    #[error("{padding} bytes of padding in a body of {length}")]
    Padding {
        /// What the frame says.
        padding: u8,
        /// How long its body is.
        length: usize,
    },
    /// Not the frame that the peer has sealed next. The strong suite tells no more, since whoever sent it may be
    /// guessing.
    #[error("not the frame that the peer has sealed next")]
    Refused,
}
