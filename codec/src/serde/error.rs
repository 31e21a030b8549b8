//! Why a value is not what was asked for.

use std::fmt;

use serde::de::{Expected, Unexpected};

use crate::value::{EncodeError, EncodeErrorKind, Path};

/// Why a value can't become the type that was asked for, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ArgsError {
    /// In which value it lies.
    pub path: Path,
    /// What is wrong.
    pub kind: ArgsErrorKind,
}

/// How a value can differ from what was asked for. Texts of peers are not repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgsErrorKind {
    /// Another kind of value.
    Mismatch {
        /// What should be there.
        expected: String,
        /// What is there.
        found: &'static str,
    },
    /// An int that is too large for its purpose.
    IntTooLarge {
        /// What it should fit in.
        target: String,
    },
    /// A dict without an entry that is needed.
    MissingField(&'static str),
    /// A list that is too short or too long.
    Length {
        /// How many elements there should be.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// Text that is none of the words that are possible.
    UnknownVariant,
    /// What a type's own `Deserialize` says.
    Custom(String),
}

impl fmt::Display for ArgsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |f: &mut fmt::Formatter<'_>| {
            if self.path.is_empty() { Ok(()) } else { write!(f, " at {}", self.path) }
        };
        match &self.kind {
            ArgsErrorKind::Mismatch { expected, found } => {
                write!(f, "expected {expected}")?;
                place(f)?;
                write!(f, ", found {found}")
            }
            ArgsErrorKind::IntTooLarge { target } => {
                f.write_str("the int")?;
                place(f)?;
                write!(f, " is too large for {target}")
            }
            ArgsErrorKind::MissingField(field) => {
                write!(f, "`{field}` is missing")?;
                place(f)
            }
            ArgsErrorKind::Length { expected, found } => {
                write!(f, "expected {expected}")?;
                place(f)?;
                write!(f, ", found {found} elements")
            }
            ArgsErrorKind::UnknownVariant => {
                f.write_str("an unknown word")?;
                place(f)
            }
            ArgsErrorKind::Custom(message) => {
                f.write_str(message)?;
                place(f)
            }
        }
    }
}

impl From<ArgsErrorKind> for ArgsError {
    fn from(kind: ArgsErrorKind) -> Self {
        Self { path: Path::default(), kind }
    }
}

impl ArgsError {
    pub(crate) fn mismatch(expected: impl Into<String>, found: &'static str) -> Self {
        ArgsErrorKind::Mismatch { expected: expected.into(), found }.into()
    }

    pub(crate) fn under_key(mut self, key: &str) -> Self {
        self.path.under_key(key);
        self
    }

    pub(crate) fn under_index(mut self, index: usize) -> Self {
        self.path.under_index(index);
        self
    }
}

impl serde::de::Error for ArgsError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        ArgsErrorKind::Custom(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Bool(_) => "a bool",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an int",
            Unexpected::Float(_) => "a float",
            Unexpected::Char(_) | Unexpected::Str(_) => "a string",
            Unexpected::Bytes(_) => "bytes",
            Unexpected::Unit | Unexpected::Option => "nothing",
            Unexpected::Seq => "a list",
            Unexpected::Map => "a dict",
            _ => "something else",
        };
        Self::mismatch(expected.to_string(), found)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => {
                ArgsErrorKind::IntTooLarge { target: expected.to_string() }.into()
            }
            other => Self::invalid_type(other, expected),
        }
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        ArgsErrorKind::Length { expected: expected.to_string(), found }.into()
    }

    fn unknown_variant(_variant: &str, _expected: &'static [&'static str]) -> Self {
        ArgsErrorKind::UnknownVariant.into()
    }

    fn missing_field(field: &'static str) -> Self {
        ArgsErrorKind::MissingField(field).into()
    }
}

impl serde::ser::Error for EncodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        EncodeErrorKind::Custom(message.to_string()).into()
    }
}
