//! Any client bytes in any pieces at the door of both suites: a typed error, or more is wanted. Nobody without a key
//! that fits the answer gets through the strong handshake. The first byte says how long pieces are.
#![no_main]

use std::sync::{Arc, LazyLock};

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use uchat_codec::{Handshake, Limits, Progress, StrongIdentity, StrongServer};

static IDENTITY: LazyLock<Arc<StrongIdentity>> =
    LazyLock::new(|| Arc::new(StrongIdentity::from_secrets(&[2; 32], [9; 32])));

fuzz_target!(|data: &[u8]| {
    let Some((piece, data)) = data.split_first() else { return };
    let limits = Limits::default();
    let mut machine = StrongServer::new(Arc::clone(&IDENTITY), &limits).with_ephemeral_for_tests([4; 32]);
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    for piece in data.chunks(usize::from(*piece) + 1) {
        input.extend_from_slice(piece);
        match machine.advance(&mut input, &mut output) {
            Ok(Progress::NeedInput) => assert!(output.len() <= limits.max_handshake),
            Ok(Progress::Done) => panic!("a handshake out of nothing"),
            Err(error) => return drop(error.to_string()),
        }
    }
    assert!(Box::new(machine).finish().is_err());
});
