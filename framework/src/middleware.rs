//! The layers around every handler, outermost first, in one visible list.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Rejection, Result, refusal};
use crate::handler::{HandlerInfo, Rate};
use crate::ledger::Ended;
use crate::request::Request;

/// What a layer looks at before and after a handler runs. Both are quick and never block.
pub trait Middleware: Send + Sync + 'static {
    /// Lets the request through, or refuses it: then neither the layers further in nor the handler see it.
    fn before(&self, info: &HandlerInfo, request: &Request) -> Result<(), Rejection> {
        let _ = (info, request);
        Ok(())
    }

    /// Sees how a request ended that this layer has let through.
    fn after(&self, info: &HandlerInfo, taken: Duration, error: Option<&Error>) {
        let _ = (info, taken, error);
    }
}

/// The layers that every server has, outermost first.
pub(crate) fn standard(session_rate: Option<Rate>) -> Vec<Arc<dyn Middleware>> {
    vec![
        Arc::new(Trace),
        Arc::new(Metrics),
        Arc::new(Login),
        Arc::new(Role),
        Arc::new(RateLimit { session_rate }),
    ]
}

/// One log line a request; never its parameters.
struct Trace;

impl Middleware for Trace {
    fn after(&self, info: &HandlerInfo, taken: Duration, error: Option<&Error>) {
        match error {
            None => {
                tracing::debug!(operation = %info.operation, plugin = info.origin.krate, name = info.origin.name, ?taken, "served");
            }
            Some(Error::Rejected(rejection)) => {
                tracing::debug!(operation = %info.operation, plugin = info.origin.krate, name = info.origin.name, ?taken, code = rejection.code(), "refused");
            }
            // The dispatcher logs it with the number that the peer is told.
            Some(Error::Internal(_)) => {}
        }
    }
}

/// `uchat_requests_total` and `uchat_request_seconds`, by plug-in and operation.
struct Metrics;

impl Middleware for Metrics {
    fn after(&self, info: &HandlerInfo, taken: Duration, error: Option<&Error>) {
        let outcome = match error {
            None => Ended::Well,
            Some(Error::Rejected(_)) => Ended::Refused,
            Some(Error::Internal(_)) => Ended::Failed,
        };
        let (plugin, operation) = (info.origin.krate, info.origin.name);
        metrics::counter!("uchat_requests_total", "plugin" => plugin, "operation" => operation, "outcome" => outcome.name())
            .increment(1);
        metrics::histogram!("uchat_request_seconds", "plugin" => plugin, "operation" => operation)
            .record(taken);
    }
}

/// Operations whose arguments ask for a user are for logged-in sessions; so are those with a role, unless the session
/// holds the role by its key.
struct Login;

impl Middleware for Login {
    fn before(&self, info: &HandlerInfo, request: &Request) -> Result<(), Rejection> {
        let needed = info.user_needed() || info.policy.role.is_some_and(|role| !held_by_key(request, role));
        if needed && request.user.is_none() { Err(refusal::NOT_LOGGED_IN) } else { Ok(()) }
    }
}

/// Operations with a role are for who holds it.
struct Role;

impl Middleware for Role {
    fn before(&self, info: &HandlerInfo, request: &Request) -> Result<(), Rejection> {
        let held = |role: &str| {
            request.user.as_ref().is_some_and(|user| user.has_role(role)) || held_by_key(request, role)
        };
        if info.policy.role.is_none_or(held) { Ok(()) } else { Err(refusal::FORBIDDEN) }
    }
}

fn held_by_key(request: &Request, role: &str) -> bool {
    request.server.key_has_role(request.session.identity().identity_key, role)
}

/// The rate of the operation, and that of the session as a whole.
struct RateLimit {
    session_rate: Option<Rate>,
}

impl Middleware for RateLimit {
    fn before(&self, info: &HandlerInfo, request: &Request) -> Result<(), Rejection> {
        if !self.session_rate.is_none_or(|rate| request.session.within_rate("", rate)) {
            return Err(refusal::TOO_MANY_REQUESTS.with("limits.requests_per_second"));
        }
        if !info.policy.rate.is_none_or(|rate| request.session.within_rate(info.origin.name, rate)) {
            return Err(refusal::TOO_MANY_REQUESTS.with(info.operation));
        }
        Ok(())
    }
}
