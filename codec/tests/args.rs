//! Parameters as plain Rust types: what goes, what is refused, and what the refusal says.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop")]

use std::collections::BTreeMap;

use bytes::BytesMut;
use serde::{Deserialize, Serialize};
use uchat_codec::chat::{CallResult, Login, Register, SearchUsers};
use uchat_codec::{ArgsError, Blob, Dict, EncodeErrorKind, Int, Value, encode_to, from_value, to_value};

fn list(values: impl IntoIterator<Item = Value>) -> Value {
    Value::List(values.into_iter().collect())
}

fn says<T: serde::de::DeserializeOwned>(value: Value) -> String {
    from_value::<T>(value).map(|_| ()).unwrap_err().to_string()
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Dot,
    Circle(u8),
    Line(u8, u8),
    Box { width: u16 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(u32);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    shapes: Vec<Shape>,
    wrapped: Wrapped,
    letter: char,
    signed: i64,
    wide: u128,
    float: f64,
    absent: Option<u8>,
    present: Option<u8>,
    map: BTreeMap<String, Option<bool>>,
    blob: Blob,
    value: Value,
}

fn everything() -> Everything {
    Everything {
        shapes: vec![Shape::Dot, Shape::Circle(1), Shape::Line(2, 3), Shape::Box { width: 400 }],
        wrapped: Wrapped(5),
        letter: '汉',
        signed: 6,
        wide: u128::MAX,
        float: 1.5,
        absent: None,
        present: Some(7),
        map: BTreeMap::from([("yes".into(), Some(true))]),
        blob: Blob(vec![1, 2].into()),
        value: list([Value::from("inner")]),
    }
}

#[test]
fn every_serde_shape_goes_there_and_back() {
    let value = to_value(&everything()).unwrap();
    assert_eq!(from_value::<Everything>(value.clone()).unwrap(), everything());
    let json = serde_json::to_string(&everything()).unwrap();
    assert_eq!(serde_json::from_str::<Everything>(&json).unwrap(), everything());
    // What is absent is not written at all.
    let keys: Vec<_> = value.as_dict().unwrap().iter().map(|(key, _)| key).collect();
    assert!(!keys.contains(&"absent") && keys.contains(&"present"));
}

#[test]
fn bytes_and_values_are_read_without_a_copy() {
    #[derive(Deserialize)]
    struct Args {
        blob: Blob,
        value: Value,
    }
    let bytes = bytes::Bytes::from(vec![1; 1000]);
    let entries = [("blob", Value::Bytes(bytes.clone())), ("value", Value::Bytes(bytes.clone()))];
    let args: Args = from_value(Value::Dict(entries.into_iter().collect())).unwrap();
    assert_eq!(args.blob.0.as_ptr(), bytes.as_ptr());
    assert_eq!(args.value.as_bytes().unwrap().as_ptr(), bytes.as_ptr());
}

#[test]
fn a_wrong_kind_is_told_with_its_place() {
    assert_eq!(
        says::<Login>(list([Value::from(5), Value::from("pw")])),
        "expected a string at [0], found an int"
    );
    assert_eq!(says::<Login>(Value::from("alice")), "expected a list, found a string");
    assert_eq!(says::<u64>(Value::Bool(true)), "expected an int, found a bool");
    assert_eq!(says::<bool>(Value::from(1)), "expected a bool, found an int");
    assert_eq!(says::<String>(Value::Bytes(vec![65].into())), "expected a string, found bytes");
    assert_eq!(says::<Blob>(Value::from("A")), "expected bytes, found a string");
    assert_eq!(says::<String>(Value::None), "expected a string, found nothing");
}

#[test]
fn a_wrong_size_or_a_missing_field_is_told_with_its_place() {
    assert_eq!(says::<u8>(Value::from(256)), "the int is too large for u8");
    assert_eq!(
        says::<(bool, u64)>(list([Value::Bool(true), Int::from_be_bytes(&[1; 9]).into()])),
        "the int at [1] is too large for u64"
    );
    assert_eq!(says::<Login>(list([Value::from("alice")])), "expected a list of 2, found 1 elements");
    assert_eq!(says::<Register>(list(vec![Value::from("x"); 8])), "expected a list of 7, found 8 elements");
    let calls = list([Value::Dict(Dict::from_iter([("limit", 3_u64)]))]);
    assert_eq!(says::<Vec<SearchUsers>>(calls), "`prefix` is missing at [0]");
}

#[test]
fn a_refusal_does_not_repeat_what_the_peer_sent() {
    let error: ArgsError = from_value::<Shape>(Value::from("my secret")).unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn keys_that_nobody_knows_are_ignored() {
    let args = Dict::from_iter([("more", Value::None), ("prefix", Value::from("a"))]);
    let args: SearchUsers = from_value(Value::Dict(args)).unwrap();
    assert_eq!(args, SearchUsers { prefix: "a".into(), limit: 20 });
}

#[test]
fn what_the_wire_cannot_carry_is_refused() {
    let refused = |error: uchat_codec::EncodeError| (error.kind.clone(), error.path.to_string());
    assert_eq!(refused(to_value(&(1, -1)).unwrap_err()), (EncodeErrorKind::NegativeInt, "[1]".into()));
    assert_eq!(refused(to_value(&[Some(1), None]).unwrap_err()), (EncodeErrorKind::NestedNone, "[1]".into()));
    let numbered = BTreeMap::from([(1, 2)]);
    assert_eq!(refused(to_value(&numbered).unwrap_err()).0, EncodeErrorKind::KeyNotText);
    let accented = BTreeMap::from([("é", 2)]);
    assert_eq!(refused(to_value(&accented).unwrap_err()).0, EncodeErrorKind::NonAsciiKey);
    let mut out = BytesMut::from(&b"x"[..]);
    assert!(encode_to(&(1, -1), &mut out).is_err());
    assert_eq!(out, "x");
}

#[test]
fn nothing_is_one_byte_at_the_top() {
    for value in [to_value(&()).unwrap(), to_value(&None::<u8>).unwrap()] {
        assert_eq!(value, Value::None);
    }
    let mut out = BytesMut::new();
    encode_to(&(), &mut out).unwrap();
    assert_eq!(out, [0_u8][..]);
    assert_eq!(from_value::<Option<u8>>(Value::None).unwrap(), None);
}

#[test]
fn a_float_is_written_little_endian() {
    let mut out = BytesMut::new();
    encode_to(&1.5_f64, &mut out).unwrap();
    assert_eq!(out, [2, 0, 0, 0, 4, 0, 0, 0xc0, 0x3f][..]);
    assert_eq!(to_value(&1.5_f64).unwrap(), Value::Float(1.5));
}

#[test]
fn a_call_that_returns_nothing_answers_true() {
    let value = to_value(&CallResult::ok(4, Value::None)).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"id":4,"ok":true}"#);
    let value = to_value(&CallResult::err(4, "unknown", "no")).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"id":4,"err":{"code":"unknown","message":"no"}}"#);
    assert_eq!(from_value::<CallResult>(value).unwrap(), CallResult::err(4, "unknown", "no"));
    assert!(from_value::<CallResult>(Value::Dict(Dict::from_iter([("id", 4_u64)]))).is_err());
}

#[test]
fn json_says_what_it_has_no_words_for() {
    let json = |value: Value| serde_json::to_string(&value).unwrap();
    assert_eq!(json(Value::Bytes(vec![0, 255].into())), r#"{"$bytes":"00ff"}"#);
    assert_eq!(json(Value::Float(f32::INFINITY)), r#"{"$float":"7f800000"}"#);
    assert_eq!(
        json(Int::from_be_bytes(&[1, 0, 0, 0, 0, 0, 0, 0, 0]).into()),
        r#"{"$int":"18446744073709551616"}"#
    );
    let dollar = Value::Dict(Dict::from_iter([("$bytes", "00")]));
    assert_eq!(json(dollar), r#"{"$dict":{"$bytes":"00"}}"#);
    assert!(serde_json::from_str::<Value>("-1").is_err());
    assert!(serde_json::from_str::<Value>(r#"{"$bytes":"0"}"#).is_err());
}
