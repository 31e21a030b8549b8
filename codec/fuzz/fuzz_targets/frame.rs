//! Any bytes as a stream of frames: whole or byte by byte it is the same, and what is read can be written again.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use tokio_util::codec::{Decoder, Encoder};
use uchat_codec::{ClassicKey, Frame, FrameCodec, HEADER_LEN, Opener};

const MAX_BODY: usize = 64 * 1024;

fuzz_target!(|data: &[u8]| {
    let (whole, whole_failed) = read(data, data.len().max(1));
    let (bytewise, bytewise_failed) = read(data, 1);
    assert_eq!(whole, bytewise);
    assert_eq!(whole_failed, bytewise_failed);

    let mut written = BytesMut::new();
    for frame in whole {
        assert!(frame.body.len() <= MAX_BODY);
        FrameCodec::new(MAX_BODY)
            .encode(frame.clone(), &mut written)
            .expect("a frame that was read is not too long");
        let length = frame.body.len();
        if let Ok(plaintext) = ClassicKey::new([7; 32]).opener().open(frame) {
            assert!(plaintext.len() <= length);
        }
    }
    assert!(data.starts_with(&written));
});

/// The frames in the bytes, given in pieces, and whether they end in an error.
fn read(data: &[u8], piece: usize) -> (Vec<Frame>, bool) {
    let (mut codec, mut input, mut frames) = (FrameCodec::new(MAX_BODY), BytesMut::new(), Vec::new());
    for piece in data.chunks(piece) {
        input.extend_from_slice(piece);
        loop {
            match codec.decode(&mut input) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, true),
            }
        }
        assert!(input.capacity() <= 4 * (data.len() + HEADER_LEN) + 128 * 1024);
    }
    (frames, false)
}
