//! Any server bytes in any pieces: a typed error, or more is wanted. The first byte says how long pieces are.
#![no_main]

use std::sync::{Arc, LazyLock};

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use uchat_codec::{Handshake, Limits, Progress, StrongClient, StrongIdentity};

static IDENTITY: LazyLock<Arc<StrongIdentity>> =
    LazyLock::new(|| Arc::new(StrongIdentity::from_secrets(&[1; 32], [8; 32])));

fuzz_target!(|data: &[u8]| {
    let Some((piece, data)) = data.split_first() else { return };
    let mut machine =
        StrongClient::new(Arc::clone(&IDENTITY), &Limits::default()).with_ephemeral_for_tests([3; 32]);
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    assert_eq!(machine.advance(&mut input, &mut output), Ok(Progress::NeedInput));
    let flight = output.len();
    for piece in data.chunks(usize::from(*piece) + 1) {
        input.extend_from_slice(piece);
        match machine.advance(&mut input, &mut output) {
            // Nothing more is said before the server has proved who it is.
            Ok(Progress::NeedInput) => assert_eq!(output.len(), flight),
            Ok(Progress::Done) => panic!("a handshake out of nothing"),
            Err(error) => return drop(error.to_string()),
        }
    }
});
