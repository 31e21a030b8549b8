//! A server that does what a test says, made of the codec's own server side.
#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking, also in its helpers")]

use std::io;
use std::sync::Arc;

use bytes::BytesMut;
use num_bigint::BigUint;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;
use tokio_util::codec::Decoder as _;
use uchat_client_core::connection::{Connector, Dialled, Dialling, Suite};
use uchat_client_core::{Client, Event, EventStream, Home, Options};
use uchat_codec::chat::{LoginBundle, UserInfo};
use uchat_codec::{
    ClassicIdentity, ClassicKeyPair, ClassicServer, DhParams, FrameCodec, Handshake as _, Limits, Message,
    Opcode, Opener, Progress, Sealer, encode_message, opcode,
};

/// Hands each connection to the test instead of the network.
#[derive(Debug)]
pub(crate) struct InMemory {
    connections: mpsc::UnboundedSender<DuplexStream>,
    buffer: usize,
}

impl Connector for InMemory {
    fn connect<'a>(&'a self, _server: &'a str) -> Dialling<'a> {
        Box::pin(async move {
            let (ours, theirs) = tokio::io::duplex(self.buffer);
            self.connections.send(theirs).map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
            Ok(Dialled { stream: Box::new(ours), local_address: "192.168.1.5".into() })
        })
    }
}

/// Nobody is ever there.
#[derive(Debug)]
pub(crate) struct Nowhere;

impl Connector for Nowhere {
    fn connect<'a>(&'a self, _server: &'a str) -> Dialling<'a> {
        Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) })
    }
}

/// A client under test, what it tells, and the connections that it makes.
pub(crate) struct Bench {
    pub(crate) client: Client,
    pub(crate) events: EventStream,
    pub(crate) connections: mpsc::UnboundedReceiver<DuplexStream>,
    pub(crate) dir: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(64 * 1024, |_| {})
    }

    pub(crate) fn with(buffer: usize, change: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (sender, connections) = mpsc::unbounded_channel();
        let mut options = Options::new("test:1", Home::open(dir.path()).unwrap());
        options.connector = Arc::new(InMemory { connections: sender, buffer });
        // What the peers of these tests speak.
        options.suite = Suite::Classic;
        change(&mut options);
        let (client, events) = Client::start(options);
        Self { client, events, connections, dir }
    }

    /// The next event that is not about being on the way.
    pub(crate) async fn event(&mut self) -> Event {
        loop {
            match self.events.recv().await.expect("the client has ended") {
                Event::Connecting { .. } => {}
                event => return event,
            }
        }
    }

    /// Meets the client's next connection as a server would; `first` is done once the client hears that it is
    /// connected, since no server knows of a client before its first frame.
    pub(crate) async fn connected(&mut self, first: impl FnOnce(&Client)) -> Peer<DuplexStream> {
        let stream = self.connections.recv().await.unwrap();
        let peer = tokio::spawn(Peer::accept(stream, identity()));
        let event = self.event().await;
        assert!(matches!(event, Event::Connected { .. }), "{event:?}");
        first(&self.client);
        peer.await.unwrap()
    }

    /// A connection over which "ann" has logged in; the events of that are taken.
    pub(crate) async fn logged_in(&mut self) -> Peer<DuplexStream> {
        let mut peer = self.connected(|client| client.login("Ann", "secret").unwrap()).await;
        peer.expect_login().await;
        peer.let_in().await;
        assert!(matches!(self.event().await, Event::LoggedIn(_)));
        assert!(matches!(self.event().await, Event::Bundle(_)));
        peer
    }
}

/// The server's end of a connection whose handshake is done.
pub(crate) struct Peer<S> {
    pub(crate) stream: S,
    pub(crate) certificate: String,
    sealer: Box<dyn Sealer>,
    opener: Box<dyn Opener>,
    codec: FrameCodec,
    input: BytesMut,
}

/// A server whose number has as many digits as possible.
pub(crate) fn identity() -> Arc<ClassicIdentity> {
    Arc::new(ClassicIdentity::generate(&DhParams::default(), &mut rand::rng()).unwrap())
}

/// A server like the original one, whose number is shorter.
pub(crate) fn short_identity() -> Arc<ClassicIdentity> {
    let params = DhParams::default();
    let pairs = (2053_u32..4093).map(|secret| ClassicKeyPair::from_secret(&params, BigUint::from(secret)));
    let mut short = pairs.filter(|pair| pair.public().to_string().len() < params.modulus_digits());
    Arc::new(ClassicIdentity::new(short.next().unwrap()))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub(crate) async fn accept(mut stream: S, identity: Arc<ClassicIdentity>) -> Self {
        let mut machine = ClassicServer::new(identity, &Limits::default());
        let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
        let mut progress = Progress::NeedInput;
        while progress == Progress::NeedInput {
            assert_ne!(stream.read_buf(&mut input).await.unwrap(), 0, "the client has gone");
            progress = machine.advance(&mut input, &mut output).unwrap();
            stream.write_all(&output).await.unwrap();
            output.clear();
        }
        let established = Box::new(machine).finish().unwrap();
        let codec = FrameCodec::new(Limits::default().max_frame_body);
        let certificate = established.peer.certificate;
        Self { stream, certificate, sealer: established.sealer, opener: established.opener, codec, input }
    }

    /// The client's next message; `None` when it has gone.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(frame) = self.codec.decode(&mut self.input).unwrap() {
                return Some(Message::decode(self.opener.open(frame).unwrap(), &Limits::default()).unwrap());
            }
            if self.stream.read_buf(&mut self.input).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    pub(crate) async fn expect_login(&mut self) {
        let message = self.next().await.unwrap();
        let expected = uchat_codec::Value::List(vec!["Ann".into(), "secret".into()]);
        assert_eq!((message.opcode, message.parameters), (opcode::LOGIN, expected));
    }

    pub(crate) fn sealed<T: Serialize + ?Sized>(&mut self, code: Opcode, parameters: &T) -> BytesMut {
        let mut frame = BytesMut::new();
        self.sealer.seal(&encode_message(code, parameters).unwrap(), &mut frame).unwrap();
        frame
    }

    pub(crate) async fn send<T: Serialize + ?Sized>(&mut self, code: Opcode, parameters: &T) {
        let frame = self.sealed(code, parameters);
        self.stream.write_all(&frame).await.unwrap();
    }

    /// Answers a login.
    pub(crate) async fn let_in(&mut self) {
        self.send(opcode::LOGIN_SUCCESSFUL, &ann()).await;
        self.send(opcode::LOGIN_BUNDLE, &LoginBundle::default()).await;
    }
}

pub(crate) fn ann() -> UserInfo {
    let text = String::from;
    UserInfo { id: 1, username: text("ann"), ip: text("127.0.0.1"), port: text("5"), online: true }
}
