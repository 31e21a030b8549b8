//! What a handler crate is built with to become a module that a running server loads (PLUGIN-ABI.md).
//!
//! It has the names of `uchat-framework` and takes its place: the manifest of the module says
//! `uchat-framework = { package = "uchat-guest", … }`, and the source stays as it is. What is the same in both is the same
//! file; what a server does itself, a module asks the server for. There are no hooks, filters and timers, no opcodes, and no
//! services but those of the module and [`Keep`] and [`PluginSettings`].
//!
//! # Layout
//!
//! - `border`: memory and functions at the edge of the module, all that is unsafe
//! - `serve`: the manifest, the settings, one call
//! - `host`: asking the server
//! - `online`, `reach`, `chance`, `stored`, `settings`, `grants`: what is asked for
//! - `request`, `reply`, `context`: the small counterparts of the framework's
//! - `error`, `handler`, `keep`, `returned`, `services`, `user`: the framework's own files

#![cfg_attr(not(target_family = "wasm"), allow(dead_code, reason = "only a module has a server around it"))]
#![allow(rustdoc::broken_intra_doc_links, reason = "shared files link to what only a server has")]

// The attributes write `::uchat_framework::…`, which has to resolve inside this crate's own tests too.
extern crate self as uchat_framework;

mod border;
mod chance;
mod context;
#[path = "../../src/error.rs"]
mod error;
mod grants;
#[path = "../../src/handler.rs"]
mod handler;
mod host;
#[path = "../../src/keep.rs"]
pub mod keep;
mod online;
mod reach;
mod reply;
mod request;
#[path = "../../src/returned.rs"]
mod returned;
mod serve;
#[path = "../../src/services.rs"]
mod services;
mod settings;
mod stored;
#[path = "../../src/user.rs"]
mod user;

pub use chance::{Clock, Random};
pub use context::Context;
pub use error::{Error, Rejection, Result, refusal};
pub use grants::Grants;
pub use handler::{Answer, BoxFuture, HandlerInfo, Needs, Operation, Origin, Policy, Rate};
pub use keep::{Keep, Namespace, Scope};
pub use online::Online;
pub use reach::Reach;
pub use reply::{IntoCallResult, IntoReplies, Replies};
pub use request::{Args, FromRequest, Request};
pub use services::{FromServer, FromServices, MissingService, Service, ServiceInfo, ServiceKey, Services};
pub use settings::{PluginSettings, RefusedSettings};
pub use uchat_codec as codec;
pub use uchat_framework_macros::{handler, service};
pub use user::{User, UserId};

/// The interface that modules of this crate are built for (PLUGIN-ABI.md).
pub const ABI: (u32, u32) = (1, 2);

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
        Args, Clock, Keep, Namespace, Online, PluginSettings, Random, Reach, Replies, Result, Scope, Service,
        User, UserId, ensure, grants, handler, rejections, service,
    };
}
