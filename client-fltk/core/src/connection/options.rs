//! How a client connects: where to, how patiently, and with which bounds.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use uchat_codec::{DhParams, Limits};

use crate::Home;

/// Everything that a [`Client`](super::Client) needs to know beforehand.
#[derive(Clone, Debug)]
pub struct Options {
    /// `host:port`.
    pub server: String,
    /// Where key and certificates are.
    pub home: Home,
    /// How much a server may ask of us.
    pub limits: Limits,
    /// What the connection is secured with: the strong suite, unless somebody has said otherwise for this server.
    pub suite: Suite,
    /// The account to log in with by itself, with the key of this home: one that has logged in from here before.
    pub account: Option<String>,
    /// The numbers of the classic key exchange; the server must have the same.
    pub params: DhParams,
    /// What makes connections; TCP by default.
    pub connector: Arc<dyn Connector>,
    /// How long to wait between the handshake and the first frame. The original server swallows a first frame that
    /// comes at once, and dies of it; ours needs no pause.
    pub first_frame_pause: Duration,
    /// After so much silence a server's certificate counts as complete, even if its number could be longer.
    pub quiet_time: Duration,
    /// How long connecting may take.
    pub connect_time: Duration,
    /// How long the handshake may take.
    pub handshake_time: Duration,
    /// After so much silence of ours the server is asked for an echo; `None` = never.
    pub keepalive: Option<Duration>,
    /// How long a server may take to answer that, or to take any byte at all from us.
    pub patience: Duration,
    /// Whether to come back after a connection that ended unwanted.
    pub reconnect: bool,
    /// The shortest wait before coming back.
    pub backoff_first: Duration,
    /// The longest wait before coming back.
    pub backoff_most: Duration,
    /// How many requests may wait to be sent.
    pub queued_requests: usize,
    /// How many bytes of requests may wait to be sent. One request longer than this may wait alone.
    pub queued_request_bytes: usize,
    /// How many events may wait to be taken; beyond that nothing more is read from the server.
    pub queued_events: usize,
    /// How many bytes of events may wait to be taken.
    pub queued_event_bytes: usize,
    /// The port that a registration names, as the existing program does from its settings.
    pub registered_port: String,
}

impl Options {
    /// The usual patience and bounds.
    pub fn new(server: impl Into<String>, home: Home) -> Self {
        Self {
            server: server.into(),
            home,
            limits: Limits::default(),
            suite: Suite::Strong { expected: None },
            account: None,
            params: DhParams::default(),
            connector: Arc::new(Tcp),
            first_frame_pause: Duration::from_millis(100),
            quiet_time: Duration::from_millis(250),
            connect_time: Duration::from_secs(10),
            handshake_time: Duration::from_secs(10),
            keepalive: Some(Duration::from_secs(45)),
            patience: Duration::from_mins(1),
            reconnect: true,
            backoff_first: Duration::from_millis(500),
            backoff_most: Duration::from_secs(30),
            queued_requests: 256,
            queued_request_bytes: 64 * 1024 * 1024,
            queued_events: 1024,
            queued_event_bytes: 64 * 1024 * 1024,
            registered_port: "2333".into(),
        }
    }
}

/// What a connection is secured with. A client never falls back from one to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// That of the existing program: nobody proves who he is.
    Classic,
    /// Noise, with the server's identity key: the expected one, else the one that this home knows for the server, else
    /// the one that the server shows first, which is then known.
    Strong {
        /// The key that the server must show.
        expected: Option<[u8; 32]>,
    },
}

/// A byte stream in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection, before any handshake.
pub struct Dialled {
    /// The bytes.
    pub stream: Box<dyn Stream>,
    /// Our own address as the handshake announces it, without the port.
    pub local_address: String,
}

/// What [`Connector::connect`] promises.
pub type Dialling<'a> = Pin<Box<dyn Future<Output = io::Result<Dialled>> + Send + 'a>>;

/// Makes connections. Tests put something else than TCP here.
pub trait Connector: Send + Sync + fmt::Debug {
    /// Connects to `host:port`.
    fn connect<'a>(&'a self, server: &'a str) -> Dialling<'a>;
}

/// Plain TCP.
#[derive(Clone, Copy, Debug)]
pub struct Tcp;

impl Connector for Tcp {
    fn connect<'a>(&'a self, server: &'a str) -> Dialling<'a> {
        Box::pin(async move {
            let stream = TcpStream::connect(server).await?;
            // A frame is one write: nothing is gained by waiting for more.
            stream.set_nodelay(true)?;
            let local_address = stream.local_addr()?.ip().to_canonical().to_string();
            Ok(Dialled { stream: Box::new(stream), local_address })
        })
    }
}
