//! Strong frames are opened once, in their order, by whom they are for, and unchanged; or not at all.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use tokio_util::codec::{Decoder, Encoder};
use uchat_codec::{
    Frame, FrameCodec, OpenError, Opener, SealError, Sealer, StrongKeys, StrongOpener, StrongSealer,
};

const MAX_BODY: usize = 1 << 16;

fn keys() -> StrongKeys {
    StrongKeys::new(&[0x11; 32], &[0x22; 32], &[0x33; 32])
}

/// The client's sealer and the server's opener.
fn pair() -> (StrongSealer, StrongOpener) {
    (keys().client(MAX_BODY).0, keys().server(MAX_BODY).1)
}

fn sealed(sealer: &mut StrongSealer, plaintext: &[u8]) -> Frame {
    let mut out = BytesMut::new();
    sealer.seal(plaintext, &mut out).unwrap();
    FrameCodec::new(MAX_BODY).decode(&mut out).unwrap().unwrap()
}

/// What a reader makes of a stream: the plaintexts before the first error, and whether there was one.
fn read(stream: &[u8], cuts: &[prop::sample::Index], opener: &mut StrongOpener) -> (Vec<Bytes>, bool) {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    let (mut codec, mut input, mut plaintexts) = (FrameCodec::new(MAX_BODY), BytesMut::new(), Vec::new());
    for piece in cuts.windows(2) {
        input.extend_from_slice(&stream[piece[0]..piece[1]]);
        loop {
            match codec.decode(&mut input).map(|frame| frame.map(|frame| opener.open(frame))) {
                Ok(Some(Ok(plaintext))) => plaintexts.push(plaintext),
                Ok(None) => break,
                Ok(Some(Err(_))) | Err(_) => return (plaintexts, true),
            }
        }
    }
    let cut_short = codec.decode_eof(&mut input).is_err();
    (plaintexts, cut_short)
}

proptest! {
    #[test]
    fn any_split_of_the_stream_gives_the_same_messages_also_through_new_keys(
        plaintexts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        frames in 1_u64..5, bytes in 16_u64..400,
    ) {
        let keys = || keys().rekey_sooner(frames, bytes);
        let (mut sealer, mut opener) = (keys().server(MAX_BODY).0, keys().client(MAX_BODY).1);
        let mut stream = BytesMut::new();
        for plaintext in &plaintexts {
            sealer.seal(plaintext, &mut stream).unwrap();
        }
        let (opened, failed) = read(&stream, &cuts, &mut opener);
        prop_assert!(!failed);
        prop_assert_eq!(opened, plaintexts);
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(read(&bytes, &[], &mut pair().1).0.len(), 0);
    }
}

#[test]
fn every_flipped_bit_of_a_frame_is_refused() {
    for plaintext in [&b""[..], b"hello", &[7; 16]] {
        let (mut sealer, _) = pair();
        let mut whole = BytesMut::new();
        sealer.seal(plaintext, &mut whole).unwrap();
        assert_eq!(read(&whole, &[], &mut pair().1), (vec![Bytes::copy_from_slice(plaintext)], false));
        // Something behind it, so that a longer length finds bytes.
        sealer.seal(&[1; 300], &mut whole).unwrap();
        for bit in 0..(53 + 16) * 8 {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let (opened, failed) = read(&changed, &[], &mut pair().1);
            assert!(opened.is_empty() && failed, "bit {bit}");
        }
    }
}

#[test]
fn every_cut_of_a_stream_inside_a_frame_is_told() {
    let mut whole = BytesMut::new();
    pair().0.seal(b"hello", &mut whole).unwrap();
    for length in 1..whole.len() {
        assert_eq!(read(&whole[..length], &[], &mut pair().1), (vec![], true), "{length}");
    }
}

#[test]
fn a_frame_that_comes_twice_too_late_or_too_early_is_refused() {
    let (mut sealer, mut opener) = pair();
    let frames: Vec<_> = (0..3).map(|_| sealed(&mut sealer, b"the same each time")).collect();
    assert!(opener.open(frames[0].clone()).is_ok());
    assert_eq!(opener.open(frames[0].clone()), Err(OpenError::Refused), "replayed");

    let (_, mut opener) = pair();
    assert_eq!(opener.open(frames[1].clone()), Err(OpenError::Refused), "swapped, or the first one dropped");

    let (_, mut opener) = pair();
    assert!(opener.open(frames[0].clone()).is_ok());
    assert_eq!(opener.open(frames[2].clone()), Err(OpenError::Refused), "one dropped in between");
}

#[test]
fn nothing_is_opened_after_an_error() {
    let (mut sealer, mut opener) = pair();
    let good = sealed(&mut sealer, b"hello");
    let bad = Frame { padding: good.padding ^ 1, ..good.clone() };
    assert_eq!(opener.open(bad), Err(OpenError::Refused));
    assert_eq!(opener.open(good), Err(OpenError::Refused));
}

#[test]
fn a_frame_sent_back_to_its_sender_is_refused() {
    let (mut sealer, mut opener) = keys().client(MAX_BODY);
    assert_eq!(opener.open(sealed(&mut sealer, b"hello")), Err(OpenError::Refused));
    // Also if Noise gave the same key twice, which it doesn't.
    let same = StrongKeys::new(&[0x11; 32], &[0x11; 32], &[0x33; 32]);
    let (mut sealer, mut opener) = same.server(MAX_BODY);
    assert_eq!(opener.open(sealed(&mut sealer, b"hello")), Err(OpenError::Refused));
}

#[test]
fn keys_of_another_handshake_open_nothing() {
    let frame = sealed(&mut pair().0, b"hello");
    for other in [
        StrongKeys::new(&[0x12; 32], &[0x22; 32], &[0x33; 32]),
        StrongKeys::new(&[0x11; 32], &[0x22; 32], &[0x34; 32]),
    ] {
        assert_eq!(other.server(MAX_BODY).1.open(frame.clone()), Err(OpenError::Refused));
    }
}

#[test]
fn old_keys_do_not_open_frames_of_the_next_epoch() {
    let mut sealer = keys().rekey_sooner(1, u64::MAX).client(MAX_BODY).0;
    let (mut behind, mut with) =
        (keys().server(MAX_BODY).1, keys().rekey_sooner(1, u64::MAX).server(MAX_BODY).1);
    let (first, second) = (sealed(&mut sealer, b"one"), sealed(&mut sealer, b"two"));
    assert!(behind.open(first.clone()).is_ok() && with.open(first).is_ok());
    assert_eq!(behind.open(second.clone()), Err(OpenError::Refused));
    assert_eq!(with.open(second).unwrap(), "two");
}

#[test]
fn new_keys_can_only_be_sooner() {
    let mut sealer = keys().rekey_sooner(u64::MAX, u64::MAX).client(MAX_BODY).0;
    let mut opener = keys().server(MAX_BODY).1;
    assert_eq!(opener.open(sealed(&mut sealer, b"one")).unwrap(), "one");
    assert_eq!((StrongKeys::REKEY_FRAMES, StrongKeys::REKEY_BYTES), (1 << 20, 1 << 34));
}

#[test]
fn a_plaintext_that_is_too_long_leaves_everything_as_it_was() {
    let (mut sealer, mut opener) = (keys().client(32).0, keys().server(32).1);
    let mut out = BytesMut::from("before");
    assert_eq!(sealer.seal(&[0; 32], &mut out), Err(SealError::TooLong { length: 48, max: 32 }));
    assert_eq!(out, "before");
    assert_eq!(opener.open(sealed(&mut sealer, &[0; 31])).unwrap(), [0; 31][..]);
}

#[test]
fn bodies_that_no_sealer_makes_are_refused() {
    for length in [0, 1, 15, 17] {
        let frame = Frame { padding: 1, iv: [0; 16], digest: [0; 32], body: BytesMut::zeroed(length) };
        let mut stream = BytesMut::new();
        FrameCodec::new(MAX_BODY).encode(frame.clone(), &mut stream).unwrap();
        assert_eq!(pair().1.open(frame), Err(OpenError::Refused));
    }
}

#[test]
fn keys_are_never_shown() {
    let (sealer, opener) = pair();
    let shown = format!("{:?} {sealer:?} {opener:?}", keys());
    assert_eq!(shown, "StrongKeys(..) StrongSealer(..) StrongOpener(..)");
}
