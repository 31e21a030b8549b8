//! Frames survive any segmentation, cost nothing before they are there, and are believed only when they are whole.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use tokio_util::codec::{Decoder, Encoder};
use uchat_codec::{
    ClassicKey, Frame, FrameCodec, FrameError, HEADER_LEN, OpenError, Opener, SealError, Sealer,
};

const MAX_BODY: usize = 1 << 20;

fn key() -> ClassicKey {
    ClassicKey::new([42; 32])
}

fn sealed(plaintext: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    key().sealer(MAX_BODY).seal(plaintext, &mut out).unwrap();
    out
}

fn frame(mut bytes: BytesMut) -> Frame {
    FrameCodec::new(MAX_BODY).decode(&mut bytes).unwrap().unwrap()
}

/// Everything that comes out of a stream that arrives in pieces.
fn read(stream: &[u8], cuts: &[prop::sample::Index]) -> Vec<Bytes> {
    let mut cuts: Vec<_> =
        cuts.iter().map(|cut| cut.index(stream.len() + 1)).chain([0, stream.len()]).collect();
    cuts.sort_unstable();
    let (mut codec, mut input, mut opener) = (FrameCodec::new(MAX_BODY), BytesMut::new(), key().opener());
    let mut plaintexts = Vec::new();
    for piece in cuts.windows(2) {
        input.extend_from_slice(&stream[piece[0]..piece[1]]);
        while let Some(frame) = codec.decode(&mut input).unwrap() {
            plaintexts.push(opener.open(frame).unwrap());
        }
    }
    assert!(codec.decode_eof(&mut input).unwrap().is_none());
    plaintexts
}

proptest! {
    #[test]
    fn any_split_of_the_stream_gives_the_same_messages(
        plaintexts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut stream = BytesMut::new();
        let mut sealer = key().sealer(MAX_BODY);
        for plaintext in &plaintexts {
            sealer.seal(plaintext, &mut stream).unwrap();
        }
        prop_assert_eq!(read(&stream, &cuts), plaintexts);
    }

    #[test]
    fn a_changed_body_or_digest_is_never_believed(
        plaintext in prop::collection::vec(any::<u8>(), 1..100), at in any::<prop::sample::Index>(), flip in 1_u8..,
    ) {
        let mut bytes = sealed(&plaintext);
        let digest_on = &mut bytes[21..];
        let at = at.index(digest_on.len());
        digest_on[at] ^= flip;
        prop_assert_eq!(key().opener().open(frame(bytes)), Err(OpenError::WrongDigest));
    }

    #[test]
    fn any_bytes_are_frames_an_error_or_unfinished(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut input = BytesMut::from(&bytes[..]);
        let mut codec = FrameCodec::new(200);
        while let Ok(Some(frame)) = codec.decode(&mut input) {
            drop(key().opener().open(frame));
        }
    }
}

#[test]
fn a_frame_that_is_too_long_is_refused_by_its_first_four_bytes() {
    let mut codec = FrameCodec::new(100);
    let mut input = BytesMut::from(&[0xff, 0xff, 0xff, 0xff][..]);
    let error = codec.decode(&mut input).unwrap_err();
    assert!(matches!(error, FrameError::TooLong { length: 0xffff_ffff, max: 100 }), "{error}");
    let long = Frame { padding: 0, iv: [0; 16], digest: [0; 32], body: BytesMut::zeroed(101) };
    assert!(matches!(
        codec.encode(long, &mut BytesMut::new()),
        Err(FrameError::TooLong { length: 101, max: 100 })
    ));
}

#[test]
fn announcing_40_megabytes_costs_a_few_kilobytes() {
    let mut codec = FrameCodec::new(40 << 20);
    let mut input = BytesMut::new();
    input.extend_from_slice(&(40_u32 << 20).to_be_bytes());
    input.extend_from_slice(&[0; HEADER_LEN]);
    assert!(codec.decode(&mut input).unwrap().is_none());
    assert!(input.capacity() <= 128 * 1024, "{}", input.capacity());
}

#[test]
fn a_stream_that_ends_inside_a_frame_is_an_error() {
    let whole = sealed(b"hello");
    for length in [1, 4, HEADER_LEN, whole.len() - 1] {
        let mut input = BytesMut::from(&whole[..length]);
        let error = FrameCodec::new(MAX_BODY).decode_eof(&mut input).unwrap_err();
        assert!(matches!(error, FrameError::Io(_)), "{length}: {error}");
    }
}

#[test]
fn sealing_refuses_what_a_frame_cannot_hold_and_leaves_nothing_behind() {
    let mut out = BytesMut::from(&b"before"[..]);
    let error = key().sealer(32).seal(&[0; 33], &mut out).unwrap_err();
    assert_eq!(error, SealError::TooLong { length: 48, max: 32 });
    assert_eq!(out, "before");
    assert!(key().sealer(32).seal(&[0; 32], &mut out).is_ok());
}

#[test]
fn every_frame_has_a_vector_of_its_own() {
    let (one, other) = (frame(sealed(b"same")), frame(sealed(b"same")));
    assert_ne!(one.iv, other.iv);
    assert_ne!(one.body, other.body);
}

#[test]
fn padding_is_cut_off_whatever_it_says_up_to_the_body() {
    let open = |padding: u8, plaintext: &[u8]| {
        let mut frame = frame(sealed(plaintext));
        frame.padding = padding;
        key().opener().open(frame)
    };
    assert_eq!(open(20, &[1; 32]).unwrap(), [1; 12][..]);
    assert_eq!(open(32, &[1; 32]).unwrap(), [0; 0][..]);
    assert_eq!(open(33, &[1; 32]), Err(OpenError::Padding { padding: 33, length: 32 }));
}

#[test]
fn a_body_of_broken_blocks_is_refused() {
    let mut frame = frame(sealed(b"hello"));
    frame.body.truncate(15);
    // With the digest that belongs to it.
    frame.digest = md5_hex(&frame.body);
    assert_eq!(key().opener().open(frame), Err(OpenError::NotWholeBlocks(15)));
}

#[test]
fn keys_are_never_shown() {
    let shown = format!("{:?} {:?} {:?}", key(), key().sealer(1), key().opener());
    assert_eq!(shown, "ClassicKey(..) ClassicSealer(..) ClassicOpener(..)");
}

fn md5_hex(bytes: &[u8]) -> [u8; 32] {
    use md5::Digest;
    hex::encode(md5::Md5::digest(bytes)).into_bytes().try_into().unwrap()
}
