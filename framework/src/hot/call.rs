//! One call of a plug-in, in slices: between two of them others get their turn, so a loop delays nobody.

use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use serde::Serialize;
use uchat_codec::{Limits, Value, from_value, to_value};
use wasmi::{TypedResumableCall, Val};

use super::LoadError;
use super::guest::Ask;
use super::host::{Asking, FAILED, OK, REFUSED, Refused};
use super::module::{Fault, Running};
use super::plugin::Plugin;
use crate::error::{Error, Rejection, Result, refusal};
use crate::handler::BoxFuture;
use crate::reply::Replies;
use crate::request::Request;
use crate::user::UserId;

/// Fuel to make room for the parameters and to take the answer.
const FUEL_AROUND: u64 = 1_000_000;
/// Characters of a refusal that the peer reads.
const LONGEST_TEXT: usize = 512;

/// The plug-in has failed too often.
const SET_ASIDE: Rejection =
    Rejection::new("PluginSetAside", "插件已停用 (the plug-in has failed too often and is set aside)");

/// A plug-in did what it must not do.
#[derive(Debug, thiserror::Error)]
#[error("the plug-in {plugin} failed: {fault}")]
struct Failed {
    plugin: &'static str,
    fault: Fault,
}

/// A plug-in says itself that it failed.
#[derive(Debug, thiserror::Error)]
#[error("the plug-in says: {0}")]
struct SaysFailed(String);

/// What an operation is given.
#[derive(Serialize)]
struct Given<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<GivenUser<'a>>,
    #[serde(skip_serializing_if = "Value::is_none")]
    args: Value,
}

#[derive(Serialize)]
struct GivenUser<'a> {
    id: UserId,
    name: &'a str,
    roles: &'a [String],
}

/// How a call ended that kept to the interface.
enum Answered {
    Value(Value),
    Refused(Rejection),
    Failed(String),
}

impl Plugin {
    /// Serves one request.
    pub(super) async fn serve(&self, operation: usize, mut request: Request) -> Result<Replies> {
        if self.is_set_aside() {
            return Err(SET_ASIDE.into());
        }
        let given = self.given(&mut request)?;
        let limit = Duration::from_millis(self.limits.call_ms);
        let Ok(permit) = tokio::time::timeout(limit, self.permits.acquire()).await else {
            return Err(refusal::TIMED_OUT.with("the plug-in is busy").into());
        };
        let permit = permit?;
        let asking = Asking {
            plugin: self.namespace,
            grants: &self.grants,
            server: &request.server,
            user: request.user.as_ref(),
        };
        let answered = match tokio::time::timeout(limit, self.run(operation, &asking, &given)).await {
            Ok(answered) => answered,
            Err(_elapsed) => Err(Fault::Time),
        };
        drop(permit);
        match answered {
            Ok(Answered::Value(value)) => Replies::call_result(request.call_id(), &value),
            Ok(Answered::Refused(rejection)) => Err(rejection.into()),
            Ok(Answered::Failed(text)) => Err(SaysFailed(text).into()),
            Err(fault) => {
                self.fault(&fault);
                Err(Failed { plugin: self.name, fault }.into())
            }
        }
    }

    fn given(&self, request: &mut Request) -> Result<Bytes> {
        let user =
            request.user.as_ref().map(|user| GivenUser { id: user.id, name: &user.name, roles: &user.roles });
        let given = Given { user, args: std::mem::take(&mut request.parameters) };
        let mut bytes = BytesMut::new();
        to_value(&given)?.encode(&mut bytes)?;
        if bytes.len() > self.limits.answer_bytes {
            return Err(refusal::BAD_ARGS.with("too long for a plug-in").into());
        }
        Ok(bytes.freeze())
    }

    /// An instance that faults, or whose call is given up, is not used again.
    async fn run(&self, operation: usize, asking: &Asking<'_>, given: &[u8]) -> Result<Answered, Fault> {
        let mut instance = self.compiled.instance()?;
        let outcome = self.slices(&mut instance, operation, asking, given).await;
        for (level, line) in std::mem::take(&mut instance.store.data_mut().log) {
            self.write_log(level, &line);
        }
        let answered = read(&outcome?)?;
        self.compiled.give_back(instance);
        Ok(answered)
    }

    async fn slices(
        &self,
        instance: &mut Running,
        operation: usize,
        asking: &Asking<'_>,
        given: &[u8],
    ) -> Result<Bytes, Fault> {
        instance.store.set_fuel(FUEL_AROUND)?;
        let (at, length) = instance.put(given)?;
        let operation = i32::try_from(operation).unwrap_or(i32::MAX);
        let (mut left, mut asked) = (self.limits.fuel, 0);
        let mut slice = self.limits.fuel_slice.min(left);
        instance.store.set_fuel(slice)?;
        let mut step = instance.handle.call_resumable(&mut instance.store, (operation, at, length))?;
        loop {
            let used = slice.saturating_sub(instance.store.get_fuel()?);
            left = left.saturating_sub(used);
            step = match step {
                TypedResumableCall::Finished(packed) => {
                    instance.store.set_fuel(FUEL_AROUND)?;
                    return instance.take(packed);
                }
                TypedResumableCall::OutOfFuel(call) => {
                    slice = self.limits.fuel_slice.max(call.required_fuel());
                    if slice > left {
                        return Err(Fault::Fuel);
                    }
                    tokio::task::yield_now().await;
                    instance.store.set_fuel(slice)?;
                    call.resume(&mut instance.store)?
                }
                TypedResumableCall::HostTrap(call) => {
                    asked += 1;
                    if asked > self.limits.host_calls {
                        return Err(Fault::HostCalls(self.limits.host_calls));
                    }
                    let Some(Ask { function, arguments }) = call.host_error().downcast_ref() else {
                        return Err(Fault::Trapped(call.host_error().to_string()));
                    };
                    let answer = self.ask(asking, *function, arguments.clone()).await?;
                    let length = i32::try_from(answer.len()).unwrap_or(i32::MAX);
                    instance.store.data_mut().answer = Some(answer);
                    slice = self.limits.fuel_slice.min(left);
                    instance.store.set_fuel(slice)?;
                    call.resume(&mut instance.store, &[Val::I32(length)])?
                }
            };
        }
    }

    async fn ask(&self, asking: &Asking<'_>, function: i32, arguments: Bytes) -> Result<Bytes, Fault> {
        let garbage = |error: Error| Fault::Garbage(error.to_string());
        let answer = asking.answer(function, arguments).await.map_err(garbage)?;
        if answer.len() > self.limits.answer_bytes {
            return Err(Fault::Garbage("it asked for more than it may take".into()));
        }
        Ok(answer)
    }

    fn write_log(&self, level: i32, line: &str) {
        match level {
            ..=0 => tracing::error!(plugin = self.name, "{line}"),
            1 => tracing::warn!(plugin = self.name, "{line}"),
            2 => tracing::info!(plugin = self.name, "{line}"),
            _ => tracing::debug!(plugin = self.name, "{line}"),
        }
    }
}

/// Runs an operation of a plug-in, as the table of operations wants it.
pub(super) fn serve(
    plugin: std::sync::Arc<Plugin>,
    index: usize,
    request: Request,
) -> BoxFuture<Result<Replies>> {
    Box::pin(async move { plugin.serve(index, request).await })
}

/// What a module says to its settings.
pub(super) fn settled(said: &Bytes) -> Result<(), LoadError> {
    match read(said)? {
        Answered::Value(_) => Ok(()),
        Answered::Refused(rejection) => Err(LoadError::Settings(rejection.text().to_owned())),
        Answered::Failed(text) => Err(LoadError::Settings(text)),
    }
}

fn read(answer: &Bytes) -> Result<Answered, Fault> {
    let mut rest = answer.clone();
    let status = rest.get_u8();
    let value = Value::decode(rest, &Limits::default()).map_err(|error| Fault::Garbage(error.to_string()))?;
    match status {
        OK => Ok(Answered::Value(value)),
        REFUSED => {
            let refused: Refused = from_value(value).map_err(|error| Fault::Garbage(error.to_string()))?;
            let short = |text: String, most| text.chars().take(most).collect();
            Ok(Answered::Refused(Rejection::told(
                short(refused.code, 64),
                short(refused.message, LONGEST_TEXT),
            )))
        }
        FAILED => {
            Ok(Answered::Failed(value.as_str().unwrap_or("nothing").chars().take(LONGEST_TEXT).collect()))
        }
        other => Err(Fault::Garbage(format!("status {other}"))),
    }
}
