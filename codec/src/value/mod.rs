//! Values: what messages are made of.
//!
//! ```text
//! +-------+-------------+----------------+
//! | tag 1 | length u32  | body (length)  |      none is the single byte 00
//! +-------+-------------+----------------+
//! ```
//!
//! PROTOCOL.md §2 describes each kind. Reading slices the input and copies nothing, so a small string that is kept
//! keeps the whole message alive: copy what is to live long.

pub(crate) mod decode;
mod dict;
pub(crate) mod encode;
mod int;
mod path;

use std::fmt;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

pub use decode::{DecodeError, DecodeErrorKind};
pub use dict::Dict;
pub use encode::{EncodeError, EncodeErrorKind};
pub use int::Int;
pub(crate) use int::shortest;
pub use path::Path;

use crate::Limits;

/// The first byte of a value says its kind.
pub(crate) mod tag {
    pub(crate) const NONE: u8 = 0;
    pub(crate) const INT: u8 = 1;
    pub(crate) const FLOAT: u8 = 2;
    pub(crate) const STR: u8 = 3;
    pub(crate) const LIST: u8 = 4;
    pub(crate) const DICT: u8 = 5;
    pub(crate) const BOOL: u8 = 6;
    pub(crate) const BYTES: u8 = 7;
}

/// Anything that can be the parameters of a message.
#[derive(Clone, Default, PartialEq)]
pub enum Value {
    /// Nothing. Only the outermost value can be none.
    #[default]
    None,
    /// An unsigned integer of any size.
    Int(Int),
    /// A single-precision number. The wire turns its bytes around: see PROTOCOL.md §2.3.
    Float(f32),
    /// Text.
    Str(ByteString),
    /// Values in a row.
    List(Vec<Value>),
    /// Named values in their order.
    Dict(Dict),
    /// Yes or no.
    Bool(bool),
    /// Raw bytes.
    Bytes(Bytes),
}

impl Value {
    /// Reads a value. Lenient for the outermost value, as peers are: a length beyond the end is cut, missing length
    /// bytes count as 0, bytes after the value are ignored (PROTOCOL.md §2.8).
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is read shares these bytes: the caller gives them away"
    )]
    pub fn decode(input: Bytes, limits: &Limits) -> Result<Self, DecodeError> {
        decode::top_level(&input, 0, limits)
    }

    /// Appends the value to `out`; after an error `out` is as it was.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        let before = out.len();
        encode::value(self, 0, out).inspect_err(|_| out.truncate(before))
    }

    /// What kind of value it is, with an article, for messages to people.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "nothing",
            Self::Int(_) => "an int",
            Self::Float(_) => "a float",
            Self::Str(_) => "a string",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dict",
            Self::Bool(_) => "a bool",
            Self::Bytes(_) => "bytes",
        }
    }

    /// Whether it is [`Value::None`].
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self { Some(text) } else { None }
    }

    /// The number, if it is an int that fits.
    pub fn as_u64(&self) -> Option<u64> {
        if let Self::Int(int) = self { int.to_u64() } else { None }
    }

    /// The truth, if it is a bool.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(bool) = self { Some(*bool) } else { None }
    }

    /// The elements, if it is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    /// The entries, if it is a dict.
    pub fn as_dict(&self) -> Option<&Dict> {
        if let Self::Dict(dict) = self { Some(dict) } else { None }
    }

    /// The bytes, if it is bytes.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The value of a key, if it is a dict that has the key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_dict()?.get(key)
    }
}

/// Bytes and long text are shown by their length, so that an image does not fill a log.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Longer text is cut when shown.
        const SHOWN_CHARS: usize = 256;
        match self {
            Self::None => f.write_str("None"),
            Self::Int(int) => int.fmt(f),
            Self::Float(float) => fmt::Debug::fmt(float, f),
            Self::Str(text) => match text.char_indices().nth(SHOWN_CHARS) {
                Some((end, _)) => write!(f, "{:?}… ({} bytes)", &text[..end], text.len()),
                None => fmt::Debug::fmt(&**text, f),
            },
            Self::List(list) => f.debug_list().entries(list).finish(),
            Self::Dict(dict) => dict.fmt(f),
            Self::Bool(bool) => bool.fmt(f),
            Self::Bytes(bytes) => write!(f, "bytes[{}]", bytes.len()),
        }
    }
}

macro_rules! from {
    ($($source:ty => $kind:ident,)*) => {$(
        impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Self::$kind(value.into())
            }
        }
    )*};
}

from! {
    u64 => Int,
    Int => Int,
    f32 => Float,
    &str => Str,
    String => Str,
    ByteString => Str,
    Vec<Value> => List,
    Dict => Dict,
    bool => Bool,
    Bytes => Bytes,
}
