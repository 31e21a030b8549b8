//! One request, and what a handler can ask for as an argument.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use uchat_codec::Value;

use crate::context::Context;
use crate::error::{Result, refusal};
use crate::handler::Needs;
use crate::services::FromServer;
use crate::user::User;

/// A request on its way to its handler.
pub struct Request {
    pub(crate) server: Arc<Context>,
    pub(crate) user: Option<User>,
    pub(crate) parameters: Value,
}

impl Request {
    /// The number of the call, which only the server knows.
    #[allow(clippy::unused_self, reason = "the same signature as in a server")]
    pub fn call_id(&self) -> u64 {
        0
    }
}

/// Something that a handler asks for as an argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something a handler in a module can ask for",
    note = "it takes `User`, `Args<T>`, `Service<T>` of its own, `Reach`, `Online`, `Random`, `Clock`, in any order",
    note = "what needs the database or the network is linked into the server instead: build it with `uchat-framework`"
)]
pub trait FromRequest: Sized {
    /// What must be there.
    const NEEDS: Needs;

    /// Takes it from the request.
    fn from_request(request: &mut Request) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromServer> FromRequest for T {
    const NEEDS: Needs = T::NEEDS;

    fn from_request(request: &mut Request) -> Result<Self> {
        T::from_server(&request.server)
    }
}

impl FromRequest for User {
    const NEEDS: Needs = Needs::LOGIN;

    fn from_request(request: &mut Request) -> Result<Self> {
        request.user.clone().ok_or_else(|| refusal::NOT_LOGGED_IN.into())
    }
}

/// The parameters of the operation.
pub struct Args<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Args<T> {
    const NEEDS: Needs = Needs::NOTHING;

    fn from_request(request: &mut Request) -> Result<Self> {
        crate::returned::parameters(request)
    }
}
