//! What all calls of an instance share.

use crate::services::Services;

/// The services of the module.
pub struct Context {
    pub(crate) services: Services,
}
