//! The user that a session belongs to, once somebody has checked who it is.

use std::fmt;
use std::sync::Arc;

/// The number of a user.
pub type UserId = u64;

/// A logged-in user. Only [`Caller::sign_in`](crate::Caller::sign_in) (and the test kit) can make one, so holding it
/// is the proof that somebody checked the credentials.
#[derive(Clone)]
#[non_exhaustive]
pub struct User {
    /// The number of the user.
    pub id: UserId,
    /// The name, for logs and for messages.
    pub name: Arc<str>,
    pub(crate) roles: Arc<[String]>,
}

impl User {
    pub(crate) fn new(id: UserId, name: &str, roles: &[String]) -> Self {
        Self { id, name: name.into(), roles: roles.into() }
    }

    /// Whether the user has been given this role at login.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.name, self.id)
    }
}
