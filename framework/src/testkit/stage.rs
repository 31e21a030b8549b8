//! Where plays are performed: a server in this process, or one that runs elsewhere.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use uchat_codec::handshake::Acceptor as Machine;
use uchat_codec::{
    ClassicClient, ClassicIdentity, ClassicKeyPair, DhParams, Handshake, Limits, PeerIdentity, StrongClient,
    StrongIdentity, client_certificate,
};

use super::TestServer;
use super::peer::Peer;
use crate::error::{Result, refusal};
use crate::handler::{Answer, BoxFuture, HandlerInfo, Operation, Origin, Policy};
use crate::registry::{Registry, StartError};
use crate::reply::{IntoCallResult, Push, Replies};
use crate::request::{Args, Caller, FromRequest, Request};
use crate::server::{Acceptor, Server, ServerBuilder};
use crate::user::UserId;

/// The call that signs somebody in without credentials; only servers of the test kit have it.
const ENTER: &str = "testkit.enter";
/// A stage that is torn down waits so long for its connections.
const GRACE: Duration = Duration::from_secs(1);

/// How people reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// No socket: requests go to the dispatcher at once, as if over the strong suite.
    Memory,
    /// A socket on this machine, with the suite of the existing program.
    Classic,
    /// A socket on this machine, with our own suite.
    Strong,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Memory, Self::Classic, Self::Strong];
}

/// How somebody becomes the user of a connection.
pub trait Entrance: Send + Sync {
    /// Signs `name` in, who has or gets this number, and takes what is answered to that.
    fn enter<'a>(
        &'a self,
        peer: &'a mut Peer,
        name: &'a str,
        number: UserId,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;
}

/// A place where a play can be performed.
pub struct Stage {
    place: Place,
    way: Way,
    entrance: Box<dyn Entrance>,
    #[cfg(feature = "hot")]
    hot: Option<crate::hot::HotPlugins>,
    /// Ends the server of this stage, when dropped.
    _stop: Option<tokio_util::sync::DropGuard>,
}

enum Place {
    Memory(TestServer),
    Address(SocketAddr),
}

impl Stage {
    /// A server of all linked handlers; `with` adds the services that they need. People are signed in without
    /// credentials.
    ///
    /// # Errors
    ///
    /// What stops the start; or that there is no socket to be had.
    pub async fn new(way: Way, with: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Result<Self> {
        Self::with_entrance(way, Given, with).await
    }

    /// The same, where people enter in another way.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub async fn with_entrance(
        way: Way,
        entrance: impl Entrance + 'static,
        with: impl FnOnce(ServerBuilder) -> ServerBuilder,
    ) -> Result<Self> {
        let server = server(with)?;
        #[cfg(feature = "hot")]
        let hot = Some(server.hot().clone());
        let entrance = Box::new(entrance);
        if way == Way::Memory {
            let place = Place::Memory(TestServer { server });
            return Ok(Self {
                place,
                way,
                entrance,
                #[cfg(feature = "hot")]
                hot,
                _stop: None,
            });
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (stop, acceptor) = (CancellationToken::new(), acceptor()?);
        tokio::spawn(server.serve(listener, acceptor, stop.clone().cancelled_owned(), GRACE));
        Ok(Self {
            place: Place::Address(address),
            way,
            entrance,
            #[cfg(feature = "hot")]
            hot,
            _stop: Some(stop.drop_guard()),
        })
    }

    /// A server that runs already, in this process or another one.
    pub fn at(address: SocketAddr, way: Way, entrance: impl Entrance + 'static) -> Self {
        Self {
            place: Place::Address(address),
            way,
            entrance: Box::new(entrance),
            #[cfg(feature = "hot")]
            hot: None,
            _stop: None,
        }
    }

    /// The plug-ins that are loaded while it runs; none where the server runs elsewhere.
    #[cfg(feature = "hot")]
    pub fn hot(&self) -> Option<&crate::hot::HotPlugins> {
        self.hot.as_ref()
    }

    /// How people reach the server.
    pub fn way(&self) -> Way {
        self.way
    }

    /// Somebody who is not signed in. Who has the same `number` has the same identity key.
    ///
    /// # Errors
    ///
    /// If the server can't be reached.
    pub async fn connect(&self, number: UserId) -> Result<Peer> {
        let key = key(number);
        let address = match &self.place {
            Place::Memory(server) => {
                let peer = PeerIdentity { identity_key: Some(key), ..PeerIdentity::default() };
                return Ok(Peer::in_memory(server.connect_as(peer)));
            }
            Place::Address(address) => *address,
        };
        let machine: Box<dyn Handshake> = if self.way == Way::Classic {
            let pair = ClassicKeyPair::generate(&DhParams::default(), &mut rand::rng())?;
            let certificate = client_certificate("someone", "someone", pair.public());
            Box::new(ClassicClient::new(pair, certificate, "127.0.0.1".into(), &Limits::default()))
        } else {
            let identity = StrongIdentity::from_secrets(&key, key);
            Box::new(StrongClient::new(Arc::new(identity), &Limits::default()))
        };
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Peer::over(stream, machine).await
    }

    /// Somebody who is signed in.
    ///
    /// # Errors
    ///
    /// If the server can't be reached, or refuses.
    pub async fn enter(&self, name: &str, number: UserId) -> Result<Peer> {
        let mut peer = self.connect(number).await?;
        self.entrance.enter(&mut peer, name, number).await?;
        Ok(peer)
    }
}

/// The identity key of a person in a play; the secret too, since there is nothing to keep.
fn key(number: UserId) -> [u8; 32] {
    let mut key = [7; 32];
    key[..8].copy_from_slice(&number.to_le_bytes());
    key
}

fn acceptor() -> Result<Acceptor> {
    let classic = Arc::new(ClassicIdentity::generate(&DhParams::default(), &mut rand::rng())?);
    let strong = Arc::new(StrongIdentity::generate(&mut rand::rng()));
    Ok(Arc::new(move || -> Box<dyn Handshake> {
        let machine = Machine::new(&Limits::default());
        Box::new(machine.strong(Arc::clone(&strong)).classic(Arc::clone(&classic)))
    }))
}

/// A server with the linked handlers and the one that lets people in.
fn server(with: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Result<Server, StartError> {
    let mut handlers = Registry::linked()?.handlers().to_vec();
    handlers.push(&LET_IN);
    with(ServerBuilder::new(uchat_config::Limits::default()).registry(Registry::of(handlers)?)).build()
}

static LET_IN: HandlerInfo = HandlerInfo {
    operation: Operation::Call(ENTER),
    origin: Origin {
        name: "let_in",
        doc: "Signs somebody in without credentials.",
        krate: env!("CARGO_PKG_NAME"),
        file: file!(),
        line: line!(),
    },
    needs: &[],
    answer: Answer::CallResult,
    policy: Policy { rate: None, role: None, timeout: None },
    call: let_in,
};

fn let_in(mut request: Request) -> BoxFuture<Result<Replies>> {
    Box::pin(async move {
        let Args((number, name)) = Args::<(UserId, String)>::from_request(&mut request)?;
        let farewell = Push::new(uchat_codec::opcode::SERVER_KICK, &())?;
        Caller::from_request(&mut request)?.sign_in(number, &name, &[], farewell).await;
        true.into_call_result(request.call_id())
    })
}

/// Signed in without credentials.
struct Given;

impl Entrance for Given {
    fn enter<'a>(
        &'a self,
        peer: &'a mut Peer,
        name: &'a str,
        number: UserId,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let answer = peer.ask(ENTER, &(number, name)).await?;
            if answer.get("ok").is_some() { Ok(()) } else { Err(refusal::FORBIDDEN.into()) }
        })
    }
}
