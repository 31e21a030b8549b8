//! Random numbers and the time, which a module has to ask for.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::context::Context;
use crate::error::Result;
use crate::handler::Needs;
use crate::host::{self, Function};
use crate::services::FromServer;

/// Random numbers that nobody can foresee. Needs the grant `random`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Random(());

impl Random {
    /// Any number.
    ///
    /// # Errors
    ///
    /// If it is not granted.
    #[allow(clippy::unused_self, reason = "holding it is the permission")]
    pub fn number(&self) -> Result<u64> {
        host::ask(Function::Random, &true)
    }

    /// One of these, each as likely as the others; the first of an empty range.
    ///
    /// # Errors
    ///
    /// If it is not granted.
    pub fn among(&self, range: RangeInclusive<u64>) -> Result<u64> {
        let Some(most) = range.end().checked_sub(*range.start()) else { return Ok(*range.start()) };
        let Some(count) = most.checked_add(1) else { return self.number() };
        // Numbers behind the last whole round of the range would make its first ones more likely.
        let ceiling = u64::MAX - u64::MAX % count;
        loop {
            let number = self.number()?;
            if number < ceiling {
                return Ok(range.start() + number % count);
            }
        }
    }
}

/// The time of the server's clock. Needs the grant `clock`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock(());

impl Clock {
    /// Seconds since 1970.
    ///
    /// # Errors
    ///
    /// If it is not granted.
    #[allow(clippy::unused_self, reason = "holding it is the permission")]
    pub fn now(&self) -> Result<u64> {
        host::ask(Function::Clock, &true)
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
