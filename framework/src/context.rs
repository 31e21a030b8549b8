//! What the running server shares with every request and hook.

use uchat_config::Limits;

use crate::events::Events;
use crate::presence::Online;
use crate::services::Services;

/// The parts of a running server that handlers and hooks draw from.
pub struct Context {
    /// The typed map, complete since before the listener opened.
    pub(crate) services: Services,
    /// Who is online, and the way to them.
    pub(crate) online: Online,
    /// The hooks by event.
    pub(crate) events: Events,
    /// Every bound that the framework keeps.
    pub(crate) limits: Limits,
}
