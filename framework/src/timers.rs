//! What plug-ins do again and again while the server runs.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::context::Context;
use crate::error::Result;
use crate::handler::{BoxFuture, Needs, Origin};
use crate::ledger::{self, Ended};

/// The constant that `#[timer]` submits to `inventory`.
pub struct TimerInfo {
    /// The time between two beginnings. A run that takes longer delays the next one; none is made up for.
    pub every: Duration,
    /// Where it comes from.
    pub origin: Origin,
    /// What its arguments ask for.
    pub needs: &'static [Needs],
    /// Runs it once.
    pub call: fn(Arc<Context>) -> BoxFuture<Result<()>>,
}

inventory::collect!(TimerInfo);

/// Starts every timer; they end with `stop`. The first run comes after the first interval.
pub(crate) fn start(
    server: &Arc<Context>,
    timers: &[&'static TimerInfo],
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    for timer in timers.iter().copied() {
        let (server, stop) = (Arc::clone(server), stop.clone());
        tasks.spawn(async move {
            let mut ticks = interval_at(Instant::now() + timer.every, timer.every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = ticks.tick() => {}
                    () = stop.cancelled() => return,
                }
                tokio::select! {
                    () = run(&server, timer) => {}
                    () = stop.cancelled() => return,
                }
            }
        });
    }
}

/// Runs a timer once; what fails is logged, and the next run comes all the same.
async fn run(server: &Arc<Context>, timer: &'static TimerInfo) {
    let limit = Duration::from_secs(server.limits.request_seconds);
    let run = AssertUnwindSafe(async { (timer.call)(Arc::clone(server)).await }).catch_unwind();
    let run = run.instrument(ledger::span(&timer.origin));
    let problem = match tokio::time::timeout(limit, run).await {
        Ok(Ok(Ok(()))) => return server.ledger.background("timer", &timer.origin, Ended::Well),
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(_panic)) => "it panicked".to_owned(),
        Err(_elapsed) => "it took too long".to_owned(),
    };
    server.ledger.background("timer", &timer.origin, Ended::Failed);
    server.ledger.failed(&timer.origin, &problem);
    tracing::error!(plugin = timer.origin.krate, timer = %timer.origin, problem, "a timer failed");
}
