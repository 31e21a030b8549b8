//! Any bytes as strong frames: none is believed that isn't the next one of the test vectors, and sealing opens again.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use tokio_util::codec::{Decoder, Encoder};
use uchat_codec::{FrameCodec, Opener, Sealer, StrongKeys, StrongOpener};

const MAX_BODY: usize = 64 * 1024;

fuzz_target!(|data: &[u8]| {
    // The keys of the vector "frames-to-server", so that the seeds are believed.
    let keys = || StrongKeys::new(&[0xa1; 32], &[0xa2; 32], &[0xa3; 32]);
    let believed = open(data, &mut keys().server(MAX_BODY).1);
    let (mut sealer, mut again) = (keys().client(MAX_BODY).0, BytesMut::new());
    let mut input = BytesMut::from(data);
    for plaintext in &believed {
        // With the same vector the same bytes come out.
        let frame = FrameCodec::new(MAX_BODY).decode(&mut input).ok().flatten().expect("it was there");
        let mut read = BytesMut::new();
        FrameCodec::new(MAX_BODY).encode(frame.clone(), &mut read).expect("it isn't too long");
        sealer.seal_with_iv(plaintext, frame.iv, &mut again).expect("it isn't too long");
        assert_eq!(again.split(), read);
    }
    // What is sealed anew is opened, in the same order.
    let (mut sealer, mut opener) = (keys().server(MAX_BODY).0, keys().client(MAX_BODY).1);
    let mut wire = BytesMut::new();
    let chunks: Vec<_> = data.chunks(97).collect();
    for chunk in &chunks {
        sealer.seal(chunk, &mut wire).expect("it isn't too long");
    }
    assert_eq!(open(&wire, &mut opener), chunks);
});

/// The plaintexts of the frames that are believed.
fn open(data: &[u8], opener: &mut StrongOpener) -> Vec<bytes::Bytes> {
    let (mut codec, mut input, mut plaintexts) =
        (FrameCodec::new(MAX_BODY), BytesMut::from(data), Vec::new());
    while let Ok(Some(frame)) = codec.decode(&mut input) {
        match opener.open(frame) {
            Ok(plaintext) => plaintexts.push(plaintext),
            Err(_) => break,
        }
    }
    plaintexts
}
