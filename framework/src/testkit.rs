//! Handlers tested without a socket: a recording `Online`, made-up users, the whole stack in memory, and plays.
//!
//! # Layout
//!
//! - `play`: dialogues (who sends what, who receives what) that run in memory and over sockets of each suite
//! - `pattern`: the values in them
//! - `stage`, `peer`: where they are performed, and by whom
//! - `circle`: who reaches whom, made up

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

mod circle;
mod pattern;
mod peer;
mod play;
mod stage;

pub use circle::Circle;
pub use peer::Peer;
pub use play::{Play, PlayError};
pub use stage::{Entrance, Stage, Way};

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use uchat_codec::{Message, Opcode, PeerIdentity, Value, encode_message, opcode};
use uchat_config::Limits;

use crate::error::Result;
use crate::line::Line;
use crate::presence;
use crate::registry::StartError;
use crate::reply::Push;
use crate::request::Caller;
use crate::server::{Server, ServerBuilder};
use crate::session::Session;
use crate::user::{User, UserId};

/// A user that nobody had to check, for calling a handler directly.
pub fn user(id: UserId, name: &str) -> User {
    User::new(id, name, &[])
}

/// The parameters of a message in the opcode's place, for assertions.
pub type Received = (Opcode, Value);

/// What was sent through a recording `Online`.
#[derive(Default)]
pub(crate) struct Recorder {
    sent: Mutex<Vec<(UserId, Message)>>,
}

impl Recorder {
    pub(crate) fn record(&self, user: UserId, push: &Push) -> bool {
        match Message::try_from(push) {
            Ok(message) => {
                self.sent.lock().unwrap_or_else(PoisonError::into_inner).push((user, message));
                true
            }
            Err(error) => {
                tracing::error!(%error, "a push can't be decoded again");
                false
            }
        }
    }

    pub(crate) fn take(&self) -> Vec<(UserId, Message)> {
        std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The whole stack without sockets: registry, layers, services, presence, events.
pub struct TestServer {
    server: Server,
}

impl TestServer {
    /// A server of all linked handlers; `with` adds the services that they need.
    pub fn new(with: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Result<Self, StartError> {
        let server = with(ServerBuilder::new(Limits::default())).build()?;
        Ok(Self { server })
    }

    /// Who is online.
    pub fn online(&self) -> &crate::Online {
        self.server.online()
    }

    /// The plug-ins that are loaded while it runs.
    #[cfg(feature = "hot")]
    pub fn hot(&self) -> &crate::hot::HotPlugins {
        self.server.hot()
    }

    /// A connection that has shaken hands.
    pub fn connect(&self) -> TestClient {
        self.connect_as(PeerIdentity::default())
    }

    /// A connection whose peer has presented this in the handshake.
    pub fn connect_as(&self, identity: PeerIdentity) -> TestClient {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let id = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
        let limits = &self.server.dispatcher.server.limits;
        let session = Session::new(id, address, identity, limits, CancellationToken::new());
        TestClient { server: self.server.clone(), session: Arc::new(session) }
    }

    /// A connection whose user is signed in, without credentials.
    pub async fn user(&self, id: UserId, name: &str) -> TestClient {
        let client = self.connect();
        client.sign_in(id, name, &[]).await;
        client
    }
}

/// One connection of a [`TestServer`].
pub struct TestClient {
    server: Server,
    session: Arc<Session>,
}

impl TestClient {
    /// Signs a user in without credentials.
    pub async fn sign_in(&self, id: UserId, name: &str, roles: &[String]) {
        let caller = Caller::new(Arc::clone(&self.server.dispatcher.server), Arc::clone(&self.session));
        let farewell = Push::encoded(bytes::Bytes::from_static(&[110, 0]));
        caller.sign_in(id, name, roles, farewell).await;
    }

    /// Makes a request and returns everything that this connection has received by then.
    pub async fn request<T: Serialize + ?Sized>(
        &self,
        opcode: Opcode,
        parameters: &T,
    ) -> Result<Vec<Received>> {
        self.raw(encode_message(opcode, parameters)?).await
    }

    /// Makes a named call; the answer is the last of what is returned.
    pub async fn call<T: Serialize + ?Sized>(&self, name: &str, args: &T) -> Result<Vec<Received>> {
        let args = uchat_codec::to_value(args)?;
        let call = uchat_codec::chat::Call { name: name.to_owned(), id: 1, args };
        self.request(opcode::CALL, &call).await
    }

    /// Sends an encoded message as it is.
    pub async fn raw(&self, plaintext: bytes::Bytes) -> Result<Vec<Received>> {
        self.serve(plaintext).await;
        self.received().await
    }

    /// Makes named calls one behind the other, as a client does that does not wait for answers; each gets its number, from 1
    /// on, as its id. Returns everything that this connection has received when all are answered.
    pub async fn burst<T: Serialize>(&self, calls: &[(&str, T)]) -> Result<Vec<Received>> {
        let mut line = Line::new(calls.len());
        for (id, (name, args)) in (1..).zip(calls) {
            let args = uchat_codec::to_value(args)?;
            let call = uchat_codec::chat::Call { name: (*name).to_owned(), id, args };
            let plaintext = encode_message(opcode::CALL, &call)?;
            self.server.dispatcher.dispatch(&self.session, plaintext, &mut line).await;
        }
        line.answer_all(&self.session).await;
        self.received().await
    }

    /// Has a message served; all answers are queued when this returns.
    async fn serve(&self, plaintext: bytes::Bytes) {
        let mut line = Line::new(1);
        self.server.dispatcher.dispatch(&self.session, plaintext, &mut line).await;
        line.answer_all(&self.session).await;
    }

    /// What this connection has received since the last look.
    pub async fn received(&self) -> Result<Vec<Received>> {
        let mut received = Vec::new();
        for push in self.session.outbound.take_now().await? {
            let message = Message::try_from(&push)?;
            received.push((message.opcode, message.parameters));
            if let Some(written) = push.written {
                written();
            }
        }
        Ok(received)
    }

    /// Whether the server has closed this connection.
    pub fn is_closed(&self) -> bool {
        self.session.stop.is_cancelled()
    }

    /// Ends the connection, as if the peer had closed it.
    pub async fn disconnect(&self) {
        self.session.close(None);
        presence::sign_out(&self.server.dispatcher.server, &self.session).await;
    }
}
