//! Whom a caller reaches, as the server sees it.

use serde::Serialize;
use uchat_codec::{Value, to_value};

use crate::error::Result;
use crate::handler::Needs;
use crate::host::{self, Function};
use crate::online;
use crate::request::{FromRequest, Request};
use crate::user::{User, UserId};

/// Tells others something for the caller, as far as the server lets the caller reach them. Needs the grant `tell` for each
/// event, and `keep` for each kind of thing.
#[derive(Clone, Debug)]
pub struct Reach {
    caller: UserId,
}

#[derive(Serialize)]
struct Whom {
    user: UserId,
}

#[derive(Serialize)]
struct Thing {
    kind: &'static str,
    id: u64,
}

#[derive(Serialize)]
struct TellOthers<'a> {
    kind: &'static str,
    id: u64,
    name: &'a str,
    #[serde(skip_serializing_if = "Value::is_none")]
    args: Value,
}

// Nobody waits in a module, but the source is the one of a plug-in that is linked in, where these wait for the store.
#[allow(clippy::unused_async, reason = "the same signatures as in a server")]
impl Reach {
    /// Whether the caller may tell this user something; itself always.
    ///
    /// # Errors
    ///
    /// If it is not granted, or the server can't find out.
    pub async fn may_tell(&self, to: UserId) -> Result<bool> {
        if to == self.caller { Ok(true) } else { host::ask(Function::MayTell, &Whom { user: to }) }
    }

    /// Whether the caller belongs to the thing of this kind with this number, such as a room.
    ///
    /// # Errors
    ///
    /// If it is not granted, or the server can't find out.
    pub async fn belongs(&self, kind: &'static str, id: u64) -> Result<bool> {
        host::ask(Function::Belongs, &Thing { kind, id })
    }

    /// Tells a user something, as a named event; whether it was queued, which it is not for who is offline.
    ///
    /// # Errors
    ///
    /// If the caller may not reach the user, it is not granted, or the server can't find out.
    pub async fn tell<T>(&self, to: UserId, name: &str, args: &T) -> Result<bool>
    where
        T: Serialize + Sync + ?Sized,
    {
        online::tell(to, name, args)
    }

    /// Tells everybody else who belongs to the thing of this kind with this number; for how many it was queued.
    ///
    /// # Errors
    ///
    /// If the caller does not belong to it, it is not granted, or the server can't find out.
    pub async fn tell_others<T>(&self, kind: &'static str, id: u64, name: &str, args: &T) -> Result<usize>
    where
        T: Serialize + Sync + ?Sized,
    {
        host::ask(Function::TellOthers, &TellOthers { kind, id, name, args: to_value(args)? })
    }
}

impl FromRequest for Reach {
    const NEEDS: Needs = Needs::LOGIN;

    fn from_request(request: &mut Request) -> Result<Self> {
        Ok(Self { caller: User::from_request(request)?.id })
    }
}
