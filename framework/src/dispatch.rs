//! From an opened frame to its handler and back: the one place where policy is enforced and errors become replies.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use tokio::time::Instant;
use tracing::Instrument as _;
use uchat_codec::chat::Call;
use uchat_codec::{Message, Value, opcode};

use crate::context::Context;
use crate::error::{Error, Rejection, Result, refusal};
use crate::handler::{Answer, HandlerInfo};
use crate::ledger::{self, Ended};
use crate::line::Line;
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

/// A request whose server is known.
struct Asked {
    target: Target,
    parameters: Value,
    call_id: u64,
}

/// How far a request is.
struct Run {
    started: Instant,
    /// Layers that have let it through.
    passed: usize,
    call_id: u64,
}

/// A handler panicked.
#[derive(Debug, thiserror::Error)]
#[error("the handler panicked: {0}")]
struct Panicked(String);

impl Dispatcher {
    /// Serves one request and queues its answer, or puts it into the line if it comes later. Requests of one session begin
    /// one after the other.
    pub(crate) async fn dispatch(
        self: &Arc<Self>,
        session: &Arc<Session>,
        plaintext: Bytes,
        line: &mut Line,
    ) {
        let asked = Message::decode(plaintext, &self.codec)
            .map_err(|error| refused(None, 0, &refusal::BAD_MESSAGE.with(error)))
            .and_then(|message| self.asked(message));
        let operation = asked.as_ref().ok().map(|asked| asked.target.info().operation);
        line.admit(operation, session).await;
        match asked {
            Ok(asked) => self.run(asked, session, line).await,
            Err(refusal) => line.answer(refusal, session),
        }
    }

    /// Who serves a message, or why nobody does.
    fn asked(&self, message: Message) -> Result<Asked, Replies> {
        if message.opcode == opcode::CALL {
            return self.call(message.parameters);
        }
        let unknown = || refused(None, 0, &refusal::UNKNOWN_OPERATION.with(message.opcode.0));
        let target = self.registry.opcode(message.opcode).map(Target::Native).ok_or_else(unknown)?;
        Ok(Asked { target, parameters: message.parameters, call_id: 0 })
    }

    fn call(&self, parameters: Value) -> Result<Asked, Replies> {
        let call: Call = uchat_codec::from_value(parameters)
            .map_err(|error| refused(None, 0, &refusal::BAD_ARGS.with(error)))?;
        if let Some(target) = self.named(&call.name) {
            return Ok(Asked { target, parameters: call.args, call_id: call.id });
        }
        // The name is the peer's: only so much of it goes back.
        let name: String = call.name.chars().take(64).collect();
        Err(refused(Some(Answer::CallResult), call.id, &refusal::UNKNOWN_OPERATION.with(name)))
    }

    fn named(&self, name: &str) -> Option<Target> {
        let native = self.registry.call(name).map(Target::Native);
        #[cfg(feature = "hot")]
        let native = native.or_else(|| self.server.hot.operation(name).map(Target::Hot));
        native
    }

    async fn run(self: &Arc<Self>, asked: Asked, session: &Arc<Session>, line: &mut Line) {
        let Asked { target, parameters, call_id } = asked;
        let info = target.info();
        let request = Request {
            server: Arc::clone(&self.server),
            session: Arc::clone(session),
            user: session.user(),
            parameters,
            call_id,
        };
        let limit = info.policy.timeout.unwrap_or(Duration::from_secs(self.server.limits.request_seconds));
        let mut run = Run { started: Instant::now(), passed: 0, call_id };
        let deadline = run.started + limit;
        let mut verdict = Ok(());
        for layer in &self.layers {
            verdict = layer.before(info, &request);
            if verdict.is_err() {
                break;
            }
            run.passed += 1;
        }
        let result = match verdict {
            Ok(()) => guarded(info, deadline, async { target.call(request).await }).await,
            Err(rejection) => Err(rejection.into()),
        };
        if let Ok(Replies { later: Some(later), .. }) = result {
            let (dispatcher, session) = (Arc::clone(self), Arc::clone(session));
            line.wait_for(Box::pin(async move {
                let result = guarded(target.info(), deadline, later).await;
                dispatcher.ended(target.info(), &session, &run, result)
            }));
        } else {
            line.answer(self.ended(info, session, &run, result), session);
        }
    }

    /// Tells the layers how a request ended, and makes its answer.
    fn ended(&self, info: &HandlerInfo, session: &Session, run: &Run, result: Result<Replies>) -> Replies {
        let taken = run.started.elapsed();
        self.server.ledger.request(info.origin.krate, Ended::of(&result), taken);
        for layer in self.layers.iter().take(run.passed).rev() {
            layer.after(info, taken, result.as_ref().err());
        }
        result.unwrap_or_else(|error| self.answer_error(info, session, run.call_id, &error))
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

/// Runs a part of a handler within its time, and keeps a panic from going further than this request.
async fn guarded(
    info: &HandlerInfo,
    deadline: Instant,
    part: impl Future<Output = Result<Replies>>,
) -> Result<Replies> {
    let part = AssertUnwindSafe(part).catch_unwind().instrument(ledger::span(&info.origin));
    match tokio::time::timeout_at(deadline, part).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(Panicked(panic_text(&*panic)).into()),
        Err(_elapsed) => Err(refusal::TIMED_OUT.into()),
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
