//! The insides of lists and dicts, while they are written.

use serde::Serialize;
use serde::ser;

use super::ser::{Frame, Written};
use crate::EncodeError;
use crate::value::{EncodeErrorKind, encode};

/// A list that is being written.
pub(super) struct Elements<'a> {
    frame: Frame<'a>,
    count: usize,
}

impl<'a> Elements<'a> {
    pub(super) fn new(frame: Frame<'a>) -> Self {
        Self { frame, count: 0 }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let index = self.count;
        self.count += 1;
        value.serialize(self.frame.inner(false)).map_err(|error| error.under_index(index))?;
        Ok(())
    }
}

/// A dict that is being written.
pub(super) struct Entries<'a> {
    frame: Frame<'a>,
    /// Where the entry begins whose key has been written, and its key.
    open: Option<(usize, String)>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(frame: Frame<'a>) -> Self {
        Self { frame, open: None }
    }

    fn entry<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), EncodeError> {
        let start = self.frame.out.len();
        encode::key(key, self.frame.out)?;
        self.content(start, key, value)
    }

    fn content<T: Serialize + ?Sized>(
        &mut self,
        start: usize,
        key: &str,
        value: &T,
    ) -> Result<(), EncodeError> {
        let written = value.serialize(self.frame.inner(true)).map_err(|error| error.under_key(key))?;
        if written == Written::Absent {
            self.frame.out.truncate(start);
        }
        Ok(())
    }
}

macro_rules! elements {
    ($($part:ident $method:ident)*) => {$(
        impl ser::$part for Elements<'_> {
            type Ok = Written;
            type Error = EncodeError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
                self.push(value)
            }

            fn end(self) -> Result<Written, EncodeError> {
                self.frame.finish()
            }
        }
    )*};
}

elements! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

macro_rules! entries {
    ($($part:ident)*) => {$(
        impl ser::$part for Entries<'_> {
            type Ok = Written;
            type Error = EncodeError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), EncodeError> {
                self.entry(key, value)
            }

            fn end(self) -> Result<Written, EncodeError> {
                self.frame.finish()
            }
        }
    )*};
}

entries! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Entries<'_> {
    type Ok = Written;
    type Error = EncodeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        let start = self.frame.out.len();
        let key = key.serialize(Key)?;
        encode::key(&key, self.frame.out)?;
        self.open = Some((start, key));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let Some((start, key)) = self.open.take() else {
            return Err(ser::Error::custom("a map gave a value without a key"));
        };
        self.content(start, &key, value)
    }

    fn end(self) -> Result<Written, EncodeError> {
        self.frame.finish()
    }
}

/// Takes the key of a map, which must be text.
struct Key;

macro_rules! not_text {
    ($($method:ident $kind:ty)*) => {$(
        fn $method(self, _: $kind) -> Result<String, EncodeError> {
            Err(EncodeErrorKind::KeyNotText.into())
        }
    )*};
}

type Never = ser::Impossible<String, EncodeError>;
type Refused = Result<Never, EncodeError>;

impl ser::Serializer for Key {
    type Ok = String;
    type Error = EncodeError;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    not_text! {
        serialize_bool bool serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64
        serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 serialize_u64 u64
        serialize_f32 f32 serialize_f64 f64 serialize_bytes &[u8] serialize_unit_struct &'static str
    }

    fn serialize_char(self, char: char) -> Result<String, EncodeError> {
        Ok(char.to_string())
    }

    fn serialize_str(self, text: &str) -> Result<String, EncodeError> {
        Ok(text.to_owned())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<String, EncodeError> {
        Ok(variant.to_owned())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<String, EncodeError> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<String, EncodeError> {
        Err(EncodeErrorKind::KeyNotText.into())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<String, EncodeError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<String, EncodeError> {
        Err(EncodeErrorKind::KeyNotText.into())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<String, EncodeError> {
        Err(EncodeErrorKind::KeyNotText.into())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Refused {
        Err(EncodeErrorKind::KeyNotText.into())
    }

    fn serialize_tuple(self, _len: usize) -> Refused {
        Err(EncodeErrorKind::KeyNotText.into())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Refused {
        Err(EncodeErrorKind::KeyNotText.into())
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Refused {
        Err(EncodeErrorKind::KeyNotText.into())
    }

    fn serialize_map(self, _len: Option<usize>) -> Refused {
        Err(EncodeErrorKind::KeyNotText.into())
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Refused {
        Err(EncodeErrorKind::KeyNotText.into())
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Refused {
        Err(EncodeErrorKind::KeyNotText.into())
    }
}
