//! Whom a caller reaches: plug-ins that only tell people something need to know nothing else of them.

use std::sync::Arc;

use serde::Serialize;

use crate::error::{Result, refusal};
use crate::handler::{BoxFuture, Needs};
use crate::presence::Online;
use crate::request::{FromRequest, Request};
use crate::services::{Service, service_key};
use crate::user::{User, UserId};

/// What a server says about who may reach whom. Provided as the service `Arc<dyn Rights>`; plug-ins ask through [`Reach`], and
/// loaded ones are held to it in whatever they ask for (PLUGIN-ABI.md).
pub trait Rights: Send + Sync {
    /// Whether the caller may tell this user something.
    fn may_tell(&self, caller: UserId, to: UserId) -> BoxFuture<Result<bool>>;

    /// Whether the caller may see and change what is kept for the thing of this kind with this number.
    fn may_keep(&self, caller: UserId, kind: &'static str, id: u64) -> BoxFuture<Result<bool>>;

    /// Who belongs to the thing of this kind with this number; nobody where there is none.
    fn members(&self, kind: &'static str, id: u64) -> BoxFuture<Result<Vec<UserId>>>;
}

/// Tells others something for the caller, as far as the server lets the caller reach them. The same in a plug-in that is linked
/// in and in one that is loaded.
#[derive(Clone)]
pub struct Reach {
    caller: UserId,
    rights: Arc<dyn Rights>,
    online: Online,
}

impl Reach {
    pub(crate) fn new(caller: UserId, rights: Arc<dyn Rights>, online: Online) -> Self {
        Self { caller, rights, online }
    }

    /// Whether the caller may tell this user something; itself always.
    ///
    /// # Errors
    ///
    /// If the server can't find out.
    pub async fn may_tell(&self, to: UserId) -> Result<bool> {
        Ok(self.caller == to || self.rights.may_tell(self.caller, to).await?)
    }

    /// Whether the caller belongs to the thing of this kind with this number, such as a room.
    ///
    /// # Errors
    ///
    /// If the server can't find out.
    pub async fn belongs(&self, kind: &'static str, id: u64) -> Result<bool> {
        self.rights.may_keep(self.caller, kind, id).await
    }

    /// Tells a user something, as a named event; whether it was queued, which it is not for who is offline.
    ///
    /// # Errors
    ///
    /// [`refusal::FORBIDDEN`] if the caller may not reach the user, or if the server can't find out.
    pub async fn tell<T>(&self, to: UserId, name: &str, args: &T) -> Result<bool>
    where
        T: Serialize + Sync + ?Sized,
    {
        if !self.may_tell(to).await? {
            return Err(refusal::FORBIDDEN.into());
        }
        Ok(self.online.tell(to, name, args))
    }

    /// Tells everybody else who belongs to the thing of this kind with this number; for how many it was queued.
    ///
    /// # Errors
    ///
    /// [`refusal::FORBIDDEN`] if the caller does not belong to it, or if the server can't find out.
    pub async fn tell_others<T>(&self, kind: &'static str, id: u64, name: &str, args: &T) -> Result<usize>
    where
        T: Serialize + Sync + ?Sized,
    {
        if !self.belongs(kind, id).await? {
            return Err(refusal::FORBIDDEN.into());
        }
        let members = self.rights.members(kind, id).await?;
        let others = members.into_iter().filter(|member| *member != self.caller);
        Ok(others.filter(|member| self.online.tell(*member, name, args)).count())
    }
}

impl FromRequest for Reach {
    const NEEDS: Needs = Needs { login: true, service: Some(service_key::<Arc<dyn Rights>>) };

    fn from_request(request: &mut Request) -> Result<Self> {
        let caller = User::from_request(request)?;
        let rights = Service::<Arc<dyn Rights>>::from_request(request)?;
        Ok(Self::new(caller.id, Arc::clone(&rights), request.server.online.clone()))
    }
}
