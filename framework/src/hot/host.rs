//! What a plug-in may ask of the server: what its manifest grants, with the rights of whoever called it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use uchat_codec::{Limits, Value, from_value, to_value};

use super::manifest::Grants;
use crate::context::Context;
use crate::error::{Error, Rejection, Result, refusal};
use crate::handler::BoxFuture;
use crate::keep::{Keep, Namespace, Scope};
use crate::user::{User, UserId};

/// Statuses of an answer, in both directions (PLUGIN-ABI.md).
pub(super) const OK: u8 = 0;
pub(super) const REFUSED: u8 = 1;
pub(super) const FAILED: u8 = 2;

/// What the manifest does not grant, or the caller may not do.
const NOT_GRANTED: Rejection = Rejection::new("NotGranted", "插件没有此权限 (not granted to the plug-in)");

/// Whether a caller may do what a plug-in wants to do for it. Provided as the service `Arc<dyn Rights>`; without one a
/// plug-in reaches only the caller itself, and keeps values only for it and for the server as a whole.
pub trait Rights: Send + Sync {
    /// Whether the caller may tell this user something.
    fn may_tell(&self, caller: UserId, to: UserId) -> BoxFuture<Result<bool>>;

    /// Whether the caller may see and change what is kept for the thing of this kind with this number.
    fn may_keep(&self, caller: UserId, kind: &'static str, id: u64) -> BoxFuture<Result<bool>>;
}

/// One call of a plug-in, as what it asks for sees it.
pub(super) struct Asking<'a> {
    pub(super) plugin: &'static str,
    pub(super) grants: &'a Grants,
    pub(super) server: &'a Arc<Context>,
    pub(super) user: Option<&'a User>,
}

#[derive(Deserialize)]
struct At {
    kind: String,
    id: u64,
    key: String,
    #[serde(default)]
    value: Value,
}

#[derive(Deserialize)]
struct Tell {
    user: UserId,
    name: String,
    #[serde(default)]
    args: Value,
}

#[derive(Deserialize)]
struct Whom {
    user: UserId,
}

/// The refusal of a plug-in or of the host, on its way over the border.
#[derive(Serialize, Deserialize)]
pub(super) struct Refused {
    pub(super) code: String,
    pub(super) message: String,
}

impl Asking<'_> {
    /// Does what is asked. An error of the server is told as such, without its text.
    pub(super) async fn answer(&self, function: i32, arguments: Bytes) -> Result<Bytes> {
        match self.perform(function, arguments).await {
            Ok(value) => status(OK, &value),
            Err(Error::Rejected(rejection)) => {
                status(REFUSED, &Refused { code: rejection.code(), message: rejection.text().to_owned() })
            }
            Err(Error::Internal(error)) => {
                tracing::error!(plugin = self.plugin, %error, "what a plug-in asked for failed");
                status(FAILED, "the server failed")
            }
        }
    }

    async fn perform(&self, function: i32, arguments: Bytes) -> Result<Value> {
        let arguments =
            Value::decode(arguments, &Limits::default()).map_err(|error| refusal::BAD_ARGS.with(error))?;
        match function {
            1..=3 => self.kept(function, parsed(arguments)?).await,
            4 => self.tell(parsed(arguments)?).await,
            5 if self.grants.online => {
                let Whom { user } = parsed(arguments)?;
                self.reaches(user).await?;
                Ok(Value::Bool(self.server.online.is_online(user)))
            }
            6 if self.grants.random => Ok(to_value(&rand::random::<u64>())?),
            7 if self.grants.clock => Ok(to_value(&SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?),
            _ => Err(NOT_GRANTED.with(format_args!("function {function}")).into()),
        }
    }

    async fn kept(&self, function: i32, at: At) -> Result<Value> {
        let scope = self.scope(&at.kind, at.id).await?;
        let values = self.namespace()?;
        match function {
            1 => return Ok(values.get::<Value>(scope, &at.key).await?.unwrap_or_default()),
            2 => values.put(scope, &at.key, &at.value).await?,
            _ => values.remove(scope, &at.key).await?,
        }
        Ok(Value::Bool(true))
    }

    async fn scope(&self, kind: &str, id: u64) -> Result<Scope> {
        let refused = || Error::from(NOT_GRANTED.with(format_args!("keep in {kind}")));
        let kind = self.grants.keep.iter().find(|granted| **granted == kind).ok_or_else(refused)?;
        let allowed = match (*kind, self.user) {
            ("server", _) => id == 0,
            ("user", Some(user)) => user.id == id,
            (kind, Some(user)) => match self.rights() {
                Some(rights) => rights.may_keep(user.id, kind, id).await?,
                None => false,
            },
            (_, None) => false,
        };
        if allowed { Ok(Scope::of(kind, id)) } else { Err(refusal::FORBIDDEN.into()) }
    }

    fn namespace(&self) -> Result<Namespace> {
        let keep = self.server.services.get::<Keep>();
        let keep = keep.ok_or_else(|| Error::from(crate::services::MissingService("Keep")))?;
        Ok(keep.namespace(self.plugin))
    }

    async fn tell(&self, tell: Tell) -> Result<Value> {
        if !self.grants.tell.contains(&tell.name) {
            return Err(NOT_GRANTED.with(format_args!("tell {}", tell.name)).into());
        }
        self.reaches(tell.user).await?;
        Ok(Value::Bool(self.server.online.tell(tell.user, &tell.name, &tell.args)))
    }

    async fn reaches(&self, to: UserId) -> Result<()> {
        let allowed = match (self.user, self.rights()) {
            (Some(user), _) if user.id == to => true,
            (Some(user), Some(rights)) => rights.may_tell(user.id, to).await?,
            _ => false,
        };
        if allowed { Ok(()) } else { Err(refusal::FORBIDDEN.into()) }
    }

    fn rights(&self) -> Option<Arc<dyn Rights>> {
        self.server.services.get::<Arc<dyn Rights>>().map(|rights| Arc::clone(&rights))
    }
}

fn parsed<T: serde::de::DeserializeOwned>(value: Value) -> Result<T> {
    from_value(value).map_err(|error| refusal::BAD_ARGS.with(error).into())
}

/// A status and what belongs to it, as bytes.
pub(super) fn status(status: u8, value: &(impl Serialize + ?Sized)) -> Result<Bytes> {
    let mut bytes = BytesMut::new();
    bytes.put_u8(status);
    to_value(value)?.encode(&mut bytes)?;
    Ok(bytes.freeze())
}
