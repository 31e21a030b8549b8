//! Frames that nothing protects: as long as sealed ones, for the relay.

use bytes::{BufMut as _, Bytes, BytesMut};
use uchat_codec::{Frame, HEADER_LEN, OpenError, Opener, SealError, Sealer};

const BLOCK: usize = 16;
/// The length and the padding are said; all else is empty.
const SAID: usize = 5;

/// Both directions.
pub(crate) struct Plain;

impl Sealer for Plain {
    fn seal(&mut self, plaintext: &[u8], out: &mut BytesMut) -> Result<(), SealError> {
        let padding = BLOCK - plaintext.len() % BLOCK;
        let length = plaintext.len() + padding;
        let field = u32::try_from(length).map_err(|_| SealError::TooLong {
            length,
            max: usize::try_from(u32::MAX).unwrap_or(usize::MAX),
        })?;
        out.put_u32(field);
        out.put_u8(u8::try_from(padding).unwrap_or_default());
        out.put_bytes(0, HEADER_LEN - SAID);
        out.put_slice(plaintext);
        out.put_bytes(0, padding);
        Ok(())
    }
}

impl Opener for Plain {
    fn open(&mut self, frame: Frame) -> Result<Bytes, OpenError> {
        let mut body = frame.body;
        let length = body.len().checked_sub(usize::from(frame.padding)).ok_or(OpenError::Refused)?;
        body.truncate(length);
        Ok(body.freeze())
    }
}
