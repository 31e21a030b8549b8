//! Any server bytes to the client of the vector "bare-keys": whole or byte by byte they lead to the same.
#![no_main]

use std::sync::{Arc, LazyLock};

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use uchat_codec::{Handshake, HandshakeError, Limits, Progress, StrongClient, StrongIdentity};

static IDENTITY: LazyLock<Arc<StrongIdentity>> =
    LazyLock::new(|| Arc::new(StrongIdentity::from_secrets(&[0x11; 32], [0x12; 32])));

fuzz_target!(|data: &[u8]| {
    assert_eq!(meet(data, data.len().max(1)), meet(data, 1));
});

/// The server's key, if there is one in the end.
fn meet(data: &[u8], piece: usize) -> Result<Option<[u8; 32]>, HandshakeError> {
    // The fixed ephemeral key makes message 2 of the vector fit.
    let mut machine =
        StrongClient::new(Arc::clone(&IDENTITY), &Limits::default()).with_ephemeral_for_tests([0x13; 32]);
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    assert_eq!(machine.advance(&mut input, &mut output)?, Progress::NeedInput);
    let first = output.len();
    let mut progress = Progress::NeedInput;
    for piece in data.chunks(piece) {
        input.extend_from_slice(piece);
        progress = machine.advance(&mut input, &mut output)?;
    }
    // The client says who it is exactly when it has accepted the server.
    assert_eq!(output.len() > first, progress == Progress::Done);
    match progress {
        Progress::NeedInput => Ok(None),
        Progress::Done => Ok(Box::new(machine).finish()?.peer.identity_key),
    }
}
