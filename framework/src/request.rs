//! One request on its way to its handler, and what a handler can ask for as an argument.

use std::net::SocketAddr;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use uchat_codec::{PeerIdentity, Value};

use crate::context::Context;
use crate::error::{Result, refusal};
use crate::events::Events;
use crate::filters::Filters;
use crate::handler::Needs;
use crate::presence::Online;
use crate::reply::Push;
use crate::services::FromServer;
use crate::session::Session;
use crate::user::{User, UserId};

/// One request: the parameters, who sent them, and the server.
pub struct Request {
    pub(crate) server: Arc<Context>,
    pub(crate) session: Arc<Session>,
    pub(crate) user: Option<User>,
    pub(crate) parameters: Value,
    pub(crate) call_id: u64,
}

impl Request {
    /// The id that the caller gave a named call; 0 for an opcode.
    pub fn call_id(&self) -> u64 {
        self.call_id
    }
}

/// What a handler can ask for as an argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something a handler can ask for",
    note = "a handler takes `User`, `Args<T>`, `Service<T>`, `Online`, `Notifier`, `Caller`, in any order",
    note = "parameters of the operation come as `Args<T>`, a service as `Service<T>`; everything is taken by value"
)]
pub trait FromRequest: Sized {
    /// What must be there.
    const NEEDS: Needs;

    /// Takes it from the request.
    fn from_request(request: &mut Request) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromServer> FromRequest for T {
    const NEEDS: Needs = T::NEEDS;

    fn from_request(request: &mut Request) -> Result<Self> {
        T::from_server(&request.server)
    }
}

impl FromRequest for User {
    const NEEDS: Needs = Needs::LOGIN;

    fn from_request(request: &mut Request) -> Result<Self> {
        request.user.clone().ok_or_else(|| refusal::NOT_LOGGED_IN.into())
    }
}

/// The parameters of the request, decoded into a plain type: all of it, or the caller gets "bad parameters".
pub struct Args<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Args<T> {
    const NEEDS: Needs = Needs::NOTHING;

    fn from_request(request: &mut Request) -> Result<Self> {
        crate::returned::parameters(request)
    }
}

impl FromServer for Online {
    const NEEDS: Needs = Needs::NOTHING;

    fn from_server(server: &Arc<Context>) -> Result<Self> {
        Ok(server.online.clone())
    }
}

/// Tells hooks what has happened: `events.notify(RoomJoined { .. }).await`.
#[derive(Clone)]
pub struct Notifier {
    server: Arc<Context>,
}

impl Notifier {
    /// Runs every hook that waits for `E`, one after the other; returns when all have run.
    pub async fn notify<E: crate::events::Event>(&self, event: E) {
        Events::notify(&self.server, event).await;
    }

    /// Sends `E` through every filter for it, before it happens: what comes out is what may happen.
    ///
    /// # Errors
    ///
    /// The rejection of the filter that refused it, which is for the peer; or that a filter failed.
    pub async fn filter<E: crate::events::Event>(&self, event: E) -> Result<E> {
        Filters::run(&self.server, event).await
    }
}

impl FromServer for Notifier {
    const NEEDS: Needs = Needs::NOTHING;

    fn from_server(server: &Arc<Context>) -> Result<Self> {
        Ok(Self { server: Arc::clone(server) })
    }
}

/// The connection that sent the request, for handlers that sign users in or out.
#[derive(Clone)]
pub struct Caller {
    server: Arc<Context>,
    session: Arc<Session>,
}

impl Caller {
    pub(crate) fn new(server: Arc<Context>, session: Arc<Session>) -> Self {
        Self { server, session }
    }

    /// The address and port of the other end of the connection.
    pub fn address(&self) -> SocketAddr {
        self.session.address()
    }

    /// What the peer presented in the handshake. Over `classic` it proves nothing.
    pub fn identity(&self) -> &PeerIdentity {
        self.session.identity()
    }

    /// The user that the connection belongs to, if somebody has signed in.
    pub fn user(&self) -> Option<User> {
        self.session.user()
    }

    /// Whether the peer has proved the identity key that it presents, as it does over `strong`.
    pub fn is_strong(&self) -> bool {
        self.session.identity().identity_key.is_some()
    }

    /// From now on, until the connection ends, the client of this connection understands `feature`: who sends to it asks
    /// for that, see [`Online::publish`].
    pub fn enable(&self, feature: &'static str) {
        self.session.enable(feature);
    }

    /// Whether the client of this connection understands this.
    pub fn has(&self, feature: &str) -> bool {
        self.session.has(feature)
    }

    /// Makes this connection that of `user`; whoever checked the credentials calls it.
    ///
    /// A connection that the user has elsewhere gets `farewell` and is closed, without an "offline" event. A
    /// connection that belonged to another user is signed out first. Hooks on [`UserOnline`](crate::UserOnline) have
    /// run when this returns.
    pub async fn sign_in(&self, id: u64, name: &str, roles: &[String], farewell: Push) -> User {
        crate::presence::sign_in(&self.server, &self.session, User::new(id, name, roles), farewell).await
    }

    /// Ends the session that a user has, if it isn't this connection: `last` is still written to it. Hooks on
    /// [`UserOffline`](crate::UserOffline) have run when this returns; it says whether there was such a session.
    pub async fn end_other_session(&self, user: UserId, last: impl IntoIterator<Item = Push>) -> bool {
        crate::presence::end(&self.server, user, Some(self.session.id()), last).await
    }

    /// Makes this connection nobody's again. Hooks on [`UserOffline`](crate::UserOffline) have run when this returns.
    pub async fn sign_out(&self) {
        crate::presence::sign_out(&self.server, &self.session).await;
    }
}

impl FromRequest for Caller {
    const NEEDS: Needs = Needs::NOTHING;

    fn from_request(request: &mut Request) -> Result<Self> {
        Ok(Self::new(Arc::clone(&request.server), Arc::clone(&request.session)))
    }
}
