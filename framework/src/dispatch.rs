//! From an opened frame to its handler and back: the one place where policy is enforced and errors become replies.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use tracing::Instrument as _;
use uchat_codec::chat::Call;
use uchat_codec::{Message, Value, opcode};

use crate::context::Context;
use crate::error::{Error, Rejection, Result, refusal};
use crate::handler::{Answer, HandlerInfo};
use crate::ledger::{self, Ended};
use crate::middleware::Middleware;
use crate::registry::{Registry, Target};
use crate::reply::{Replies, call_refused};
use crate::request::Request;
use crate::session::Session;

/// Routes requests to handlers through the layers.
pub(crate) struct Dispatcher {
    pub(crate) registry: Arc<Registry>,
    pub(crate) layers: Vec<Arc<dyn Middleware>>,
    pub(crate) server: Arc<Context>,
    pub(crate) codec: uchat_codec::Limits,
    /// Numbers the internal errors, so that a user can name one and an operator find it in the log.
    pub(crate) failures: AtomicU64,
}

/// A handler panicked.
#[derive(Debug, thiserror::Error)]
#[error("the handler panicked: {0}")]
struct Panicked(String);

impl Dispatcher {
    /// Serves one request and queues its answer. Requests of one session are served one after the other.
    pub(crate) async fn dispatch(&self, session: &Arc<Session>, plaintext: Bytes) {
        let replies = match Message::decode(plaintext, &self.codec) {
            Ok(message) if message.opcode == opcode::CALL => self.call(session, message.parameters).await,
            Ok(message) => self.operation(session, message).await,
            Err(error) => refused(None, 0, &refusal::BAD_MESSAGE.with(error)),
        };
        session.answer(replies);
    }

    async fn operation(&self, session: &Arc<Session>, message: Message) -> Replies {
        match self.registry.opcode(message.opcode) {
            Some(info) => self.run(&Target::Native(info), session, message.parameters, 0).await,
            None => refused(None, 0, &refusal::UNKNOWN_OPERATION.with(message.opcode.0)),
        }
    }

    async fn call(&self, session: &Arc<Session>, parameters: Value) -> Replies {
        let call: Call = match uchat_codec::from_value(parameters) {
            Ok(call) => call,
            Err(error) => return refused(None, 0, &refusal::BAD_ARGS.with(error)),
        };
        if let Some(target) = self.named(&call.name) {
            return self.run(&target, session, call.args, call.id).await;
        }
        // The name is the peer's: only so much of it goes back.
        let name: String = call.name.chars().take(64).collect();
        refused(Some(Answer::CallResult), call.id, &refusal::UNKNOWN_OPERATION.with(name))
    }

    fn named(&self, name: &str) -> Option<Target> {
        let native = self.registry.call(name).map(Target::Native);
        #[cfg(feature = "hot")]
        let native = native.or_else(|| self.server.hot.operation(name).map(Target::Hot));
        native
    }

    async fn run(&self, target: &Target, session: &Arc<Session>, parameters: Value, call_id: u64) -> Replies {
        let info = target.info();
        let request = Request {
            server: Arc::clone(&self.server),
            session: Arc::clone(session),
            user: session.user(),
            parameters,
            call_id,
        };
        let started = Instant::now();
        let mut passed = 0;
        let mut verdict = Ok(());
        for layer in &self.layers {
            verdict = layer.before(info, &request);
            if verdict.is_err() {
                break;
            }
            passed += 1;
        }
        let result = match verdict {
            Ok(()) => self.guarded(target, request).await,
            Err(rejection) => Err(rejection.into()),
        };
        let taken = started.elapsed();
        self.server.ledger.request(info.origin.krate, Ended::of(&result), taken);
        for layer in self.layers.iter().take(passed).rev() {
            layer.after(info, taken, result.as_ref().err());
        }
        result.unwrap_or_else(|error| self.answer_error(info, session, call_id, &error))
    }

    /// Runs the handler within its time, and keeps a panic from going further than this request.
    async fn guarded(&self, target: &Target, request: Request) -> Result<Replies> {
        let info = target.info();
        let limit = info.policy.timeout.unwrap_or(Duration::from_secs(self.server.limits.request_seconds));
        let run = AssertUnwindSafe(async { target.call(request).await }).catch_unwind();
        let run = run.instrument(ledger::span(&info.origin));
        match tokio::time::timeout(limit, run).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(Panicked(panic_text(&*panic)).into()),
            Err(_elapsed) => Err(refusal::TIMED_OUT.into()),
        }
    }

    fn answer_error(&self, info: &HandlerInfo, session: &Session, call_id: u64, error: &Error) -> Replies {
        match error {
            Error::Rejected(rejection) => refused(Some(info.answer), call_id, rejection),
            Error::Internal(_) => {
                let number = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
                self.server.ledger.failed(&info.origin, error);
                tracing::error!(number, plugin = info.origin.krate, handler = %info.origin, session = session.id(), user = ?session.user(), %error, "a request failed");
                let rejection = refusal::INTERNAL.with(format_args!("#{number}"));
                refused(Some(info.answer), call_id, &rejection)
            }
        }
    }
}

/// The only place where an error becomes bytes.
fn refused(answer: Option<Answer>, call_id: u64, rejection: &Rejection) -> Replies {
    let replies = match answer {
        Some(Answer::CallResult) => call_refused(call_id, rejection),
        Some(Answer::Outcome(opcode)) => Replies::one(opcode, &(false, rejection.text())),
        _ => match rejection.opcode() {
            Some(opcode) => Replies::one(opcode, &()),
            None => Replies::one(opcode::GENERAL_FAILURE, rejection.text()),
        },
    };
    replies.unwrap_or_else(|error| {
        tracing::error!(%error, "a refusal can't be encoded");
        Replies::none()
    })
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
