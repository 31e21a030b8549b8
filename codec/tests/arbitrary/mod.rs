//! Arbitrary values for property tests.

use proptest::prelude::*;
use uchat_codec::{Dict, Int, Value};

/// Values that can be written: no none inside, keys of ASCII.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::None), 30 => nested()]
}

fn nested() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Int::from_be_bytes(&bytes).into()),
        any::<f32>().prop_map(Value::Float),
        ".{0,20}".prop_map(Value::from),
        any::<bool>().prop_map(Value::Bool),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Value::Bytes(bytes.into())),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::List),
            // Up to 40 entries, so that dicts with an index are among them; "$" is special in JSON.
            prop::collection::vec(("[$a-z]{0,3}", inner), 0..40)
                .prop_map(|pairs| Value::Dict(pairs.into_iter().collect::<Dict>())),
        ]
    })
}

/// Whether two values are the same, floats bit for bit.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Dict(one), Value::Dict(other)) => {
            let mut pairs = one.iter().zip(other.iter());
            one.len() == other.len() && pairs.all(|(one, other)| one.0 == other.0 && same(one.1, other.1))
        }
        _ => one == other,
    }
}

/// The value as a peer reads it: the bytes of floats come out the other way round.
pub(crate) fn as_read(value: &Value) -> Value {
    match value {
        Value::Float(float) => Value::Float(f32::from_bits(float.to_bits().swap_bytes())),
        Value::List(list) => Value::List(list.iter().map(as_read).collect()),
        Value::Dict(dict) => Value::Dict(dict.iter().map(|(key, value)| (key, as_read(value))).collect()),
        other => other.clone(),
    }
}
