//! Any serde type to bytes.

use bytes::BytesMut;
use serde::Serialize;

use super::compound::{Elements, Entries};
use super::handoff;
use crate::EncodeError;
use crate::value::{EncodeErrorKind, encode, shortest, tag};

/// In which order the bytes of a float go out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Floats {
    /// As the existing program writes them: little-endian.
    AsWritten,
    /// As it reads them: big-endian.
    AsRead,
}

/// What has become of a value. An entry of a dict is left out for `Absent`, anything else refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Present,
    Absent,
}

/// Writes one value to the end of a buffer.
pub(super) struct Serializer<'a> {
    pub(super) out: &'a mut BytesMut,
    pub(super) floats: Floats,
    /// How many lists and dicts hold this value.
    pub(super) depth: usize,
    /// Whether it stands in a dict, where an absent one can be left out.
    pub(super) optional: bool,
}

impl<'a> Serializer<'a> {
    pub(super) fn new(out: &'a mut BytesMut, floats: Floats) -> Self {
        Self { out, floats, depth: 0, optional: false }
    }

    fn scalar(self, tag: u8, body: &[u8]) -> Result<Written, EncodeError> {
        encode::scalar(tag, body, self.out)?;
        Ok(Written::Present)
    }

    fn begin(self, tag: u8) -> Result<Frame<'a>, EncodeError> {
        let start = encode::begin(tag, self.depth, self.out)?;
        Ok(Frame { out: self.out, floats: self.floats, depth: self.depth + 1, start, outer: None })
    }

    /// Begins a dict of one entry, inside which the content of a variant goes.
    fn begin_variant(self, variant: &'static str, tag: u8) -> Result<Frame<'a>, EncodeError> {
        let outer = encode::begin(tag::DICT, self.depth, self.out)?;
        encode::key(variant, self.out)?;
        let start = encode::begin(tag, self.depth + 1, self.out)?;
        Ok(Frame { out: self.out, floats: self.floats, depth: self.depth + 2, start, outer: Some(outer) })
    }
}

/// A list or dict that is being written.
pub(super) struct Frame<'a> {
    pub(super) out: &'a mut BytesMut,
    floats: Floats,
    depth: usize,
    start: usize,
    /// Where the dict begins that a variant is wrapped in.
    outer: Option<usize>,
}

impl Frame<'_> {
    /// What writes the next thing inside.
    pub(super) fn inner(&mut self, optional: bool) -> Serializer<'_> {
        Serializer { out: self.out, floats: self.floats, depth: self.depth, optional }
    }

    pub(super) fn finish(self) -> Result<Written, EncodeError> {
        encode::finish(self.start, self.out)?;
        if let Some(outer) = self.outer {
            encode::finish(outer, self.out)?;
        }
        Ok(Written::Present)
    }
}

macro_rules! unsigned {
    ($($method:ident $kind:ty)*) => {$(
        fn $method(self, number: $kind) -> Result<Written, EncodeError> {
            self.scalar(tag::INT, shortest(&number.to_be_bytes()))
        }
    )*};
}

macro_rules! signed {
    ($($method:ident $kind:ty, $unsigned:ty)*) => {$(
        fn $method(self, number: $kind) -> Result<Written, EncodeError> {
            let number = <$unsigned>::try_from(number).map_err(|_| EncodeErrorKind::NegativeInt)?;
            self.scalar(tag::INT, shortest(&number.to_be_bytes()))
        }
    )*};
}

impl<'a> serde::Serializer for Serializer<'a> {
    type Ok = Written;
    type Error = EncodeError;
    type SerializeSeq = Elements<'a>;
    type SerializeTuple = Elements<'a>;
    type SerializeTupleStruct = Elements<'a>;
    type SerializeTupleVariant = Elements<'a>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Entries<'a>;
    type SerializeStructVariant = Entries<'a>;

    unsigned! { serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 serialize_u64 u64 serialize_u128 u128 }
    signed! {
        serialize_i8 i8, u8
        serialize_i16 i16, u16
        serialize_i32 i32, u32
        serialize_i64 i64, u64
        serialize_i128 i128, u128
    }

    fn serialize_bool(self, bool: bool) -> Result<Written, EncodeError> {
        self.scalar(tag::BOOL, &[u8::from(bool)])
    }

    fn serialize_f32(self, float: f32) -> Result<Written, EncodeError> {
        let bytes = match self.floats {
            Floats::AsWritten => float.to_le_bytes(),
            Floats::AsRead => float.to_be_bytes(),
        };
        self.scalar(tag::FLOAT, &bytes)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the wire has single precision only; too large becomes inf"
    )]
    fn serialize_f64(self, float: f64) -> Result<Written, EncodeError> {
        self.serialize_f32(float as f32)
    }

    fn serialize_char(self, char: char) -> Result<Written, EncodeError> {
        self.serialize_str(char.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<Written, EncodeError> {
        self.scalar(tag::STR, text.as_bytes())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Written, EncodeError> {
        self.scalar(tag::BYTES, bytes)
    }

    fn serialize_none(self) -> Result<Written, EncodeError> {
        if self.optional { Ok(Written::Absent) } else { self.serialize_unit() }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Written, EncodeError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Written, EncodeError> {
        encode::none(self.depth, self.out)?;
        Ok(Written::Present)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Written, EncodeError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Written, EncodeError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Written, EncodeError> {
        if name != handoff::BIG_INT {
            return value.serialize(self);
        }
        // The bytes inside are those of an int that no integer type holds: only the tag differs.
        let at = self.out.len();
        let (out, floats, depth) = (self.out, self.floats, self.depth);
        value.serialize(Serializer { out: &mut *out, floats, depth, optional: false })?;
        out[at] = tag::INT;
        Ok(Written::Present)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Written, EncodeError> {
        let mut frame = self.begin(tag::DICT)?;
        encode::key(variant, frame.out)?;
        value.serialize(frame.inner(false)).map_err(|error| error.under_key(variant))?;
        frame.finish()
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Elements<'a>, EncodeError> {
        Ok(Elements::new(self.begin(tag::LIST)?))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Elements<'a>, EncodeError> {
        Ok(Elements::new(self.begin(tag::LIST)?))
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Elements<'a>, EncodeError> {
        Ok(Elements::new(self.begin(tag::LIST)?))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Elements<'a>, EncodeError> {
        Ok(Elements::new(self.begin_variant(variant, tag::LIST)?))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Entries<'a>, EncodeError> {
        Ok(Entries::new(self.begin(tag::DICT)?))
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Entries<'a>, EncodeError> {
        Ok(Entries::new(self.begin(tag::DICT)?))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Entries<'a>, EncodeError> {
        Ok(Entries::new(self.begin_variant(variant, tag::DICT)?))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
