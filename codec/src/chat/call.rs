//! Named calls: operations beyond the one-byte opcodes (PROTOCOL.md §5).

use serde::de::{self, Deserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::Value;

/// The name of the call that searches users.
pub const SEARCH_USERS: &str = "uchat.search_users";

/// Opcode 12: a call by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Which operation: `acme.poke`.
    pub name: String,
    /// Chosen by the caller; the answer carries it again.
    pub id: u64,
    /// What the operation needs; left out on the wire when none.
    #[serde(default, skip_serializing_if = "Value::is_none")]
    pub args: Value,
}

/// Opcode 116: the answer to a named call. On the wire `{id, ok}` or `{id, err: {code, message}}`.
#[derive(Clone, Debug, PartialEq)]
pub struct CallResult {
    /// The number that the caller chose.
    pub id: u64,
    /// What came of it.
    pub outcome: Result<Value, CallError>,
}

/// Opcode 117: something that a plug-in tells, unasked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedEvent {
    /// What it is about: `acme.poked`.
    pub name: String,
    /// The particulars; left out on the wire when there are none.
    #[serde(default, skip_serializing_if = "Value::is_none")]
    pub args: Value,
}

/// Why a call was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallError {
    /// For programs: always the same for the same reason.
    pub code: String,
    /// For people.
    pub message: String,
}

impl CallResult {
    /// It worked. A call that has nothing to say answers `true`, since none can't stand inside a dict.
    pub fn ok(id: u64, answer: Value) -> Self {
        Self { id, outcome: Ok(if answer.is_none() { Value::Bool(true) } else { answer }) }
    }

    /// It was refused.
    pub fn err(id: u64, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { id, outcome: Err(CallError { code: code.into(), message: message.into() }) }
    }
}

#[derive(Serialize)]
struct Written<'a> {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ok: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    err: Option<&'a CallError>,
}

#[derive(Deserialize)]
struct Read {
    id: u64,
    ok: Option<Value>,
    err: Option<CallError>,
}

impl Serialize for CallResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { id, outcome } = self;
        Written { id: *id, ok: outcome.as_ref().ok(), err: outcome.as_ref().err() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CallResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read { id, ok, err } = Read::deserialize(deserializer)?;
        let outcome = match (ok, err) {
            (Some(answer), None) => Ok(answer),
            (None, Some(error)) => Err(error),
            _ => return Err(de::Error::custom("a call result holds either ok or err")),
        };
        Ok(Self { id, outcome })
    }
}

/// The arguments of [`SEARCH_USERS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchUsers {
    /// What the name begins with, 1 to 8 characters.
    pub prefix: String,
    /// How many users at most, 1 to 50; 20 when left out.
    #[serde(default = "SearchUsers::default_limit")]
    pub limit: u32,
}

impl SearchUsers {
    fn default_limit() -> u32 {
        20
    }
}

/// One of the users that [`SEARCH_USERS`] answers with, in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundUser {
    /// The user's number.
    pub id: u64,
    /// The user's name.
    pub username: String,
    /// Whether the user is online now.
    pub online: bool,
}
