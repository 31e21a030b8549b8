//! Any client bytes in any pieces, to the server of the vector "bare-keys". The first byte says how long pieces are.
#![no_main]

use std::sync::{Arc, LazyLock};

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use uchat_codec::{Acceptor, Handshake, HandshakeError, Limits, Progress, StrongIdentity, StrongServer};

static IDENTITY: LazyLock<Arc<StrongIdentity>> =
    LazyLock::new(|| Arc::new(StrongIdentity::from_secrets(&[0x14; 32], [0x15; 32])));

fuzz_target!(|data: &[u8]| {
    let Some((piece, data)) = data.split_first() else { return };
    let whole = serve(data, data.len().max(1));
    assert_eq!(whole, serve(data, usize::from(*piece) + 1));
    // The acceptor refuses what the server can't understand, and nothing else.
    let mut acceptor = Acceptor::new(&Limits::default()).strong(Arc::clone(&IDENTITY));
    let accepted = acceptor.advance(&mut BytesMut::from(data), &mut BytesMut::new());
    let unsupported = HandshakeError::UnsupportedSuite;
    assert_eq!(accepted == Err(unsupported.clone()), whole == Err(unsupported));
});

/// The client's key, if there is one in the end.
fn serve(data: &[u8], piece: usize) -> Result<Option<[u8; 32]>, HandshakeError> {
    let limits = Limits::default();
    // The fixed ephemeral key makes message 3 of the vector fit.
    let mut machine = StrongServer::new(Arc::clone(&IDENTITY), &limits).with_ephemeral_for_tests([0x16; 32]);
    let (mut input, mut output, mut given) = (BytesMut::new(), BytesMut::new(), 0);
    let mut progress = Progress::NeedInput;
    for piece in data.chunks(piece) {
        input.extend_from_slice(piece);
        given += piece.len();
        progress = machine.advance(&mut input, &mut output)?;
        assert!(given - input.len() <= limits.max_handshake);
    }
    match progress {
        Progress::NeedInput => Ok(None),
        Progress::Done => Ok(Box::new(machine).finish()?.peer.identity_key),
    }
}
