//! What goes back: the value of the answer.

use serde::Serialize;
use uchat_codec::{Opcode, Value, to_value};

use crate::error::{Result, refusal};

/// The answer of a named call.
#[derive(Debug, Default)]
pub struct Replies(pub(crate) Value);

impl Replies {
    /// No answer but that it worked.
    pub fn none() -> Self {
        Self::default()
    }

    /// A module answers named calls only.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn one<T: Serialize + ?Sized>(_opcode: Opcode, _parameters: &T) -> Result<Self> {
        Err(refusal::UNKNOWN_OPERATION.into())
    }

    /// A module answers named calls only.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn outcome(_opcode: Opcode, _rest: Self) -> Result<Self> {
        Err(refusal::UNKNOWN_OPERATION.into())
    }
}

/// What a named call can return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the answer of a named call",
    note = "return something that implements `serde::Serialize` (`#[derive(serde::Serialize)]`), or `()`"
)]
pub trait IntoCallResult {
    /// The answer.
    fn into_call_result(self, id: u64) -> Result<Replies>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoCallResult for T {
    fn into_call_result(self, _id: u64) -> Result<Replies> {
        Ok(Replies(match to_value(&self)? {
            Value::None => Value::Bool(true),
            value => value,
        }))
    }
}

/// What a handler without `reply` can return.
pub trait IntoReplies {
    /// The answer.
    fn into_replies(self) -> Replies;
}

impl IntoReplies for () {
    fn into_replies(self) -> Replies {
        Replies::none()
    }
}

impl IntoReplies for Replies {
    fn into_replies(self) -> Replies {
        self
    }
}
