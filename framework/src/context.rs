//! What the running server shares with every request and hook.

use uchat_config::Limits;

use crate::events::Events;
use crate::filters::Filters;
use crate::ledger::Ledger;
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
    /// The filters by event.
    pub(crate) filters: Filters,
    /// What each plug-in has done.
    pub(crate) ledger: Ledger,
    /// The plug-ins that come and go while the server runs.
    #[cfg(feature = "hot")]
    pub(crate) hot: crate::hot::HotPlugins,
    /// Roles that a peer holds by the identity key that it has proved, without being a user.
    pub(crate) key_roles: Vec<([u8; 32], &'static str)>,
    /// Every bound that the framework keeps.
    pub(crate) limits: Limits,
}

impl Context {
    /// Whether whoever has proved this key holds a role by it.
    pub(crate) fn key_has_role(&self, key: Option<[u8; 32]>, role: &str) -> bool {
        self.key_roles.iter().any(|(holder, held)| Some(*holder) == key && *held == role)
    }
}
