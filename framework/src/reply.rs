//! What goes back: one push or several, encoded once.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use uchat_codec::{Opcode, Value, encode_message, opcode, to_value};

use crate::error::{Error, Rejection, Result};
use crate::feed::Feed;
use crate::handler::BoxFuture;

/// Runs when a push has been written to the socket.
pub type Written = Box<dyn FnOnce() + Send + Sync>;

/// One encoded message on its way to one session. Cheap to copy to many: the bytes are shared.
pub struct Push {
    pub(crate) bytes: Bytes,
    pub(crate) written: Option<Written>,
}

impl Push {
    /// Encodes the parameters under an opcode.
    pub fn new<T: Serialize + ?Sized>(opcode: Opcode, parameters: &T) -> Result<Self> {
        Ok(Self::encoded(encode_message(opcode, parameters)?))
    }

    /// A push of a message that is encoded already (opcode and parameters, PROTOCOL.md).
    pub fn encoded(bytes: Bytes) -> Self {
        Self { bytes, written: None }
    }

    /// Runs `written` once the message has been handed to the operating system whole; never, if it could not be.
    #[must_use]
    pub fn then(mut self, written: impl FnOnce() + Send + Sync + 'static) -> Self {
        self.written = Some(Box::new(written));
        self
    }

    /// The encoded message.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let opcode = self.bytes.first().copied().map(Opcode);
        write!(f, "Push({opcode:?}, {} bytes)", self.bytes.len())
    }
}

/// The messages that answer a request, in order.
#[derive(Default)]
pub struct Replies {
    pub(crate) pushes: Vec<Push>,
    pub(crate) follow: Option<(Arc<dyn Feed>, u64)>,
    /// Where the answer is not known yet: nothing else is set then.
    pub(crate) later: Option<BoxFuture<Result<Replies>>>,
}

impl Replies {
    /// No answer.
    pub fn none() -> Self {
        Self::default()
    }

    /// One message.
    pub fn one<T: Serialize + ?Sized>(opcode: Opcode, parameters: &T) -> Result<Self> {
        Self::none().and(opcode, parameters)
    }

    /// One more message behind those there are.
    pub fn and<T: Serialize + ?Sized>(self, opcode: Opcode, parameters: &T) -> Result<Self> {
        Ok(self.push(Push::new(opcode, parameters)?))
    }

    /// One more push behind those there are.
    #[must_use]
    pub fn push(mut self, push: Push) -> Self {
        self.pushes.push(push);
        self
    }

    /// When all of this is queued, the session follows `feed` from behind `position`: see [`Feed`].
    #[must_use]
    pub fn then_follow(mut self, feed: Arc<dyn Feed>, position: u64) -> Self {
        self.follow = Some((feed, position));
        self
    }

    /// An answer that is not known yet.
    fn later(answer: impl Future<Output = Result<Self>> + Send + 'static) -> Self {
        Self { later: Some(Box::pin(answer)), ..Self::default() }
    }

    /// `[true, ""]`, then what the handler returned.
    pub fn outcome(opcode: Opcode, rest: Self) -> Result<Self> {
        if let Some(rest) = rest.later {
            return Ok(Self::later(async move { Ok(Self::one(opcode, &(true, ""))?.before(rest.await?)) }));
        }
        Ok(Self::one(opcode, &(true, ""))?.before(rest))
    }

    fn before(mut self, rest: Self) -> Self {
        self.pushes.extend(rest.pushes);
        self.follow = rest.follow;
        self
    }

    /// The answer of a named call. A call that returns nothing answers `ok: true`.
    pub fn call_result<T: Serialize + ?Sized>(id: u64, answer: &T) -> Result<Self> {
        let ok = match to_value(answer)? {
            Value::None => Value::Bool(true),
            value => value,
        };
        Self::one(opcode::CALL_RESULT, &uchat_codec::chat::CallResult::ok(id, ok))
    }
}

/// What a named call can return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the answer of a named call",
    note = "return something that implements `serde::Serialize` (`#[derive(serde::Serialize)]`), `()`, or `Replies` for `ok: true` and messages behind it"
)]
pub trait IntoCallResult {
    /// The messages to send.
    fn into_call_result(self, id: u64) -> Result<Replies>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoCallResult for T {
    fn into_call_result(self, id: u64) -> Result<Replies> {
        Replies::call_result(id, &self)
    }
}

impl IntoCallResult for Replies {
    fn into_call_result(self, id: u64) -> Result<Self> {
        Ok(Self::call_result(id, &true)?.before(self))
    }
}

/// The answer of a named call, with messages behind it, or a feed that is followed from then on.
pub struct AnswerThen<T>(pub T, pub Replies);

impl<T: Serialize> IntoCallResult for AnswerThen<T> {
    fn into_call_result(self, id: u64) -> Result<Replies> {
        Ok(Replies::call_result(id, &self.0)?.before(self.1))
    }
}

/// An answer that comes later: whatever the request does for others to see is under way in its order, and all that is left
/// is to wait, for a commit for instance. Meanwhile the next request of the same operation from the same connection may
/// begin, so that a client that sends many at once does not wait for one commit each; every other one waits. Answers
/// keep the order of the requests, and the time that a request may take counts from its beginning.
pub struct Later<T>(BoxFuture<Result<T>>);

impl<T> Later<T> {
    /// The answer is what `answer` ends with.
    pub fn new(answer: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        Self(Box::pin(answer))
    }
}

impl<T> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Later(..)")
    }
}

impl<T: Serialize + 'static> IntoCallResult for Later<T> {
    fn into_call_result(self, id: u64) -> Result<Replies> {
        Ok(Replies::later(async move { Replies::call_result(id, &self.0.await?) }))
    }
}

impl IntoReplies for Later<()> {
    fn into_replies(self) -> Replies {
        Replies::later(async move { self.0.await.map(|()| Replies::none()) })
    }
}

/// How a refusal of a named call goes out.
pub(crate) fn call_refused(id: u64, rejection: &Rejection) -> Result<Replies> {
    let result = uchat_codec::chat::CallResult::err(id, rejection.code(), rejection.text());
    Replies::one(opcode::CALL_RESULT, &result)
}

/// What a handler without `reply` can return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent back without an opcode",
    note = "say which opcode carries it: `#[handler(MY_OPCODE, reply = MY_ANSWER)]`, or return `()` or `Replies`"
)]
pub trait IntoReplies {
    /// The messages to send.
    fn into_replies(self) -> Replies;
}

impl IntoReplies for () {
    fn into_replies(self) -> Replies {
        Replies::none()
    }
}

impl IntoReplies for Replies {
    fn into_replies(self) -> Replies {
        self
    }
}

impl fmt::Debug for Replies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replies")
            .field("pushes", &self.pushes)
            .field("follow", &self.follow.as_ref().map(|(_, position)| position))
            .field("later", &self.later.is_some())
            .finish()
    }
}

impl TryFrom<&Push> for uchat_codec::Message {
    type Error = Error;

    fn try_from(push: &Push) -> Result<Self> {
        Ok(Self::decode(push.bytes.clone(), &uchat_codec::Limits::default())?)
    }
}
