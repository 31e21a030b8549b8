//! The store of plug-ins, at the server.

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use uchat_codec::{Limits, Value};

use crate::error::Result;
use crate::handler::BoxFuture;
use crate::host::{self, Function};
use crate::keep::{FULL, KeepEngine, Kept, Place};

/// Asks the server, whose answer knows only this plug-in's own values. Needs the grant `keep` for each kind of scope.
pub(crate) struct AtServer;

#[derive(Serialize)]
struct At<'a> {
    kind: &'static str,
    id: u64,
    key: &'a str,
}

#[derive(Serialize)]
struct Swap<'a> {
    kind: &'static str,
    id: u64,
    key: &'a str,
    #[serde(skip_serializing_if = "Value::is_none")]
    old: Value,
    #[serde(skip_serializing_if = "Value::is_none")]
    new: Value,
}

#[derive(Serialize)]
struct Page<'a> {
    kind: &'static str,
    id: u64,
    after: &'a str,
    limit: usize,
}

impl KeepEngine for AtServer {
    fn get(&self, place: Place) -> BoxFuture<Result<Option<Bytes>>> {
        Box::pin(async move {
            let at = At { kind: place.scope.kind, id: place.scope.id, key: &place.key };
            match host::ask(Function::Get, &at)? {
                Value::None => Ok(None),
                value => encoded(&value).map(Some),
            }
        })
    }

    fn swap(&self, place: Place, old: Option<Bytes>, new: Option<Bytes>) -> BoxFuture<Result<Kept>> {
        Box::pin(async move {
            let (old, new) = (decoded(old)?, decoded(new)?);
            let swap = Swap { kind: place.scope.kind, id: place.scope.id, key: &place.key, old, new };
            match host::ask::<bool>(Function::Swap, &swap) {
                Ok(true) => Ok(Kept::Yes),
                Ok(false) => Ok(Kept::Changed),
                Err(error) if error == FULL => Ok(Kept::Full),
                Err(error) => Err(error),
            }
        })
    }

    fn list(&self, after: Place, limit: usize) -> BoxFuture<Result<Vec<(String, Bytes)>>> {
        Box::pin(async move {
            let asked = Page { kind: after.scope.kind, id: after.scope.id, after: &after.key, limit };
            let found: Vec<(String, Value)> = host::ask(Function::List, &asked)?;
            found.into_iter().map(|(key, value)| Ok((key, encoded(&value)?))).collect()
        })
    }
}

fn encoded(value: &Value) -> Result<Bytes> {
    let mut bytes = BytesMut::new();
    value.encode(&mut bytes)?;
    Ok(bytes.freeze())
}

/// None is kept as nothing.
fn decoded(bytes: Option<Bytes>) -> Result<Value> {
    Ok(bytes.map_or(Ok(Value::None), |bytes| Value::decode(bytes, &Limits::default()))?)
}
