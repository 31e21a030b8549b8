//! Random numbers and the time, for plug-ins that may also be loaded: a module has neither of its own.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rand::RngExt as _;

use crate::context::Context;
use crate::error::Result;
use crate::handler::Needs;
use crate::services::FromServer;

/// Random numbers that nobody can foresee.
#[derive(Clone, Copy, Debug, Default)]
pub struct Random(());

impl Random {
    /// Any number.
    ///
    /// # Errors
    ///
    /// A loaded plug-in needs the grant `random`.
    #[allow(clippy::unused_self, reason = "holding it is the permission")]
    pub fn number(&self) -> Result<u64> {
        Ok(rand::rng().random())
    }

    /// One of these, each as likely as the others; the first of an empty range.
    ///
    /// # Errors
    ///
    /// A loaded plug-in needs the grant `random`.
    #[allow(clippy::unused_self, reason = "holding it is the permission")]
    pub fn among(&self, range: RangeInclusive<u64>) -> Result<u64> {
        if range.is_empty() {
            return Ok(*range.start());
        }
        Ok(rand::rng().random_range(range))
    }
}

/// The time of the server's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock(());

impl Clock {
    /// Seconds since 1970.
    ///
    /// # Errors
    ///
    /// If the clock stands before 1970. A loaded plug-in needs the grant `clock`.
    #[allow(clippy::unused_self, reason = "holding it is the permission")]
    pub fn now(&self) -> Result<u64> {
        Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
    }
}

impl FromServer for Random {
    const NEEDS: Needs = Needs::NOTHING;

    fn from_server(_server: &Arc<Context>) -> Result<Self> {
        Ok(Self(()))
    }
}

impl FromServer for Clock {
    const NEEDS: Needs = Needs::NOTHING;

    fn from_server(_server: &Arc<Context>) -> Result<Self> {
        Ok(Self(()))
    }
}
