//! Any client bytes in any pieces: a key, a typed error, or more is wanted. The first byte says how long pieces are.
#![no_main]

use std::sync::{Arc, LazyLock};

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use num_bigint::BigUint;
use uchat_codec::{ClassicIdentity, ClassicKeyPair, ClassicServer, DhParams, Handshake, Limits, Progress};

static IDENTITY: LazyLock<Arc<ClassicIdentity>> = LazyLock::new(|| {
    let pair = ClassicKeyPair::from_secret(&DhParams::default(), BigUint::from(2053_u32));
    Arc::new(ClassicIdentity::new(pair))
});

fuzz_target!(|data: &[u8]| {
    let Some((piece, data)) = data.split_first() else { return };
    let limits = Limits { max_handshake: 1024, ..Limits::default() };
    let mut machine = ClassicServer::new(Arc::clone(&IDENTITY), &limits);
    let (mut input, mut output, mut given) = (BytesMut::new(), BytesMut::new(), 0);
    for piece in data.chunks(usize::from(*piece) + 1) {
        input.extend_from_slice(piece);
        given += piece.len();
        match machine.advance(&mut input, &mut output) {
            Ok(Progress::NeedInput) => assert!(given - input.len() <= limits.max_handshake),
            Ok(Progress::Done) => {
                assert_eq!(input.first(), Some(&0));
                assert_eq!(output, IDENTITY.certificate());
                let established = Box::new(machine).finish().expect("it is done");
                assert!(established.peer.public_number.is_some());
                return;
            }
            Err(error) => return drop(error.to_string()),
        }
    }
    assert!(Box::new(machine).finish().is_err());
});
