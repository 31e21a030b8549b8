//! Frames: how messages lie in the byte stream. Both suites use the same layout.
//!
//! ```text
//! +--------------------+-----------+-------+-----------+----------------------+
//! | body length u32 BE | padding 1 | iv 16 | digest 32 | body (AES), length … |
//! +--------------------+-----------+-------+-----------+----------------------+
//! 0                    4           5       21          53
//! ```
//!
//! What digest and body mean is the [suite](crate::suite)'s business.

use std::io;

use bytes::{Buf, BufMut, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

/// The bytes before the body.
pub const HEADER_LEN: usize = 53;
/// The part of the header that says how long the body is.
const LENGTH_LEN: usize = 4;
/// No more than this is reserved beyond what has arrived: a peer that announces much and sends nothing costs nothing.
const RESERVE_AHEAD: usize = 64 * 1024;

/// One frame, still sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// How many bytes at the end of the plaintext don't belong to it.
    pub padding: u8,
    /// The initialisation vector of the body.
    pub iv: [u8; 16],
    /// What proves that the body is whole.
    pub digest: [u8; 32],
    /// The ciphertext.
    pub body: BytesMut,
}

/// Why the byte stream can't be read any further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// A body longer than the limit, found before memory was reserved for it.
    #[error("a frame of {length} bytes where {max} are allowed")]
    TooLong {
        /// What the header says.
        length: usize,
        /// What is allowed.
        max: usize,
    },
    /// The stream itself failed, or ended inside a frame.
    #[error("the stream failed: {0}")]
    Io(#[from] io::Error),
}

/// Cuts a byte stream into frames, however it was split on its way.
#[derive(Debug)]
pub struct FrameCodec {
    max_body: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Head,
    Body { length: usize, padding: u8, iv: [u8; 16], digest: [u8; 32] },
}

impl FrameCodec {
    /// A codec that refuses bodies of more than `max_body` bytes.
    pub fn new(max_body: usize) -> Self {
        Self { max_body, state: State::Head }
    }

    /// Changes the limit for the frames whose header has not been read yet.
    pub fn set_max_body(&mut self, max_body: usize) {
        self.max_body = max_body;
    }

    fn checked(&self, length: usize) -> Result<usize, FrameError> {
        if length <= self.max_body {
            Ok(length)
        } else {
            Err(FrameError::TooLong { length, max: self.max_body })
        }
    }

    /// Reads the header once it is whole; a length that is too great is told as soon as it is there.
    fn head(&self, input: &mut BytesMut) -> Result<Option<State>, FrameError> {
        let Some(length) = input.first_chunk::<LENGTH_LEN>() else { return Ok(None) };
        let length = self.checked(usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX))?;
        if input.len() < HEADER_LEN {
            return Ok(None);
        }
        input.advance(LENGTH_LEN);
        let padding = input.get_u8();
        let (mut iv, mut digest) = ([0; 16], [0; 32]);
        input.copy_to_slice(&mut iv);
        input.copy_to_slice(&mut digest);
        Ok(Some(State::Body { length, padding, iv, digest }))
    }
}

impl Decoder for FrameCodec {
    type Item = Frame;
    type Error = FrameError;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        if matches!(self.state, State::Head) {
            let Some(state) = self.head(input)? else {
                input.reserve(HEADER_LEN - input.len());
                return Ok(None);
            };
            self.state = state;
        }
        match self.state {
            State::Body { length, padding, iv, digest } if input.len() >= length => {
                self.state = State::Head;
                Ok(Some(Frame { padding, iv, digest, body: input.split_to(length) }))
            }
            State::Body { length, .. } => {
                input.reserve((length - input.len()).min(RESERVE_AHEAD));
                Ok(None)
            }
            State::Head => Ok(None),
        }
    }

    fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        match self.decode(input)? {
            Some(frame) => Ok(Some(frame)),
            None if input.is_empty() && matches!(self.state, State::Head) => Ok(None),
            None => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
    }
}

impl Encoder<Frame> for FrameCodec {
    type Error = FrameError;

    fn encode(&mut self, frame: Frame, output: &mut BytesMut) -> Result<(), FrameError> {
        let length = self.checked(frame.body.len())?;
        let field =
            u32::try_from(length).map_err(|_| FrameError::TooLong { length, max: u32::MAX as usize })?;
        output.reserve(HEADER_LEN + length);
        output.put_u32(field);
        output.put_u8(frame.padding);
        output.put_slice(&frame.iv);
        output.put_slice(&frame.digest);
        output.put_slice(&frame.body);
        Ok(())
    }
}
