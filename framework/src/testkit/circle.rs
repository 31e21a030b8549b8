//! Who reaches whom in a test.

use std::sync::Arc;

use crate::error::Result;
use crate::handler::BoxFuture;
use crate::presence::Online;
use crate::reach::{Reach, Rights};
use crate::user::UserId;

/// A made-up circle of people: pairs of users that reach each other, and things that some of them belong to.
#[derive(Clone, Debug, Default)]
pub struct Circle {
    pairs: Vec<(UserId, UserId)>,
    things: Vec<(&'static str, u64, Vec<UserId>)>,
}

impl Circle {
    /// These two reach each other.
    #[must_use]
    pub fn pair(mut self, one: UserId, other: UserId) -> Self {
        self.pairs.push((one, other));
        self
    }

    /// These users belong to the thing of this kind with this number.
    #[must_use]
    pub fn thing(mut self, kind: &'static str, id: u64, members: &[UserId]) -> Self {
        self.things.push((kind, id, members.to_vec()));
        self
    }

    /// What a handler is given that this user calls; what is told goes to `online`.
    pub fn reach(&self, caller: UserId, online: &Online) -> Reach {
        Reach::new(caller, Arc::new(self.clone()), online.clone())
    }

    /// The same as what a server says of who may reach whom.
    pub fn rights(self) -> Arc<dyn Rights> {
        Arc::new(self)
    }

    fn belonging(&self, kind: &str, id: u64) -> Vec<UserId> {
        let found = self.things.iter().find(|thing| thing.0 == kind && thing.1 == id);
        found.map(|thing| thing.2.clone()).unwrap_or_default()
    }
}

impl Rights for Circle {
    fn may_tell(&self, caller: UserId, to: UserId) -> BoxFuture<Result<bool>> {
        let found = self.pairs.contains(&(caller, to)) || self.pairs.contains(&(to, caller));
        Box::pin(async move { Ok(found) })
    }

    fn may_keep(&self, caller: UserId, kind: &'static str, id: u64) -> BoxFuture<Result<bool>> {
        let found = self.belonging(kind, id).contains(&caller);
        Box::pin(async move { Ok(found) })
    }

    fn members(&self, kind: &'static str, id: u64) -> BoxFuture<Result<Vec<UserId>>> {
        let members = self.belonging(kind, id);
        Box::pin(async move { Ok(members) })
    }
}
