//! Values to bytes, with lengths filled in afterwards.

use bytes::{BufMut, BytesMut};

use super::path::Path;
use super::{Value, tag};
use crate::Limits;

/// Why something can't be written in a way that peers can read back, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (at {path})")]
pub struct EncodeError {
    /// In which value it lies.
    pub path: Path,
    /// What is wrong.
    pub kind: EncodeErrorKind,
}

/// What can't be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// None inside a list or a dict: the existing program writes it, but can't read it back.
    #[error("none can't stand inside a list or dict")]
    NestedNone,
    /// A key of more than 255 bytes.
    #[error("a key of {0} bytes; at most 255 are possible")]
    KeyTooLong(usize),
    /// A key outside ASCII: the existing program counts its characters and not its bytes.
    #[error("a key that is not ascii")]
    NonAsciiKey,
    /// A map whose keys aren't text.
    #[error("keys must be text")]
    KeyNotText,
    /// A negative integer.
    #[error("negative integers can't be written")]
    NegativeInt,
    /// A body that its length field can't express.
    #[error("a value of {0} bytes; at most 4294967295 are possible")]
    TooLong(usize),
    /// Deeper than [`Limits::DEPTH_CEILING`].
    #[error("nested deeper than {max}", max = Limits::DEPTH_CEILING)]
    TooDeep,
    /// What a type's own `Serialize` says.
    #[error("{0}")]
    Custom(String),
}

impl From<EncodeErrorKind> for EncodeError {
    fn from(kind: EncodeErrorKind) -> Self {
        Self { path: Path::default(), kind }
    }
}

impl EncodeError {
    pub(crate) fn under_key(mut self, key: &str) -> Self {
        self.path.under_key(key);
        self
    }

    pub(crate) fn under_index(mut self, index: usize) -> Self {
        self.path.under_index(index);
        self
    }
}

/// Writes a whole value. `depth` is how many lists and dicts hold it.
pub(crate) fn value(value: &Value, depth: usize, out: &mut BytesMut) -> Result<(), EncodeError> {
    match value {
        Value::None => none(depth, out)?,
        Value::Int(int) => int.with_be_bytes(|bytes| scalar(tag::INT, bytes, out))?,
        Value::Float(float) => scalar(tag::FLOAT, &float.to_le_bytes(), out)?,
        Value::Str(text) => scalar(tag::STR, text.as_bytes(), out)?,
        Value::List(list) => {
            let start = begin(tag::LIST, depth, out)?;
            for (index, element) in list.iter().enumerate() {
                self::value(element, depth + 1, out).map_err(|error| error.under_index(index))?;
            }
            finish(start, out)?;
        }
        Value::Dict(dict) => {
            let start = begin(tag::DICT, depth, out)?;
            for (name, element) in dict.iter() {
                key(name, out)?;
                self::value(element, depth + 1, out).map_err(|error| error.under_key(name))?;
            }
            finish(start, out)?;
        }
        Value::Bool(bool) => scalar(tag::BOOL, &[u8::from(*bool)], out)?,
        Value::Bytes(bytes) => scalar(tag::BYTES, bytes, out)?,
    }
    Ok(())
}

/// Writes none, which only the outermost value can be.
pub(crate) fn none(depth: usize, out: &mut BytesMut) -> Result<(), EncodeErrorKind> {
    if depth > 0 {
        return Err(EncodeErrorKind::NestedNone);
    }
    out.put_u8(tag::NONE);
    Ok(())
}

/// Writes a value whose body is at hand.
pub(crate) fn scalar(tag: u8, body: &[u8], out: &mut BytesMut) -> Result<(), EncodeErrorKind> {
    let length = u32::try_from(body.len()).map_err(|_| EncodeErrorKind::TooLong(body.len()))?;
    out.reserve(body.len() + 5);
    out.put_u8(tag);
    out.put_u32(length);
    out.put_slice(body);
    Ok(())
}

/// Writes the head of a list or dict; the result goes to [`finish`].
pub(crate) fn begin(tag: u8, depth: usize, out: &mut BytesMut) -> Result<usize, EncodeErrorKind> {
    if depth >= Limits::DEPTH_CEILING {
        return Err(EncodeErrorKind::TooDeep);
    }
    out.put_u8(tag);
    out.put_u32(0);
    Ok(out.len())
}

/// Fills in the length of what was written since [`begin`].
pub(crate) fn finish(start: usize, out: &mut BytesMut) -> Result<(), EncodeErrorKind> {
    let length = out.len() - start;
    let field = u32::try_from(length).map_err(|_| EncodeErrorKind::TooLong(length))?;
    out[start - 4..start].copy_from_slice(&field.to_be_bytes());
    Ok(())
}

/// Writes the key of a dict entry.
pub(crate) fn key(key: &str, out: &mut BytesMut) -> Result<(), EncodeErrorKind> {
    if !key.is_ascii() {
        return Err(EncodeErrorKind::NonAsciiKey);
    }
    let length = u8::try_from(key.len()).map_err(|_| EncodeErrorKind::KeyTooLong(key.len()))?;
    out.put_u8(length);
    out.put_slice(key.as_bytes());
    Ok(())
}
