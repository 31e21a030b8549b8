//! What a handler answers when it can't do what was asked: whose fault it is, and who may read why.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use uchat_codec::Opcode;

/// The result of handlers, hooks and services.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not carried out.
///
/// Any `std::error::Error` becomes [`Error::Internal`] through `?`; a [`Rejection`] becomes [`Error::Rejected`].
#[derive(Debug)]
pub enum Error {
    /// The peer may read this: a stable code and a sentence.
    Rejected(Rejection),
    /// Only the log may read this; the peer gets "internal error" and the number of the request.
    Internal(Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// The rejection, if the peer may read it.
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            Self::Internal(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Internal(error) => error.fmt(f),
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// A refusal that the peer may read. Made by [`rejections!`](crate::rejections), compared by its code.
#[derive(Clone, Debug)]
pub struct Rejection {
    name: Cow<'static, str>,
    text: Cow<'static, str>,
    opcode: Option<Opcode>,
}

impl Rejection {
    /// A rejection with a name in the style of a Rust type (`NoSuchUser`) and the sentence that the peer reads.
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), text: Cow::Borrowed(text), opcode: None }
    }

    /// A rejection whose code and sentence are known only now, such as that of a handler in a sandbox.
    pub const fn told(code: String, text: String) -> Self {
        Self { name: Cow::Owned(code), text: Cow::Owned(text), opcode: None }
    }

    /// The same rejection, answered by an opcode of its own without parameters (as `login_failed` is).
    #[must_use]
    pub const fn by(self, opcode: Opcode) -> Self {
        // `Cow` has a destructor, so a const fn can't move single fields out of `self`.
        let mut changed = self;
        changed.opcode = Some(opcode);
        changed
    }

    /// The same rejection with a detail behind its sentence.
    #[must_use]
    pub fn with(mut self, detail: impl fmt::Display) -> Self {
        self.text = Cow::Owned(format!("{}: {detail}", self.text));
        self
    }

    /// The code that programs compare, `no_such_user` for `NoSuchUser`.
    pub fn code(&self) -> String {
        let mut code = String::with_capacity(self.name.len() + 4);
        for (index, letter) in self.name.char_indices() {
            if letter.is_ascii_uppercase() && index > 0 {
                code.push('_');
            }
            code.push(letter.to_ascii_lowercase());
        }
        code
    }

    /// The sentence that the peer reads.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The opcode that answers by itself, if this rejection has one.
    pub fn opcode(&self) -> Option<Opcode> {
        self.opcode
    }
}

impl PartialEq for Rejection {
    fn eq(&self, other: &Self) -> bool {
        // One that came out of a module has its code for a name.
        self.name == other.name || self.code() == other.code()
    }
}

impl Eq for Rejection {}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq<Rejection> for Error {
    fn eq(&self, other: &Rejection) -> bool {
        self.rejection() == Some(other)
    }
}

/// Declares the refusals of a handler crate, each with the sentence that the peer reads.
///
/// `Name = "text"` is answered in the way that the handler declares; `Name = "text" => OPCODE` is answered by that
/// opcode without parameters.
#[macro_export]
macro_rules! rejections {
    ($($(#[$meta:meta])* $visibility:vis $name:ident = $text:literal $(=> $opcode:expr)?),+ $(,)?) => {
        $(
            $(#[$meta])*
            #[allow(non_upper_case_globals, reason = "a rejection reads like a variant of an error enum")]
            $visibility const $name: $crate::Rejection = $crate::Rejection::new(stringify!($name), $text)$(.by($opcode))?;
        )+
    };
}

/// Ends the handler with a rejection unless the condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $rejection:expr $(,)?) => {
        if !$condition {
            return ::core::result::Result::Err(::core::convert::From::from($rejection));
        }
    };
}

/// The refusals of the framework itself. Their texts are bilingual, since a classic client shows them as they are.
pub mod refusal {
    use super::Rejection;

    macro_rules! refusals {
        ($($(#[$meta:meta])* $constant:ident: $name:literal, $text:literal;)+) => {
            $($(#[$meta])* pub const $constant: Rejection = Rejection::new($name, $text);)+
        };
    }

    refusals! {
        /// The operation needs a logged-in user.
        NOT_LOGGED_IN: "NotLoggedIn", "请先登录 (not logged in)";
        /// The operation needs a role that the user hasn't.
        FORBIDDEN: "Forbidden", "没有权限 (not allowed)";
        /// The parameters can't be decoded into what the operation takes.
        BAD_ARGS: "BadArgs", "参数错误 (bad parameters)";
        /// The message can't be decoded at all.
        BAD_MESSAGE: "BadMessage", "消息无法解析 (undecodable message)";
        /// No handler serves this opcode or name.
        UNKNOWN_OPERATION: "UnknownOperation", "未知操作 (unknown operation)";
        /// The rate limit of the operation or of the session is reached.
        TOO_MANY_REQUESTS: "TooManyRequests", "操作过于频繁，请稍后再试 (too many requests)";
        /// There are as many connections as there may be.
        TOO_MANY_CONNECTIONS: "TooManyConnections", "连接过多，请稍后再试 (too many connections)";
        /// The handler took longer than its time-out.
        TIMED_OUT: "TimedOut", "操作超时 (timed out)";
        /// Something failed inside; the log says what.
        INTERNAL: "Internal", "服务器内部错误 (internal error)";
        /// The server is ending.
        STOPPING: "Stopping", "服务器正在关闭 (the server is stopping)";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    rejections! {
        /// For the tests.
        NoSuchUser = "no such user",
        LoginFailed = "wrong" => Opcode(201),
    }

    #[test]
    fn a_code_is_the_name_in_snake_case() {
        assert_eq!(NoSuchUser.code(), "no_such_user");
        assert_eq!(LoginFailed.opcode(), Some(Opcode(201)));
    }

    #[test]
    fn a_refusal_that_is_known_by_its_code_is_the_declared_one() {
        assert_eq!(Rejection::told("no_such_user".into(), "told elsewhere".into()), NoSuchUser);
        assert_ne!(Rejection::told("login_failed".into(), String::new()), NoSuchUser);
    }

    #[test]
    fn only_rejections_can_be_read_by_the_peer() {
        let internal = Error::from(std::io::Error::other("disk on fire"));
        assert!(internal.rejection().is_none());
        let refused = Error::from(NoSuchUser.with("bob"));
        assert!(refused == NoSuchUser);
        assert_eq!(NoSuchUser.with("bob").text(), "no such user: bob");
    }
}
