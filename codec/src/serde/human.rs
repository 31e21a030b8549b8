//! Values in formats of others, JSON above all.
//!
//! | value | JSON |
//! | --- | --- |
//! | none, bool, str, list | the same |
//! | int up to `u64::MAX` | number |
//! | larger int | `{"$int": "<decimal, or 0x and hex>"}` |
//! | float | number; `{"$float": "<bits in hex>"}` for infinity and NaN |
//! | bytes | `{"$bytes": "<hex>"}` |
//! | dict | object; `{"$dict": {…}}` around a dict whose first key begins with `$` |
//!
//! In binary formats bytes are bytes, and larger ints their big-endian bytes.

use std::fmt;

use bytes::Bytes;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::handoff;
use crate::value::Int;
use crate::{Dict, Value};

const BYTES: &str = "$bytes";
const INT: &str = "$int";
const FLOAT: &str = "$float";
const DICT: &str = "$dict";
/// The key under which `serde_json` hands out numbers when it keeps them as text.
const JSON_NUMBER: &str = "$serde_json::private::Number";

/// Writes bytes for people.
pub(super) fn bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    single(BYTES, &to_hex(bytes), serializer)
}

/// Reads a value from a deserializer that isn't ours.
pub(super) fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    deserializer.deserialize_any(AnyVisitor { plain: false })
}

fn single<S: Serializer, T: Serialize + ?Sized>(
    key: &str,
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let human = serializer.is_human_readable();
        match self {
            Self::None => serializer.serialize_unit(),
            Self::Int(int) => int.serialize(serializer),
            Self::Float(float) if human && !float.is_finite() => {
                single(FLOAT, &format!("{:08x}", float.to_bits()), serializer)
            }
            Self::Float(float) => serializer.serialize_f32(*float),
            Self::Str(text) => serializer.serialize_str(text),
            Self::List(list) => serializer.collect_seq(list),
            Self::Dict(dict) if human && is_ambiguous(dict) => single(DICT, dict, serializer),
            Self::Dict(dict) => dict.serialize(serializer),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::Bytes(bytes) if human => self::bytes(bytes, serializer),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
        }
    }
}

/// Whether a reader could take the dict for something else.
fn is_ambiguous(dict: &Dict) -> bool {
    dict.iter().next().is_some_and(|(key, _)| key.starts_with('$'))
}

impl Serialize for Dict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl Serialize for Int {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(small) = self.to_u64() {
            return serializer.serialize_u64(small);
        }
        if serializer.is_human_readable() {
            // Hex for what would take long to write in decimal.
            let text = match Int::from_decimal(&self.to_string()) {
                Some(_) => self.to_string(),
                None => format!("0x{}", self.with_be_bytes(to_hex)),
            };
            return single(INT, &text, serializer);
        }
        serializer.serialize_newtype_struct(handoff::BIG_INT, &Raw(self))
    }
}

/// The bytes of an int that no integer type holds.
struct Raw<'a>(&'a Int);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.with_be_bytes(|bytes| serializer.serialize_bytes(bytes))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(handoff::VALUE, ValueVisitor)
    }
}

/// Takes the value that our own deserializer hands over, and reads it from any other.
struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(handoff::take().unwrap_or_default())
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        value(deserializer)
    }
}

/// Reads whatever comes.
#[derive(Clone, Copy)]
struct AnyVisitor {
    /// Whether objects are dicts without a second thought.
    plain: bool,
}

impl<'de> DeserializeSeed<'de> for AnyVisitor {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: de::Error>(self, bool: bool) -> Result<Value, E> {
        Ok(Value::Bool(bool))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u128<E: de::Error>(self, number: u128) -> Result<Value, E> {
        Ok(Int::from_be_bytes(&number.to_be_bytes()).into())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        u64::try_from(number).map(Value::from).map_err(|_| E::custom("negative integers can't be written"))
    }

    fn visit_f32<E: de::Error>(self, float: f32) -> Result<Value, E> {
        Ok(Value::Float(float))
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the wire has single precision only; too large becomes inf"
    )]
    fn visit_f64<E: de::Error>(self, float: f64) -> Result<Value, E> {
        Ok(Value::Float(float as f32))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Bytes::copy_from_slice(bytes).into())
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Bytes::from(bytes).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element_seed(Self { plain: false })? {
            list.push(element);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut dict = Dict::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == JSON_NUMBER && dict.is_empty() && !self.plain {
                return number(&map.next_value::<String>()?);
            }
            let plain = key == DICT && !self.plain;
            dict.insert(key, map.next_value_seed(Self { plain })?);
        }
        if self.plain { Ok(dict.into()) } else { marked(dict) }
    }
}

/// Turns `{"$bytes": …}` and the like into what they stand for.
fn marked<E: de::Error>(dict: Dict) -> Result<Value, E> {
    if dict.len() != 1 || !is_ambiguous(&dict) {
        return Ok(dict.into());
    }
    let Some((key, content)) = dict.into_iter().next() else { return Ok(Value::None) };
    let read = match (&*key, content) {
        (DICT, inner @ Value::Dict(_)) => Some(inner),
        (BYTES, Value::Str(hex)) => from_hex(&hex).map(|bytes| Bytes::from(bytes).into()),
        (FLOAT, Value::Str(hex)) => {
            u32::from_str_radix(&hex, 16).ok().map(|bits| f32::from_bits(bits).into())
        }
        (INT, Value::Str(text)) => match text.strip_prefix("0x") {
            Some(hex) => from_hex(hex).map(|bytes| Int::from_be_bytes(&bytes).into()),
            None => Int::from_decimal(&text).map(Value::from),
        },
        _ => None,
    };
    read.ok_or_else(|| {
        E::custom("an object with one key that begins with $ must be $bytes, $int, $float or $dict")
    })
}

/// Reads a number that was kept as text.
fn number<E: de::Error>(text: &str) -> Result<Value, E> {
    if let Some(int) = Int::from_decimal(text) {
        return Ok(int.into());
    }
    if text.bytes().skip(1).all(|byte| byte.is_ascii_digit()) && text != "-0" {
        return Err(E::custom("negative and endless integers can't be written"));
    }
    text.parse::<f32>().map(Value::Float).map_err(|_| E::custom("not a number"))
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let half = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| Some(half(pair[0])? << 4 | half(pair[1])?)).collect()
}
