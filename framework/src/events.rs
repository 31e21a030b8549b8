//! Typed events between plug-ins: notices after the fact.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tracing::Instrument as _;

use crate::context::Context;
use crate::error::Result;
use crate::handler::{BoxFuture, Needs, Origin};
use crate::ledger::{self, Ended};
use crate::user::User;

/// Something that has happened. Hooks wait for its type, so a wrong name does not compile.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    note = "hooks and filters wait for `UserOnline`, `UserOffline`, the events of `uchat_events`, or a type of your own: `#[derive(Clone)]` and `impl uchat_framework::Event for {Self} {{}}`"
)]
pub trait Event: Clone + Send + Sync + 'static {}

/// A user has signed in; runs at every login, also when it replaced a session of the same user.
#[derive(Clone, Debug)]
pub struct UserOnline {
    /// Who.
    pub user: User,
    /// From where.
    pub address: SocketAddr,
}

impl Event for UserOnline {}

/// A user's session has ended and no other took over.
#[derive(Clone, Debug)]
pub struct UserOffline {
    /// Who.
    pub user: User,
}

impl Event for UserOffline {}

/// Names the type of an event in a constant descriptor.
pub type EventKey = fn() -> (TypeId, &'static str);

/// The key of the event `E`.
pub fn event_key<E: Event>() -> (TypeId, &'static str) {
    (TypeId::of::<E>(), type_name::<E>())
}

/// The constant that `#[hook]` submits to `inventory`.
pub struct HookInfo {
    /// The event that it waits for.
    pub event: EventKey,
    /// Where it comes from.
    pub origin: Origin,
    /// What its other arguments ask for.
    pub needs: &'static [Needs],
    /// Runs it.
    pub call: fn(Arc<Context>, &(dyn Any + Send + Sync)) -> BoxFuture<Result<()>>,
}

inventory::collect!(HookInfo);

/// The hooks by event.
#[derive(Default)]
pub struct Events {
    hooks: HashMap<TypeId, Vec<&'static HookInfo>>,
}

impl Events {
    pub(crate) fn new(hooks: &[&'static HookInfo]) -> Self {
        let mut by_event: HashMap<TypeId, Vec<&'static HookInfo>> = HashMap::new();
        for hook in hooks {
            by_event.entry((hook.event)().0).or_default().push(hook);
        }
        Self { hooks: by_event }
    }

    /// Runs every hook that waits for `E`; what fails is logged and the others run.
    pub(crate) async fn notify<E: Event>(server: &Arc<Context>, event: E) {
        let Some(hooks) = server.events.hooks.get(&TypeId::of::<E>()) else { return };
        let limit = Duration::from_secs(server.limits.request_seconds);
        for hook in hooks {
            // The call itself may panic as well as the future that it returns.
            let run =
                AssertUnwindSafe(async { (hook.call)(Arc::clone(server), &event).await }).catch_unwind();
            let run = run.instrument(ledger::span(&hook.origin));
            let problem = match tokio::time::timeout(limit, run).await {
                Ok(Ok(Ok(()))) => {
                    server.ledger.background("hook", &hook.origin, Ended::Well);
                    continue;
                }
                Ok(Ok(Err(error))) => error.to_string(),
                Ok(Err(_panic)) => "it panicked".to_owned(),
                Err(_elapsed) => "it took too long".to_owned(),
            };
            server.ledger.background("hook", &hook.origin, Ended::Failed);
            server.ledger.failed(&hook.origin, &problem);
            tracing::error!(plugin = hook.origin.krate, hook = %hook.origin, event = type_name::<E>(), problem, "a hook failed");
        }
    }
}
