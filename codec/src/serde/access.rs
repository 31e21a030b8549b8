//! The insides of lists, dicts and variants, while they are read.

use bytestring::ByteString;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::ArgsError;
use super::de::Deserializer;
use crate::{Dict, Value};

/// The elements of a list.
pub(super) struct Elements {
    rest: std::vec::IntoIter<Value>,
    count: usize,
}

impl Elements {
    /// Gives all to the visitor; what it leaves over is one too many.
    pub(super) fn visit<'de, V: Visitor<'de>>(list: Vec<Value>, visitor: V) -> Result<V::Value, ArgsError> {
        let total = list.len();
        let mut elements = Self { rest: list.into_iter(), count: 0 };
        let result = visitor.visit_seq(&mut elements)?;
        if elements.rest.len() > 0 {
            return Err(de::Error::invalid_length(total, &"a shorter list"));
        }
        Ok(result)
    }
}

impl<'de> de::SeqAccess<'de> for &mut Elements {
    type Error = ArgsError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ArgsError> {
        let Some(value) = self.rest.next() else { return Ok(None) };
        let index = self.count;
        self.count += 1;
        seed.deserialize(Deserializer::new(value)).map(Some).map_err(|error| error.under_index(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The entries of a dict.
pub(super) struct Entries {
    rest: std::vec::IntoIter<(ByteString, Value)>,
    /// The entry whose key has been read.
    open: Option<(ByteString, Value)>,
}

impl Entries {
    pub(super) fn visit<'de, V: Visitor<'de>>(dict: Dict, visitor: V) -> Result<V::Value, ArgsError> {
        visitor.visit_map(Self { rest: dict.into_iter(), open: None })
    }
}

impl<'de> de::MapAccess<'de> for Entries {
    type Error = ArgsError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ArgsError> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        let text: StrDeserializer<'_, ArgsError> = (&*key).into_deserializer();
        let read = seed.deserialize(text)?;
        self.open = Some((key, value));
        Ok(Some(read))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, ArgsError> {
        let Some((key, value)) = self.open.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(Deserializer::new(value)).map_err(|error| error.under_key(&key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A variant of an enum: its name, and what it holds.
pub(super) struct Variant {
    name: ByteString,
    content: Value,
}

impl Variant {
    pub(super) fn new(name: ByteString, content: Value) -> Self {
        Self { name, content }
    }
}

impl<'de> de::EnumAccess<'de> for Variant {
    type Error = ArgsError;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), ArgsError> {
        let name: StrDeserializer<'_, ArgsError> = (&*self.name).into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant {
    type Error = ArgsError;

    fn unit_variant(self) -> Result<(), ArgsError> {
        if self.content.is_none() {
            return Ok(());
        }
        Err(ArgsError::mismatch("nothing", self.content.kind()).under_key(&self.name))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ArgsError> {
        seed.deserialize(Deserializer::new(self.content)).map_err(|error| error.under_key(&self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, ArgsError> {
        let inner = Deserializer::new(self.content);
        de::Deserializer::deserialize_tuple(inner, len, visitor).map_err(|error| error.under_key(&self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        let inner = Deserializer::new(self.content);
        de::Deserializer::deserialize_map(inner, visitor).map_err(|error| error.under_key(&self.name))
    }
}
