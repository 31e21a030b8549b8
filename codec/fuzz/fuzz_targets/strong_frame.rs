//! Any frames for a strong connection: refused, unless they are the very ones that the peer has sealed next.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use tokio_util::codec::Decoder;
use uchat_codec::suite::StrongKeys;
use uchat_codec::{FrameCodec, Opener, Sealer};

fn keys() -> StrongKeys {
    StrongKeys::new(&[1; 32], &[2; 32], &[3; 32])
}

fuzz_target!(|data: &[u8]| {
    // What is sealed is opened again, whatever it is.
    let ((mut sealer, _), (_, mut opener)) = (keys().client(1 << 20), keys().server(1 << 20));
    let mut sealed = BytesMut::new();
    sealer.seal(data, &mut sealed).expect("short enough");
    let frame = FrameCodec::new(1 << 20).decode(&mut sealed).expect("a frame").expect("a whole one");
    assert_eq!(opener.open(frame).expect("the peer's own"), data);
    // What the fuzzer makes up is not.
    let mut codec = FrameCodec::new(1 << 20);
    let mut input = BytesMut::from(data);
    let (_, mut opener) = keys().server(1 << 20);
    while let Ok(Some(frame)) = codec.decode(&mut input) {
        assert!(opener.open(frame).is_err());
    }
});
