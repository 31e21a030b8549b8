//! Typed filters between plug-ins: before the fact. A filter may change what is about to happen, or refuse it.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tracing::Instrument as _;

use crate::context::Context;
use crate::error::{Error, Result, refusal};
use crate::events::{Event, EventKey};
use crate::handler::{BoxFuture, Needs, Origin};
use crate::ledger::{self, Ended};

/// An event on its way through the filters.
pub type AnyEvent = Box<dyn Any + Send>;

/// The constant that `#[filter]` submits to `inventory`.
pub struct FilterInfo {
    /// The event that it looks at.
    pub event: EventKey,
    /// Where it comes from.
    pub origin: Origin,
    /// What its other arguments ask for.
    pub needs: &'static [Needs],
    /// Runs it: the event comes out again, or a refusal.
    pub call: fn(Arc<Context>, AnyEvent) -> BoxFuture<Result<AnyEvent>>,
}

inventory::collect!(FilterInfo);

/// A filter that gave something else back, panicked, or took too long. What it should have looked at does not happen.
#[derive(Debug, thiserror::Error)]
#[error("the filter {filter} failed on `{event}`: {problem}")]
struct FilterFailed {
    filter: Origin,
    event: &'static str,
    problem: &'static str,
}

/// The filters by event, each event's in the order of crate and name.
#[derive(Default)]
pub(crate) struct Filters {
    by_event: HashMap<TypeId, Vec<&'static FilterInfo>>,
}

impl Filters {
    pub(crate) fn new(filters: &[&'static FilterInfo]) -> Self {
        let mut by_event: HashMap<TypeId, Vec<&'static FilterInfo>> = HashMap::new();
        for filter in filters {
            by_event.entry((filter.event)().0).or_default().push(filter);
        }
        Self { by_event }
    }

    /// Sends an event through every filter for it. What comes out is what may happen; a filter that fails lets nothing
    /// through.
    pub(crate) async fn run<E: Event>(server: &Arc<Context>, event: E) -> Result<E> {
        let Some(filters) = server.filters.by_event.get(&TypeId::of::<E>()) else { return Ok(event) };
        let limit = Duration::from_secs(server.limits.request_seconds);
        let mut event: AnyEvent = Box::new(event);
        for filter in filters {
            let failed = |problem| {
                Error::from(FilterFailed { filter: filter.origin, event: type_name::<E>(), problem })
            };
            // The call itself may panic as well as the future that it returns.
            let run = AssertUnwindSafe(async { (filter.call)(Arc::clone(server), event).await });
            let run = run.catch_unwind().instrument(ledger::span(&filter.origin));
            let note = |ended| server.ledger.background("filter", &filter.origin, ended);
            event = match tokio::time::timeout(limit, run).await {
                Ok(Ok(passed)) => {
                    note(Ended::of(&passed));
                    if let Err(Error::Internal(error)) = &passed {
                        server.ledger.failed(&filter.origin, error);
                    }
                    passed?
                }
                Ok(Err(_panic)) => {
                    note(Ended::Failed);
                    server.ledger.failed(&filter.origin, &"it panicked");
                    return Err(failed("it panicked"));
                }
                Err(_elapsed) => {
                    note(Ended::Failed);
                    server.ledger.failed(&filter.origin, &"it took too long");
                    tracing::error!(plugin = filter.origin.krate, filter = %filter.origin, event = type_name::<E>(), "a filter took too long");
                    return Err(refusal::TIMED_OUT.into());
                }
            };
        }
        event.downcast::<E>().map(|event| *event).map_err(|_| refusal::INTERNAL.into())
    }
}
