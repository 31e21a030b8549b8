//! Values keep what they hold, and bad bytes are told from good ones.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

mod arbitrary;

use arbitrary::{as_read, same, value};
use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use uchat_codec::{
    DecodeErrorKind, Dict, EncodeErrorKind, Int, Limits, Message, Opcode, Value, encode_message, encode_to,
    from_value, to_value,
};

fn encoded(value: &Value) -> Bytes {
    let mut out = BytesMut::new();
    value.encode(&mut out).unwrap();
    out.freeze()
}

fn decode(bytes: &[u8]) -> Result<Value, uchat_codec::DecodeError> {
    Value::decode(Bytes::copy_from_slice(bytes), &Limits::default())
}

proptest! {
    #[test]
    fn what_is_written_is_read_with_floats_turned_around(value in value()) {
        let back = decode(&encoded(&value)).unwrap();
        prop_assert!(same(&back, &as_read(&value)), "{back:?}");
        prop_assert_eq!(encoded(&as_read(&back)), encoded(&value));
    }

    #[test]
    fn both_encoders_write_the_same(value in value(), opcode in any::<u8>()) {
        let mut out = BytesMut::new();
        encode_to(&value, &mut out).unwrap();
        prop_assert_eq!(out, encoded(&value));
        let mut out = BytesMut::new();
        Message { opcode: Opcode(opcode), parameters: value.clone() }.encode(&mut out).unwrap();
        prop_assert_eq!(out, encode_message(Opcode(opcode), &value).unwrap());
    }

    #[test]
    fn serde_keeps_a_value_as_it_is(value in value()) {
        let copy: Value = from_value(to_value(&value).unwrap()).unwrap();
        prop_assert!(same(&copy, &value), "{copy:?}");
    }

    #[test]
    fn json_keeps_a_value_as_it_is(value in value()) {
        let json = serde_json::to_string(&value).unwrap();
        let back: Value = serde_json::from_str(&json).unwrap();
        prop_assert!(same(&back, &value), "{json}: {back:?}");
    }

    #[test]
    fn a_mutation_is_an_error_or_another_value(
        value in value(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encoded(&value).to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(1 + cut.index(bytes.len()));
        match decode(&bytes) {
            Ok(value) => prop_assert!(value.encode(&mut BytesMut::new()).is_ok_and(|()| true)
                || value.encode(&mut BytesMut::new()).unwrap_err().kind == EncodeErrorKind::NonAsciiKey),
            Err(error) => prop_assert!(error.offset <= bytes.len()),
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_a_value(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(decode(&bytes));
        drop(Message::decode(bytes.into(), &Limits::default()));
    }
}

#[test]
fn reading_shares_the_input_and_copies_nothing() {
    let image = vec![7; 10_000];
    let bytes = encoded(&Value::List(vec![Value::Bytes(image.into()), Value::from("text")]));
    let range = bytes.as_ptr_range();
    let value = Value::decode(bytes.clone(), &Limits::default()).unwrap();
    let list = value.as_list().unwrap();
    assert!(range.contains(&list[0].as_bytes().unwrap().as_ptr()));
    assert!(range.contains(&list[1].as_str().unwrap().as_ptr()));
}

#[test]
fn an_error_says_what_is_wrong_and_where() {
    let dict = |value: Value| Value::Dict(Dict::from_iter([("message", value)]));
    let inner = Value::List(vec![Value::from("fine"), Value::from("ab")]);
    let mut bytes = encoded(&dict(dict(inner))).to_vec();
    let at = bytes.len() - 2;
    bytes[at] = 0xff;
    let error = decode(&bytes).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::NotUtf8);
    assert_eq!(error.to_string(), format!("text that is not utf-8 (byte {at}, at .message.message[1])"));
}

#[test]
fn nesting_is_bounded_whatever_the_settings_say() {
    let nested = |depth: usize| (1..depth).fold(Value::List(Vec::new()), |inner, _| Value::List(vec![inner]));
    assert!(decode(&encoded(&nested(32))).is_ok());
    assert_eq!(decode(&encoded(&nested(33))).unwrap_err().kind, DecodeErrorKind::TooDeep(32));
    assert!(nested(128).encode(&mut BytesMut::new()).is_ok());
    let error = nested(129).encode(&mut BytesMut::new()).unwrap_err();
    assert_eq!(error.kind, EncodeErrorKind::TooDeep);
    assert_eq!(encode_to(&nested(129), &mut BytesMut::new()).unwrap_err().kind, EncodeErrorKind::TooDeep);
    let mut bomb = Vec::new();
    for depth in (0..100_000_u32).rev() {
        bomb.push(4);
        bomb.extend(depth.saturating_mul(5).to_be_bytes());
    }
    let endless = Limits { max_depth: usize::MAX, ..Limits::default() };
    let error = Value::decode(bomb.into(), &endless).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::TooDeep(Limits::DEPTH_CEILING));
}

#[test]
fn the_number_of_values_in_a_message_is_bounded() {
    let limits = Limits { max_elements: 10, ..Limits::default() };
    let list = |count| Value::List(vec![Value::from(1); count]);
    assert!(Value::decode(encoded(&list(10)), &limits).is_ok());
    // Those inside others count too.
    let nested = Value::List(vec![list(4), list(5)]);
    let error = Value::decode(encoded(&nested), &limits).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::TooManyElements(10));
    assert_eq!(error.path.to_string(), "[1][4]");
}

#[test]
fn keys_are_bounded_and_ascii() {
    let dict = |key: &str| Value::Dict(Dict::from_iter([(key.to_owned(), Value::from(1))]));
    let limits = Limits { max_key_len: 3, ..Limits::default() };
    assert!(Value::decode(encoded(&dict("abc")), &limits).is_ok());
    let error = Value::decode(encoded(&dict("abcd")), &limits).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::KeyTooLong { length: 4, max: 3 });
    let refused = |key: &str| dict(key).encode(&mut BytesMut::new()).unwrap_err().kind;
    assert_eq!(refused(&"k".repeat(256)), EncodeErrorKind::KeyTooLong(256));
    assert_eq!(refused("é"), EncodeErrorKind::NonAsciiKey);
}

#[test]
fn a_refused_value_leaves_nothing_behind() {
    let mut out = BytesMut::from(&b"before"[..]);
    let value = Value::List(vec![Value::from("written"), Value::None]);
    let error = value.encode(&mut out).unwrap_err();
    assert_eq!(error.to_string(), "none can't stand inside a list or dict (at [1])");
    assert_eq!(encode_to(&value, &mut out).unwrap_err(), error);
    assert_eq!(out, "before");
}

#[test]
fn the_last_of_equal_keys_counts_at_the_place_of_the_first_also_in_large_dicts() {
    let mut dict: Dict = (0..1000_u64).map(|number| (format!("k{number}"), number)).collect();
    assert_eq!(dict.insert("k3", "new"), Some(Value::from(3)));
    assert_eq!(dict.len(), 1000);
    assert_eq!(dict.iter().nth(3), Some(("k3", &Value::from("new"))));
    assert_eq!(dict.get("k999"), Some(&Value::from(999)));
    let bytes =
        [b"\x05\0\0\0\x10".as_slice(), b"\x01a\x01\0\0\0\x01\x01", b"\x01a\x01\0\0\0\x01\x02"].concat();
    assert_eq!(decode(&bytes).unwrap(), Value::Dict(Dict::from_iter([("a", 2_u64)])));
}

#[test]
fn debug_shows_lengths_and_not_megabytes() {
    let value = Value::List(vec![Value::Bytes(vec![1; 1 << 20].into()), Value::from("x".repeat(1 << 20))]);
    assert!(format!("{value:?}").len() < 400);
    assert!(format!("{value:?}").starts_with("[bytes[1048576], \"xxx"));
}

#[test]
fn ints_of_any_size_are_shown_in_decimal() {
    let int = Int::from_decimal("340282366920938463463374607431768211456").unwrap();
    assert_eq!(int.to_string(), "340282366920938463463374607431768211456");
    assert_eq!((int.to_u64(), int.to_u128()), (None, None));
    assert_eq!(Int::from_be_bytes(&[0, 0, 5]), Int::from(5));
    assert_eq!(Int::from_be_bytes(&vec![255; 100_000]).to_string(), "<int of 800000 bits>");
    assert_eq!(Int::from_decimal("+1"), None);
}
