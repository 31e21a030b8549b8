//! What only shows from inside: frames that nobody seals, and limits that take long to reach.

use tokio_util::codec::Decoder;

use super::*;
use crate::FrameCodec;

const MAX_BODY: usize = 100;

fn keys() -> StrongKeys {
    StrongKeys::new(&[1; 32], &[2; 32], &[3; 32])
}

/// The client's sealer and the server's opener, as if so much had gone before.
fn pair_at(sequence: u64, frames: u64, bytes: u64) -> (StrongSealer, StrongOpener) {
    let keys = || {
        let mut keys = keys();
        keys.to_server.seek(sequence, frames, bytes);
        keys
    };
    (keys().client(MAX_BODY).0, keys().server(MAX_BODY).1)
}

fn sealed(sealer: &mut StrongSealer, plaintext: &[u8]) -> Frame {
    let mut out = BytesMut::new();
    assert_eq!(sealer.seal(plaintext, &mut out), Ok(()));
    let Ok(Some(frame)) = FrameCodec::new(MAX_BODY).decode(&mut out) else { unreachable!("it is whole") };
    frame
}

/// A frame of a peer that has the keys: any blocks, encrypted, and any number in the padding field, with the right digest.
fn authentic(blocks: &[u8], padding: u8) -> Frame {
    let (cipher, mac) = keys().to_server.keyed::<Aes256Enc>();
    let (iv, mut body) = ([9; 16], BytesMut::from(blocks));
    if body.len().is_multiple_of(BLOCK_LEN) {
        let (blocks, _) = Array::slice_as_chunks_mut(&mut body);
        cbc::Encryptor::inner_iv_init(&cipher, &Array::from(iv)).encrypt_blocks(blocks);
    }
    let length = u32::try_from(body.len()).unwrap_or_default();
    let digest = digest(&mac, 0, length, padding, &iv, &body);
    Frame { padding, iv, digest, body }
}

fn open(frame: Frame) -> Result<Bytes, OpenError> {
    keys().server(MAX_BODY).1.open(frame)
}

#[test]
fn an_authentic_frame_with_wrong_padding_is_refused_like_any_other() {
    let mut block = *b"0123456789ab\x04\x04\x04\x04";
    assert_eq!(open(authentic(&block, 4)).as_deref(), Ok(&b"0123456789ab"[..]), "that is how it should be");
    for padding in [0, 3, 5, 16, 17, 255] {
        assert_eq!(open(authentic(&block, padding)), Err(OpenError::Refused), "field {padding}");
    }
    for (at, byte) in [(12, 3), (13, 0), (15, 5)] {
        block[at] = byte;
        assert_eq!(open(authentic(&block, 4)), Err(OpenError::Refused), "byte {at}");
        block[at] = 4;
    }
    // A whole block of padding is what a message of whole blocks has; more than a block nobody has.
    assert_eq!(open(authentic(&[16; 16], 16)).as_deref(), Ok(&[][..]));
    assert_eq!(open(authentic(&[17; 32], 17)), Err(OpenError::Refused));
}

#[test]
fn an_authentic_frame_of_no_whole_blocks_is_refused() {
    for body in [&[][..], &[1], &[1; 15], &[1; 17]] {
        assert_eq!(open(authentic(body, 1)), Err(OpenError::Refused), "{} bytes", body.len());
    }
}

#[test]
fn after_the_frames_of_an_epoch_both_sides_have_new_keys_and_count_anew() {
    let last = StrongKeys::REKEY_FRAMES - 1;
    let (mut sealer, mut opener) = pair_at(last, last, 0);
    // One that is a frame behind in its count keeps the old keys for a frame too long.
    let mut behind = pair_at(last, last - 1, 0).1;
    let (one, two) =
        (sealed(&mut sealer, b"the last of this epoch"), sealed(&mut sealer, b"the first of the next"));
    assert!(behind.open(one.clone()).is_ok() && opener.open(one).is_ok());
    assert_eq!(behind.open(two.clone()), Err(OpenError::Refused));
    assert_eq!(opener.open(two).as_deref(), Ok(&b"the first of the next"[..]));
    // The next epoch is as long, and the numbers go on.
    assert_eq!((sealer.schedule.counts(), sealer.schedule.sequence()), ((1, 32), Some(last + 2)));
}

#[test]
fn after_the_bytes_of_an_epoch_both_sides_have_new_keys() {
    let almost = StrongKeys::REKEY_BYTES - 17;
    let (mut sealer, mut opener) = pair_at(7, 7, almost);
    let mut behind = pair_at(7, 7, almost - 64).1;
    for text in [&b"one block"[..], b"the block that is one too many", b"with new keys"] {
        let frame = sealed(&mut sealer, text);
        assert_eq!(opener.open(frame.clone()).as_deref(), Ok(text));
        let is_with = behind.open(frame).is_ok();
        assert_eq!(is_with, text != b"with new keys", "who counts otherwise has other keys");
    }
}

#[test]
fn sequence_numbers_are_never_used_twice() {
    let (mut sealer, mut opener) = pair_at(u64::MAX, 0, 0);
    let frame = sealed(&mut sealer, b"the last one");
    assert!(opener.open(frame.clone()).is_ok());
    let mut out = BytesMut::new();
    assert_eq!(sealer.seal(b"one too many", &mut out), Err(SealError::Exhausted));
    assert!(out.is_empty());
    assert_eq!(opener.open(frame), Err(OpenError::Refused));
}
