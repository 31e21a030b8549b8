//! Who is online, and the way to them.

use std::sync::Arc;

use serde::Serialize;
use uchat_codec::{Value, to_value};

use crate::context::Context;
use crate::error::Result;
use crate::handler::Needs;
use crate::host::{self, Function};
use crate::services::FromServer;
use crate::user::UserId;

/// Asks the server who is online. It answers for whom the caller may reach.
#[derive(Clone, Copy, Debug, Default)]
pub struct Online(());

#[derive(Serialize)]
struct Whom {
    user: UserId,
}

#[derive(Serialize)]
struct Tell<'a> {
    user: UserId,
    name: &'a str,
    #[serde(skip_serializing_if = "Value::is_none")]
    args: Value,
}

/// Tells a user something, if the server lets the caller reach the user.
pub(crate) fn tell<T: Serialize + ?Sized>(user: UserId, name: &str, args: &T) -> Result<bool> {
    host::ask(Function::Tell, &Tell { user, name, args: to_value(args)? })
}

impl Online {
    /// Whether the user is online; not, if the server does not say.
    #[allow(clippy::unused_self, reason = "holding it is the permission")]
    pub fn is_online(&self, user: UserId) -> bool {
        host::ask(Function::Online, &Whom { user }).unwrap_or(false)
    }

    /// Tells a user something, as a named event; whether it was queued.
    #[allow(clippy::unused_self, reason = "holding it is the permission")]
    pub fn tell<T: Serialize + ?Sized>(&self, user: UserId, name: &str, args: &T) -> bool {
        tell(user, name, args).unwrap_or(false)
    }
}

impl FromServer for Online {
    const NEEDS: Needs = Needs::NOTHING;

    fn from_server(_server: &Arc<Context>) -> Result<Self> {
        Ok(Self(()))
    }
}
