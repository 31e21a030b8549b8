//! Serde over the value format: the parameters of a message are a plain struct.
//!
//! | Rust | wire |
//! | --- | --- |
//! | unsigned integers, non-negative signed ones | int |
//! | `f32`, `f64` (rounded) | float |
//! | `str`, `char`, unit variants | str |
//! | sequences, tuples, tuple structs | list |
//! | structs, maps with text keys | dict; an entry whose value is an `Option::None` is left out |
//! | `bool` | bool |
//! | [`Blob`], `serialize_bytes` | bytes |
//! | `()`, `None` | none, outermost only |
//! | newtype structs | what is inside |
//! | other variants | dict of one entry: the name of the variant |
//!
//! Reading is strict about kinds: an int is not taken for a bool. Keys that a struct doesn't have are ignored.
//! [`Value`] and [`Blob`] are read by [`from_value`] without copying.

mod access;
mod blob;
mod compound;
mod de;
mod error;
pub(crate) mod handoff;
mod human;
mod ser;

use bytes::BytesMut;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use blob::Blob;
pub use error::{ArgsError, ArgsErrorKind};

use crate::value::decode;
use crate::{EncodeError, Limits, Value};

/// Turns any serde type into a value.
pub fn to_value<T: Serialize + ?Sized>(source: &T) -> Result<Value, EncodeError> {
    let mut bytes = BytesMut::new();
    source.serialize(ser::Serializer::new(&mut bytes, ser::Floats::AsRead))?;
    let limits = Limits { max_depth: Limits::DEPTH_CEILING, max_elements: usize::MAX, ..Limits::default() };
    // What was just written can be read, so this never fails; if it did, an error is better than a panic.
    decode::top_level(&bytes.freeze(), 0, &limits).map_err(serde::ser::Error::custom)
}

/// Appends any serde type to `out` as a value; after an error `out` is as it was.
pub fn encode_to<T: Serialize + ?Sized>(source: &T, out: &mut BytesMut) -> Result<(), EncodeError> {
    let before = out.len();
    let done = source.serialize(ser::Serializer::new(out, ser::Floats::AsWritten));
    done.map(drop).inspect_err(|_| out.truncate(before))
}

/// Turns a value into any serde type.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, ArgsError> {
    T::deserialize(de::Deserializer::new(value))
}
