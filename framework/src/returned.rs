//! What the attributes check of a function's signature, so that a mistake in it is explained where it was made.

use serde::Serialize;
use serde::de::DeserializeOwned;
use uchat_codec::{Opcode, Value};

use crate::error::{Error, Result, refusal};
use crate::reply::Replies;
use crate::request::{Args, Request};

/// What a handler returns.
#[diagnostic::on_unimplemented(
    message = "a handler returns `Result<…>`, not `{Self}`",
    note = "write `-> Result<…>` with the `Result` of the prelude, and `Ok(…)` around the value; refusals leave with `?` or `ensure!`"
)]
pub trait Returned {
    /// The answer.
    type Answer;

    /// The answer, or why there is none.
    fn returned(self) -> Result<Self::Answer>;
}

impl<T, E> Returned for Result<T, E>
where
    Error: From<E>,
{
    type Answer = T;

    fn returned(self) -> Result<T> {
        self.map_err(Error::from)
    }
}

/// What a hook or timer returns.
#[diagnostic::on_unimplemented(
    message = "a hook or timer returns `Result<()>`, not `{Self}`",
    note = "write `-> Result<()>` and `Ok(())` at the end: nobody waits for an answer"
)]
pub trait Finished {
    /// That it worked, or why it didn't.
    fn finished(self) -> Result<()>;
}

impl Finished for Result<()> {
    fn finished(self) -> Self {
        self
    }
}

/// What a filter for the event `E` returns.
#[diagnostic::on_unimplemented(
    message = "a filter for `{E}` returns `Result<{E}>`, not `{Self}`",
    note = "give the event back, as it was or changed, or refuse it with `?` or `ensure!`"
)]
pub trait PassedOn<E> {
    /// The event, or the refusal.
    fn passed_on(self) -> Result<E>;
}

impl<E> PassedOn<E> for Result<E> {
    fn passed_on(self) -> Self {
        self
    }
}

/// Parameters of an operation.
#[diagnostic::on_unimplemented(
    message = "the parameters of an operation can't be decoded into `{Self}`",
    note = "put `#[derive(serde::Deserialize)]` above the type, and `serde.workspace = true` into the dependencies of the crate"
)]
pub trait Parameters: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Parameters for T {}

/// Takes the parameters of a request, all of them.
pub fn parameters<T: Parameters>(request: &mut Request) -> Result<Args<T>> {
    let parameters = std::mem::replace(&mut request.parameters, Value::None);
    uchat_codec::from_value(parameters).map(Args).map_err(|error| refusal::BAD_ARGS.with(error).into())
}

/// A value that an opcode carries.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent back",
    note = "put `#[derive(serde::Serialize)]` above the type, and `serde.workspace = true` into the dependencies of the crate"
)]
pub trait Encodable: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Encodable for T {}

/// The answer of a handler with `reply`.
pub fn reply<T: Encodable>(opcode: Opcode, answer: &T) -> Result<Replies> {
    Replies::one(opcode, answer)
}
