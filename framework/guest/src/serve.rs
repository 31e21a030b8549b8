//! What the server asks of a module: what it is, whether it takes its settings, one call.

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Poll, Waker};

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use uchat_codec::{Limits, Value, from_value};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::grants::Grants;
use crate::handler::{HandlerInfo, Operation};
use crate::host::{FAILED, OK, REFUSED, Refused};
use crate::keep::Keep;
use crate::request::Request;
use crate::services::{ServiceInfo, Services, build_all, missing};
use crate::settings::PluginSettings;
use crate::stored::AtServer;
use crate::user::{User, UserId};

/// Crates of this project are called after it; their plug-ins are not.
const PREFIX: &str = "uchat-";

/// The services of this instance, once it knows its settings.
static CONTEXT: OnceLock<Arc<Context>> = OnceLock::new();

#[derive(Serialize)]
struct Manifest {
    name: &'static str,
    version: &'static str,
    operations: Vec<Declared>,
    grants: Grants,
}

#[derive(Serialize)]
struct Declared {
    name: &'static str,
    doc: &'static str,
    login: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<(u32, u64)>,
}

#[derive(Deserialize)]
struct Given {
    user: Option<GivenUser>,
    #[serde(default)]
    args: Value,
}

#[derive(Deserialize)]
struct GivenUser {
    id: UserId,
    name: String,
    #[serde(default)]
    roles: Vec<String>,
}

/// A handler does not fit into a module, or a service can't be built; a sentence for each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("; "))]
struct Problems(Vec<String>);

/// A handler waits for something that is not the server.
#[derive(Debug, thiserror::Error)]
#[error("a handler in a module can wait for nothing but the server")]
struct Waits;

/// The server asks for an operation that there is not.
#[derive(Debug, thiserror::Error)]
#[error("there is no operation {0}")]
struct NoOperation(usize);

/// The handlers of named calls, in the order of the manifest. Those of opcodes are a problem of [`configure`].
fn operations() -> Vec<(&'static str, &'static HandlerInfo)> {
    let named = |info: &'static HandlerInfo| match info.operation {
        Operation::Call(name) => Some((name, info)),
        Operation::Opcode(_) => None,
    };
    let mut all: Vec<_> = inventory::iter::<HandlerInfo>.into_iter().filter_map(named).collect();
    all.sort_by_key(|(name, _)| *name);
    all
}

fn name() -> &'static str {
    let krate = inventory::iter::<HandlerInfo>.into_iter().next().map_or("", |info| info.origin.krate);
    krate.strip_prefix(PREFIX).unwrap_or(krate)
}

/// What the module says of itself.
pub(crate) fn manifest() -> Vec<u8> {
    let declared = |(name, info): (&'static str, &'static HandlerInfo)| Declared {
        name,
        doc: info.origin.doc,
        login: info.login_needed(),
        role: info.policy.role,
        rate: info.policy.rate.map(|rate| (rate.count, rate.seconds)),
    };
    let grants = inventory::iter::<Grants>.into_iter().next().cloned().unwrap_or(Grants::new("0.0.0"));
    let operations = operations().into_iter().map(declared).collect();
    let manifest = Manifest { name: name(), version: grants.version, operations, grants };
    let mut bytes = BytesMut::new();
    match uchat_codec::encode_to(&manifest, &mut bytes) {
        Ok(()) => bytes.to_vec(),
        // Names too long for the wire: the server says that the manifest is nothing.
        Err(_) => vec![0],
    }
}

/// Builds the services from the settings; the answer says whether all is well.
pub(crate) fn configure(settings: Vec<u8>) -> Vec<u8> {
    answer(build(settings).map(|()| Value::Bool(true)))
}

fn build(settings: Vec<u8>) -> Result<()> {
    let table = Value::decode(Bytes::from(settings), &Limits::default())?;
    let mut services = Services::default();
    services.insert(PluginSettings::new(name(), table));
    services.insert(Keep::new(AtServer, usize::MAX));
    let infos: Vec<&'static ServiceInfo> = inventory::iter::<ServiceInfo>.into_iter().collect();
    let mut problems = build_all(&mut services, &infos);
    for info in inventory::iter::<HandlerInfo> {
        if let Operation::Opcode(opcode) = info.operation {
            let problem = "a module serves named calls only";
            problems.push(format!("{} serves the opcode {}: {problem}", info.origin, opcode.0));
        }
        if let Some(service) = missing(&services, info.needs) {
            problems.push(format!("{} needs the service {service}, which a module has not", info.origin));
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems).into());
    }
    // Set before only if the server asks twice, with the same settings.
    let _ = CONTEXT.set(Arc::new(Context { services }));
    Ok(())
}

/// Serves one request.
pub(crate) fn handle(operation: usize, given: Vec<u8>) -> Vec<u8> {
    answer(run(operation, given))
}

fn run(operation: usize, given: Vec<u8>) -> Result<Value> {
    let all = operations();
    let (_, info) = all.get(operation).ok_or(NoOperation(operation))?;
    let given: Given = from_value(Value::decode(Bytes::from(given), &Limits::default())?)?;
    let user = given.user.map(|user| User::new(user.id, &user.name, &user.roles));
    let server = Arc::clone(CONTEXT.get().ok_or(NoOperation(operation))?);
    let request = Request { server, user, parameters: given.args };
    let mut call = pin!((info.call)(request));
    // Everything that a handler awaits asks the server, which answers before the question returns.
    match call.as_mut().poll(&mut std::task::Context::from_waker(Waker::noop())) {
        Poll::Ready(replies) => Ok(replies?.0),
        Poll::Pending => Err(Waits.into()),
    }
}

/// A status and its value, as the server reads them.
fn answer(done: Result<Value>) -> Vec<u8> {
    let (status, encoded) = match done {
        Ok(value) => (OK, written(OK, &value)),
        Err(Error::Rejected(rejection)) => {
            let refused = Refused { code: rejection.code(), message: rejection.text().to_owned() };
            (REFUSED, written(REFUSED, &refused))
        }
        Err(Error::Internal(error)) => (FAILED, written(FAILED, error.to_string().as_str())),
    };
    // What can't be encoded is an answer too: a status without a value, which the server takes for garbage.
    encoded.unwrap_or_else(|_| vec![status])
}

fn written(status: u8, value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>> {
    let mut bytes = BytesMut::new();
    bytes.put_u8(status);
    uchat_codec::encode_to(value, &mut bytes)?;
    Ok(bytes.to_vec())
}
