//! Any server bytes: whole or byte by byte they lead to the same.
#![no_main]

use std::sync::LazyLock;

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use num_bigint::BigUint;
use uchat_codec::{ClassicClient, ClassicKeyPair, DhParams, Handshake, HandshakeError, Limits, Progress};

static PAIR: LazyLock<ClassicKeyPair> =
    LazyLock::new(|| ClassicKeyPair::from_secret(&DhParams::default(), BigUint::from(4093_u32)));

fuzz_target!(|data: &[u8]| {
    assert_eq!(meet(data, data.len().max(1)), meet(data, 1));
});

/// The server's public number, if there is one in the end.
fn meet(data: &[u8], piece: usize) -> Result<Option<BigUint>, HandshakeError> {
    let limits = Limits { max_handshake: 1024, ..Limits::default() };
    let mut machine = ClassicClient::new(PAIR.clone(), "aaa bbb 1".into(), "127.0.0.1".into(), &limits);
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    assert_eq!(machine.advance(&mut input, &mut output)?, Progress::NeedInput);
    assert_eq!(output, "127.0.0.1");
    let mut progress = Progress::NeedInput;
    for piece in data.chunks(piece) {
        input.extend_from_slice(piece);
        progress = machine.advance(&mut input, &mut output)?;
    }
    if progress == Progress::NeedInput {
        assert!(input.is_empty());
        progress = machine.quiet(&mut output)?;
    }
    match progress {
        Progress::NeedInput => Ok(None),
        Progress::Done => {
            assert_eq!(output, "127.0.0.1aaa bbb 1");
            Ok(Box::new(machine).finish()?.peer.public_number)
        }
    }
}
