//! What a plug-in may ask of the server: what its manifest grants, with the rights of whoever called it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use uchat_codec::{Limits, Value, from_value, to_value};

use super::manifest::Grants;
use crate::context::Context;
use crate::error::{Error, Rejection, Result, refusal};
use crate::keep::{Keep, Kept, Namespace, Scope};
use crate::reach::{Reach, Rights};
use crate::user::{User, UserId};

/// Statuses of an answer, in both directions (PLUGIN-ABI.md).
pub(super) const OK: u8 = 0;
pub(super) const REFUSED: u8 = 1;
pub(super) const FAILED: u8 = 2;

/// What the manifest does not grant, or the caller may not do.
const NOT_GRANTED: Rejection = Rejection::new("NotGranted", "插件没有此权限 (not granted to the plug-in)");

/// Values of one list.
const LONGEST_LIST: usize = 1000;

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
struct Swap {
    kind: String,
    id: u64,
    key: String,
    #[serde(default)]
    old: Value,
    #[serde(default)]
    new: Value,
}

#[derive(Deserialize)]
struct Page {
    kind: String,
    id: u64,
    after: String,
    limit: usize,
}

#[derive(Deserialize)]
struct TellOthers {
    kind: String,
    id: u64,
    name: String,
    #[serde(default)]
    args: Value,
}

#[derive(Deserialize)]
struct Thing {
    kind: String,
    id: u64,
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
            8 => self.list(parsed(arguments)?).await,
            9 => self.swap(parsed(arguments)?).await,
            10 => self.tell_others(parsed(arguments)?).await,
            11 if !self.grants.tell.is_empty() => {
                let Whom { user } = parsed(arguments)?;
                Ok(Value::Bool(self.reach()?.may_tell(user).await?))
            }
            12 => {
                let Thing { kind, id } = parsed(arguments)?;
                Ok(Value::Bool(self.reach()?.belongs(self.kind(&kind)?, id).await?))
            }
            _ => Err(NOT_GRANTED.with(format_args!("function {function}")).into()),
        }
    }

    async fn list(&self, at: Page) -> Result<Value> {
        let scope = self.scope(&at.kind, at.id).await?;
        let limit = at.limit.clamp(1, LONGEST_LIST);
        Ok(to_value(&self.namespace()?.list::<Value>(scope, &at.after, limit).await?)?)
    }

    async fn swap(&self, at: Swap) -> Result<Value> {
        let scope = self.scope(&at.kind, at.id).await?;
        let known = |value: Value| (!value.is_none()).then_some(value);
        match self.namespace()?.swap(scope, &at.key, known(at.old), known(at.new)).await? {
            Kept::Yes => Ok(Value::Bool(true)),
            Kept::Changed => Ok(Value::Bool(false)),
            Kept::Full => Err(crate::keep::FULL.into()),
        }
    }

    async fn tell_others(&self, tell: TellOthers) -> Result<Value> {
        self.may_say(&tell.name)?;
        let reach = self.reach()?;
        let told = reach.tell_others(self.kind(&tell.kind)?, tell.id, &tell.name, &tell.args).await?;
        Ok(to_value(&told)?)
    }

    fn may_say(&self, name: &str) -> Result<()> {
        if self.grants.tell.iter().any(|granted| granted == name) {
            return Ok(());
        }
        Err(NOT_GRANTED.with(format_args!("tell {name}")).into())
    }

    /// The kind, if the plug-in may use it.
    fn kind(&self, kind: &str) -> Result<&'static str> {
        let found = self.grants.keep.iter().find(|granted| **granted == kind);
        found.copied().ok_or_else(|| NOT_GRANTED.with(format_args!("keep in {kind}")).into())
    }

    fn reach(&self) -> Result<Reach> {
        let (Some(user), Some(rights)) = (self.user, self.rights()) else {
            return Err(refusal::FORBIDDEN.into());
        };
        Ok(Reach::new(user.id, rights, self.server.online.clone()))
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
        let kind = self.kind(kind)?;
        let allowed = match (kind, self.user) {
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
        self.may_say(&tell.name)?;
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
