//! Any bytes as a value: what is read can be written, and read again as what a peer would see.
#![no_main]

use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use uchat_codec::{EncodeErrorKind, Limits, Value, encode_to, from_value, to_value};

fuzz_target!(|data: &[u8]| {
    let limits = Limits { max_elements: 10_000, ..Limits::default() };
    let value = match Value::decode(Bytes::copy_from_slice(data), &limits) {
        Ok(value) => value,
        Err(error) => {
            assert!(error.offset <= data.len());
            let _ = error.to_string();
            return;
        }
    };
    let _ = format!("{value:?}");
    let mut bytes = BytesMut::new();
    if let Err(error) = value.encode(&mut bytes) {
        // The only thing that can be read and not written.
        assert_eq!(error.kind, EncodeErrorKind::NonAsciiKey);
        assert!(bytes.is_empty());
        return;
    }
    let mut through_serde = BytesMut::new();
    encode_to(&value, &mut through_serde).expect("what one encoder writes, the other does");
    assert_eq!(bytes, through_serde);

    // Read once more, floats are turned around; twice, they are what they were.
    let turned = Value::decode(bytes.clone().freeze(), &limits).expect("what was written can be read");
    let mut turned_bytes = BytesMut::new();
    turned.encode(&mut turned_bytes).expect("what was read can be written");
    let back = Value::decode(turned_bytes.freeze(), &limits).expect("what was written can be read");
    let mut back_bytes = BytesMut::new();
    back.encode(&mut back_bytes).expect("what was read can be written");
    assert_eq!(bytes, back_bytes);

    let copy: Value =
        from_value(to_value(&value).expect("a value is serializable")).expect("a value is a value");
    let mut copy_bytes = BytesMut::new();
    copy.encode(&mut copy_bytes).expect("a copy can be written");
    assert_eq!(bytes, copy_bytes);
});
