//! A value to any serde type.

use serde::de::{self, Visitor};

use super::access::{Elements, Entries, Variant};
use super::{ArgsError, handoff};
use crate::Value;
use crate::value::Int;

/// Gives one value to a visitor.
pub(super) struct Deserializer {
    value: Value,
}

impl Deserializer {
    pub(super) fn new(value: Value) -> Self {
        Self { value }
    }

    fn mismatch<T>(&self, expected: &str) -> Result<T, ArgsError> {
        Err(ArgsError::mismatch(expected, self.value.kind()))
    }
}

fn visit_int<'de, V: Visitor<'de>>(int: &Int, visitor: V) -> Result<V::Value, ArgsError> {
    if let Some(small) = int.to_u64() {
        return visitor.visit_u64(small);
    }
    match int.to_u128() {
        Some(number) => visitor.visit_u128(number),
        None => Err(de::Error::custom("an int of more than 128 bits")),
    }
}

/// An int for a type of at most 64 bits: what is larger doesn't fit, whatever the type.
fn visit_small<'de, V: Visitor<'de>>(value: &Value, visitor: V) -> Result<V::Value, ArgsError> {
    match value {
        Value::Int(int) => match int.to_u64() {
            Some(small) => visitor.visit_u64(small),
            None => Err(de::Error::invalid_value(de::Unexpected::Unsigned(u64::MAX), &visitor)),
        },
        other => Err(ArgsError::mismatch("an int", other.kind())),
    }
}

macro_rules! small_ints {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
            visit_small(&self.value, visitor)
        }
    )*};
}

macro_rules! large_ints {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
            match &self.value {
                Value::Int(int) => visit_int(int, visitor),
                _ => self.mismatch("an int"),
            }
        }
    )*};
}

macro_rules! floats {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
            match self.value {
                Value::Float(float) => visitor.visit_f32(float),
                _ => self.mismatch("a float"),
            }
        }
    )*};
}

macro_rules! texts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
            match &self.value {
                Value::Str(text) => visitor.visit_str(text),
                _ => self.mismatch("a string"),
            }
        }
    )*};
}

macro_rules! byte_strings {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
            match &self.value {
                Value::Bytes(bytes) => visitor.visit_bytes(bytes),
                _ => self.mismatch("bytes"),
            }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Deserializer {
    type Error = ArgsError;

    small_ints! {
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
    }
    large_ints! { deserialize_u128 deserialize_i128 }
    floats! { deserialize_f32 deserialize_f64 }
    texts! { deserialize_char deserialize_str deserialize_string deserialize_identifier }
    byte_strings! { deserialize_bytes deserialize_byte_buf }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        match self.value {
            Value::None => visitor.visit_unit(),
            Value::Int(int) => visit_int(&int, visitor),
            Value::Float(float) => visitor.visit_f32(float),
            Value::Str(text) => visitor.visit_str(&text),
            Value::List(list) => Elements::visit(list, visitor),
            Value::Dict(dict) => Entries::visit(dict, visitor),
            Value::Bool(bool) => visitor.visit_bool(bool),
            Value::Bytes(bytes) => visitor.visit_bytes(&bytes),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        match self.value {
            Value::Bool(bool) => visitor.visit_bool(bool),
            _ => self.mismatch("a bool"),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        match self.value {
            Value::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        match self.value {
            Value::None => visitor.visit_unit(),
            _ => self.mismatch("nothing"),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        self.deserialize_unit(visitor)
    }

    /// Our own types take the value as it is; for others a newtype is what is inside.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        match (name, &self.value) {
            (handoff::VALUE, _) | (handoff::BLOB, Value::Bytes(_)) => {
                handoff::put(self.value);
                visitor.visit_unit()
            }
            (handoff::BLOB, _) => self.mismatch("bytes"),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        match self.value {
            Value::List(list) => Elements::visit(list, visitor),
            _ => self.mismatch("a list"),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, ArgsError> {
        match self.value {
            Value::List(list) if list.len() == len => Elements::visit(list, visitor),
            Value::List(list) => Err(de::Error::invalid_length(
                list.len(),
                &format_args!("a list of {len}").to_string().as_str(),
            )),
            _ => self.mismatch("a list"),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        match self.value {
            Value::Dict(dict) => Entries::visit(dict, visitor),
            _ => self.mismatch("a dict"),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        match self.value {
            Value::Str(name) => visitor.visit_enum(Variant::new(name, Value::None)),
            Value::Dict(dict) if dict.len() == 1 => {
                let Some((name, content)) = dict.into_iter().next() else {
                    return Err(ArgsError::mismatch("a variant", "a dict"));
                };
                visitor.visit_enum(Variant::new(name, content))
            }
            _ => self.mismatch("a string or a dict of one entry"),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
