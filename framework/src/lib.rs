//! A server framework of plug-in handlers over framed, sealed connections.
//!
//! It knows connections, sessions, an authenticated user id, opcodes, services, events and limits. It knows no SQL
//! and nothing of chat; `examples/noticeboard.rs` is a server of another kind built on it.
//!
//! ```
//! use uchat_framework::codec::Opcode;
//! use uchat_framework::prelude::*;
//!
//! const GREET: Opcode = Opcode(40);
//! const GREETING: Opcode = Opcode(140);
//!
//! rejections! { Nameless = "who are you?" }
//!
//! /// Greets somebody by name.
//! #[handler(GREET, reply = GREETING, rate = "10/s")]
//! async fn greet(Args(name): Args<String>) -> Result<String> {
//!     ensure!(!name.is_empty(), Nameless);
//!     Ok(format!("hello {name}"))
//! }
//! # fn main() {}
//! ```
//!
//! # Layout
//!
//! - `handler`, `registry`: the descriptor of a handler, and the checked table of all that are linked in
//! - `request`, `returned`, `reply`, `error`: what a handler asks for, what it returns, how it refuses
//! - `services`, `events`: what handlers share, and what has happened
//! - `reach`, `chance`, `grants`, `keep`: what plug-ins use that are linked in or loaded, the same in both
//! - `dispatch`, `line`, `middleware`: the way of one request, those that wait for their answers, and the layers around
//! - `hot` (feature of the same name): plug-ins in WebAssembly, loaded while the server runs
//! - `ledger`: what each plug-in has done, for the people who run the server
//! - `session`, `outbound`, `feed`, `presence`, `user`: one connection, its queue, who is online
//! - `handshake`, `admission`: the beginning of a connection, and who is let in
//! - `connection`, `writer`, `wire`, `server`: the tasks of a connection, what it runs over, the listener
//! - `testkit` (feature of the same name): handlers tested without a socket

// The attributes write `::uchat_framework::…`, which has to resolve inside this crate's own tests too.
extern crate self as uchat_framework;

mod admission;
mod chance;
mod connection;
mod context;
mod dispatch;
mod error;
mod events;
mod feed;
mod filters;
mod grants;
mod handler;
mod handshake;
#[cfg(feature = "hot")]
pub mod hot;
pub mod keep;
mod ledger;
mod line;
mod middleware;
mod outbound;
mod pace;
mod presence;
mod reach;
mod registry;
mod reply;
mod request;
mod returned;
mod server;
mod services;
mod session;
mod settings;
#[cfg(feature = "testkit")]
pub mod testkit;
mod timers;
mod user;
mod wire;
mod writer;

pub use admission::{Admission, NotAdmitted};
pub use chance::{Clock, Random};
pub use connection::Transport;
pub use context::Context;
pub use error::{Error, Rejection, Result, refusal};
pub use events::{Event, EventKey, Events, HookInfo, UserOffline, UserOnline, event_key};
pub use feed::{Feed, FeedItem};
pub use filters::{AnyEvent, FilterInfo};
pub use handler::{Answer, BoxFuture, HandlerInfo, Needs, Operation, Origin, Policy, Rate};
pub use keep::{Keep, Namespace, Scope};
pub use ledger::{LastFailure, Ledger, PluginReport};
pub use middleware::Middleware;
pub use presence::{Client, Online};
pub use reach::{Reach, Rights};
pub use registry::{Background, Registry, StartError, background};
pub use reply::{AnswerThen, IntoCallResult, IntoReplies, Later, Push, Replies, Written};
pub use request::{Args, Caller, FromRequest, Notifier, Request};
pub use server::{Acceptor, Server, ServerBuilder};
pub use services::{FromServer, FromServices, MissingService, Service, ServiceInfo, ServiceKey, Services};
pub use settings::{PluginSettings, RefusedSettings};
pub use timers::TimerInfo;
pub use uchat_codec as codec;
pub use uchat_framework_macros::{filter, handler, hook, service, timer};
pub use user::{User, UserId};

/// What the attributes need to name; not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use inventory;

    pub use crate::returned::{Finished, PassedOn, Returned, parameters, reply};
    pub use crate::services::IntoService;
}

/// What a handler crate imports.
pub mod prelude {
    pub use crate::{
        Args, Caller, Clock, Keep, Later, Namespace, Notifier, Online, PluginSettings, Push, Random, Reach,
        Replies, Result, Scope, Service, User, UserId, UserOffline, UserOnline, ensure, filter, grants,
        handler, hook, rejections, service, timer,
    };
}
