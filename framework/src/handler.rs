//! The descriptor that `#[handler]` registers: what is served, by whom, under which policy.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use uchat_codec::Opcode;

use crate::error::Result;
use crate::reply::Replies;
use crate::request::Request;
use crate::services::ServiceKey;

/// A boxed future that owns all it needs.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a handler serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A core operation with a one-byte opcode.
    Opcode(Opcode),
    /// A named call (PROTOCOL.md, named calls), such as `acme.poke`.
    Call(&'static str),
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opcode(opcode) => write!(f, "{}", opcode.0),
            Self::Call(name) => f.write_str(name),
        }
    }
}

/// Where a registered function comes from, for help texts and for reports of collisions.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The name of the function.
    pub name: &'static str,
    /// The first paragraph of its doc comment.
    pub doc: &'static str,
    /// The crate that holds it.
    pub krate: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line in that file.
    pub line: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of {} ({}:{})", self.name, self.krate, self.file, self.line)
    }
}

/// What one argument of a handler, hook or service builder asks for.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// A logged-in user: asking for `User` *is* the login check.
    pub login: bool,
    /// A service that must be there before the listener opens.
    pub service: Option<ServiceKey>,
}

impl Needs {
    /// Nothing that could be missing.
    pub const NOTHING: Self = Self { login: false, service: None };
    /// A logged-in user.
    pub const LOGIN: Self = Self { login: true, service: None };

    /// A service.
    pub const fn service(key: ServiceKey) -> Self {
        Self { login: false, service: Some(key) }
    }
}

/// How the answer of a handler goes out, and where its rejections go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What the handler returns, push by push; rejections as `general_failure`.
    Free,
    /// The returned value with this opcode; rejections as `general_failure`.
    Reply(Opcode),
    /// `[true, ""]` or `[false, text]` with this opcode.
    Outcome(Opcode),
    /// `call_result` with the id of the call.
    CallResult,
}

/// A number of requests that a session may make in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests, at least one.
    pub count: u32,
    /// Seconds, at least one.
    pub seconds: u64,
}

/// Policy as data; the dispatcher enforces it in one place.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// At most so many requests per session.
    pub rate: Option<Rate>,
    /// Only users with this role.
    pub role: Option<&'static str>,
    /// The longest time that the handler may take; none means `limits.request_seconds`.
    pub timeout: Option<Duration>,
}

/// The constant that `#[handler]` submits to `inventory`.
pub struct HandlerInfo {
    /// What is served.
    pub operation: Operation,
    /// Who serves it.
    pub origin: Origin,
    /// What its arguments ask for.
    pub needs: &'static [Needs],
    /// How it answers.
    pub answer: Answer,
    /// Under which policy.
    pub policy: Policy,
    /// Runs it.
    pub call: fn(Request) -> BoxFuture<Result<Replies>>,
}

impl HandlerInfo {
    /// Whether only logged-in users get through; or, where a role is asked for, who holds it by a key.
    pub fn login_needed(&self) -> bool {
        self.policy.role.is_some() || self.user_needed()
    }

    /// Whether an argument asks for the user.
    pub(crate) fn user_needed(&self) -> bool {
        self.needs.iter().any(|needs| needs.login)
    }
}

inventory::collect!(HandlerInfo);
