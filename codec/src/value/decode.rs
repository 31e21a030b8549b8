//! Bytes to values, bounded in depth, count and memory.

use std::ops::Range;

use bytes::Bytes;
use bytestring::ByteString;

use super::path::Path;
use super::{Dict, Int, Value, tag};
use crate::Limits;

/// The tag and the length of a value.
const VALUE_HEADER_LEN: usize = 5;

/// Why bytes are not a value or a message, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (byte {offset}, at {path})")]
pub struct DecodeError {
    /// How many bytes into the input the part begins that is wrong.
    pub offset: usize,
    /// In which value it lies.
    pub path: Path,
    /// What is wrong.
    pub kind: DecodeErrorKind,
}

/// What can be wrong with bytes that should be a value or a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// There is not even an opcode.
    #[error("the message is empty")]
    EmptyMessage,
    /// There is not even a tag.
    #[error("the parameters are missing")]
    EmptyValue,
    /// The first byte of a value is none of the tags.
    #[error("unknown tag {0}")]
    UnknownTag(u8),
    /// None stands inside a list or a dict, where nobody can read it.
    #[error("none inside a list or dict")]
    NestedNone,
    /// The bytes end inside the five bytes before a value's body, or inside a key.
    #[error("{missing} bytes are missing")]
    Truncated {
        /// How many more there should be.
        missing: usize,
    },
    /// An inner value says that it is longer than what holds it.
    #[error("length {length} where only {left} bytes are left")]
    TooLong {
        /// What it says.
        length: usize,
        /// What there is.
        left: usize,
    },
    /// A float that isn't four bytes.
    #[error("a float of {0} bytes")]
    FloatLength(usize),
    /// A bool without a byte.
    #[error("a bool without a byte")]
    EmptyBool,
    /// Text that isn't UTF-8.
    #[error("text that is not utf-8")]
    NotUtf8,
    /// More than [`Limits::max_depth`].
    #[error("nested deeper than {0}")]
    TooDeep(usize),
    /// More than [`Limits::max_key_len`].
    #[error("a key of {length} bytes where {max} are allowed")]
    KeyTooLong {
        /// What it has.
        length: usize,
        /// What it may have.
        max: usize,
    },
    /// More than [`Limits::max_elements`].
    #[error("more than {0} values in one message")]
    TooManyElements(usize),
}

impl DecodeErrorKind {
    pub(crate) fn at(self, offset: usize) -> DecodeError {
        DecodeError { offset, path: Path::default(), kind: self }
    }
}

/// Reads the value that begins at `start`, by the lenient rules for the outermost value (PROTOCOL.md §2.8).
pub(crate) fn top_level(input: &Bytes, start: usize, limits: &Limits) -> Result<Value, DecodeError> {
    let Some(&first) = input.get(start) else { return Err(DecodeErrorKind::EmptyValue.at(start)) };
    if first == tag::NONE {
        return Ok(Value::None);
    }
    let body = match input.get(start + 1..start + VALUE_HEADER_LEN) {
        Some(length) => {
            let from = start + VALUE_HEADER_LEN;
            from..from.saturating_add(be_length(length)).min(input.len())
        }
        // The existing program reads a missing length as 0.
        None => input.len()..input.len(),
    };
    let mut reader = Reader {
        input,
        max_depth: limits.max_depth.min(Limits::DEPTH_CEILING),
        max_key_len: limits.max_key_len,
        max_elements: limits.max_elements,
        elements: 0,
    };
    reader.body(first, start, body, 0)
}

fn be_length(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
}

struct Reader<'a> {
    input: &'a Bytes,
    max_depth: usize,
    max_key_len: usize,
    max_elements: usize,
    /// How many values have been read inside lists and dicts.
    elements: usize,
}

impl Reader<'_> {
    /// Reads a value of which tag and extent are known. `start` is where its tag is, `depth` how many hold it.
    fn body(
        &mut self,
        tag: u8,
        start: usize,
        body: Range<usize>,
        depth: usize,
    ) -> Result<Value, DecodeError> {
        let bytes = &self.input[body.clone()];
        Ok(match tag {
            tag::INT => Value::Int(Int::from_be_bytes(bytes)),
            tag::FLOAT => match <[u8; 4]>::try_from(bytes) {
                // Written in the other order: PROTOCOL.md §2.3.
                Ok(bytes) => Value::Float(f32::from_be_bytes(bytes)),
                Err(_) => return Err(DecodeErrorKind::FloatLength(bytes.len()).at(start)),
            },
            tag::STR => Value::Str(self.text(body)?),
            tag::LIST => {
                self.descend(start, depth)?;
                Value::List(self.list(body, depth + 1)?)
            }
            tag::DICT => {
                self.descend(start, depth)?;
                Value::Dict(self.dict(body, depth + 1)?)
            }
            tag::BOOL => match bytes.first() {
                Some(byte) => Value::Bool(*byte != 0),
                None => return Err(DecodeErrorKind::EmptyBool.at(start)),
            },
            tag::BYTES => Value::Bytes(self.input.slice(body)),
            tag::NONE => return Err(DecodeErrorKind::NestedNone.at(start)),
            unknown => return Err(DecodeErrorKind::UnknownTag(unknown).at(start)),
        })
    }

    fn descend(&self, start: usize, depth: usize) -> Result<(), DecodeError> {
        if depth < self.max_depth { Ok(()) } else { Err(DecodeErrorKind::TooDeep(self.max_depth).at(start)) }
    }

    fn text(&self, body: Range<usize>) -> Result<ByteString, DecodeError> {
        let start = body.start;
        ByteString::try_from(self.input.slice(body)).map_err(|_| DecodeErrorKind::NotUtf8.at(start))
    }

    fn list(&mut self, body: Range<usize>, depth: usize) -> Result<Vec<Value>, DecodeError> {
        let mut list = Vec::with_capacity(self.count(&body, false));
        let mut at = body.start;
        while at < body.end {
            let (value, next) = self.element(at, body.end, depth).map_err(|mut error| {
                error.path.under_index(list.len());
                error
            })?;
            list.push(value);
            at = next;
        }
        Ok(list)
    }

    fn dict(&mut self, body: Range<usize>, depth: usize) -> Result<Dict, DecodeError> {
        let mut dict = Dict::with_capacity(self.count(&body, true));
        let mut at = body.start;
        while at < body.end {
            let (key, after_key) = self.key(at, body.end)?;
            let (value, next) = self.element(after_key, body.end, depth).map_err(|mut error| {
                error.path.under_key(&key);
                error
            })?;
            dict.insert(key, value);
            at = next;
        }
        Ok(dict)
    }

    /// How many values lie side by side, by their lengths alone. What is reserved for them is exact that way, and no
    /// length that lies can make it more than a small multiple of the bytes that are really there.
    fn count(&self, body: &Range<usize>, keyed: bool) -> usize {
        let room = self.max_elements - self.elements;
        let (mut at, mut count) = (body.start, 0);
        while at < body.end && count < room {
            let head = if keyed { at + 1 + usize::from(self.input[at]) } else { at };
            let Some(from) = head.checked_add(VALUE_HEADER_LEN).filter(|from| *from <= body.end) else {
                break;
            };
            at = from.saturating_add(be_length(&self.input[head + 1..from]));
            count += 1;
        }
        count
    }

    fn key(&self, at: usize, end: usize) -> Result<(ByteString, usize), DecodeError> {
        let length = usize::from(self.input[at]);
        if length > self.max_key_len {
            return Err(DecodeErrorKind::KeyTooLong { length, max: self.max_key_len }.at(at));
        }
        let left = end - at - 1;
        if length > left {
            return Err(DecodeErrorKind::Truncated { missing: length - left }.at(at));
        }
        let after = at + 1 + length;
        Ok((self.text(at + 1..after)?, after))
    }

    /// Reads a value inside a list or a dict; also says where the next one begins.
    fn element(&mut self, at: usize, end: usize, depth: usize) -> Result<(Value, usize), DecodeError> {
        self.elements += 1;
        if self.elements > self.max_elements {
            return Err(DecodeErrorKind::TooManyElements(self.max_elements).at(at));
        }
        let have = end - at;
        let header = match self.input[at..end].first() {
            Some(&tag::NONE) => return Err(DecodeErrorKind::NestedNone.at(at)),
            Some(&tag) if tag > tag::BYTES => return Err(DecodeErrorKind::UnknownTag(tag).at(at)),
            Some(&tag) if have >= VALUE_HEADER_LEN => tag,
            _ => return Err(DecodeErrorKind::Truncated { missing: VALUE_HEADER_LEN - have }.at(at)),
        };
        let from = at + VALUE_HEADER_LEN;
        let length = be_length(&self.input[at + 1..from]);
        let left = end - from;
        if length > left {
            return Err(DecodeErrorKind::TooLong { length, left }.at(at));
        }
        let next = from + length;
        Ok((self.body(header, at, from..next, depth)?, next))
    }
}
