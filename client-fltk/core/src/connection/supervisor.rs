//! Keeps the connection up: connects, waits, comes back, and stops when told.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;
use uchat_codec::{ClassicClient, Established, Handshake, StrongIdentity, SuiteName};

use super::events::{EventSink, NobodyListens};
use super::handshake::shake_hands;
use super::link::{Link, Shared};
use super::notary::Notary;
use super::options::{Dialled, Stream, Suite};
use super::session::{Pulse, Reader, Writer, WriterEnd};
use super::strong::{self, Prepared};
use super::{Backoff, Options};
use crate::{DisconnectReason, Event, Home, HomeError};

/// How long what is queued may take when the user wants to leave.
const FLUSH_TIME: Duration = Duration::from_secs(30);

/// What the user wants. The channel's sender is the handle: when it is gone, so is the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Online,
    Offline,
}

/// The task behind a [`Client`](super::Client).
pub(super) struct Supervisor {
    options: Options,
    shared: Arc<Shared>,
    wishes: watch::Receiver<Wish>,
    events: EventSink,
    /// How many there have been.
    connections: u64,
}

/// A connection that is ready for frames.
struct Ready {
    stream: Box<dyn Stream>,
    established: Established,
    rest: BytesMut,
    address: String,
    /// With which a strong handshake was made.
    identity: Option<Arc<StrongIdentity>>,
}

/// How a connection has ended.
struct Ending {
    reason: DisconnectReason,
    unsent: usize,
    /// Whether the server was really there, so that the next wait is a short one.
    was_good: bool,
}

/// The handle or the listener is gone.
struct Stop;

impl From<NobodyListens> for Stop {
    fn from(NobodyListens: NobodyListens) -> Self {
        Self
    }
}

impl Supervisor {
    pub(super) fn new(
        options: Options,
        shared: Arc<Shared>,
        wishes: watch::Receiver<Wish>,
        events: EventSink,
    ) -> Self {
        Self { options, shared, wishes, events, connections: 0 }
    }

    /// Until the handle is dropped or nobody listens.
    pub(super) async fn run(mut self) {
        let Stop = self.keep_up().await;
        self.shared.close();
        self.shared.account().forget();
    }

    async fn keep_up(&mut self) -> Stop {
        let mut backoff = Backoff::new(self.options.backoff_first, self.options.backoff_most);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let ending = match self.one_connection(attempt).await {
                Ok(ending) => ending,
                Err(stop) => return stop,
            };
            if ending.was_good {
                backoff.reset();
                attempt = 0;
            }
            let comes_back = ending.reason.is_unwanted() && self.options.reconnect;
            let retry_in = comes_back.then(|| backoff.next(rand::random()));
            let Ending { reason, unsent, .. } = ending;
            let was_wanted = reason == DisconnectReason::Requested;
            if self.events.send(Event::Disconnected { reason, retry_in, unsent }, 0).await.is_err() {
                return Stop;
            }
            match self.pause(retry_in, was_wanted).await {
                Ok(true) => {
                    backoff.reset();
                    attempt = 0;
                }
                Ok(false) => {}
                Err(stop) => return stop,
            }
        }
    }

    /// Waits for the next attempt: so long, or for the user's word. Says whether it was the user's.
    async fn pause(&mut self, retry_in: Option<Duration>, was_wanted: bool) -> Result<bool, Stop> {
        // What was wished before the connection ended is not news, unless it undoes a disconnect.
        if *self.wishes.borrow_and_update() == Wish::Online && was_wanted {
            return Ok(true);
        }
        if let Some(wait) = retry_in {
            tokio::select! {
                () = sleep(wait) => return Ok(false),
                () = self.events.closed() => return Err(Stop),
                changed = self.wishes.changed() => changed.map_err(|_| Stop)?,
            }
            if *self.wishes.borrow_and_update() == Wish::Online {
                return Ok(true);
            }
            self.shared.account().forget();
            let reason = DisconnectReason::Requested;
            self.events.send(Event::Disconnected { reason, retry_in: None, unsent: 0 }, 0).await?;
        }
        loop {
            tokio::select! {
                () = self.events.closed() => return Err(Stop),
                changed = self.wishes.changed() => changed.map_err(|_| Stop)?,
            }
            if *self.wishes.borrow_and_update() == Wish::Online {
                return Ok(true);
            }
        }
    }

    async fn one_connection(&mut self, attempt: u32) -> Result<Ending, Stop> {
        let server = self.options.server.clone();
        self.events.send(Event::Connecting { server, attempt }, 0).await?;
        let mut wishes = self.wishes.clone();
        let ready = tokio::select! {
            ready = self.prepare() => ready,
            () = self.events.closed() => return Err(Stop),
            wanted = offline(&mut wishes) => {
                wanted?;
                self.shared.account().forget();
                Err(DisconnectReason::Requested)
            }
        };
        match ready {
            Ok(ready) => self.session(ready).await,
            Err(reason) => Ok(Ending { reason, unsent: 0, was_good: false }),
        }
    }

    /// From nothing to a connection whose handshake is done.
    async fn prepare(&self) -> Result<Ready, DisconnectReason> {
        let Options { server, connector, limits, .. } = &self.options;
        let dialled = timeout(self.options.connect_time, connector.connect(server)).await;
        let Dialled { mut stream, local_address } = dialled
            .map_err(|_| DisconnectReason::Unreachable("it takes too long".into()))?
            .map_err(|error| DisconnectReason::Unreachable(error.to_string()))?;
        let mut own = None;
        let machine: Box<dyn Handshake> = match self.options.suite {
            Suite::Classic => {
                let identity = self.identity().await?;
                let (key_pair, certificate) = (identity.key_pair, identity.certificate);
                Box::new(ClassicClient::new(key_pair, certificate, local_address.clone(), limits))
            }
            Suite::Strong { expected } => {
                let Prepared { machine, identity, verified } = self.strong(expected).await?;
                self.shared.trust().begin(verified);
                own = Some(identity);
                Box::new(machine)
            }
        };
        let shaken = shake_hands(&mut stream, machine, self.options.quiet_time);
        let (established, rest) = timeout(self.options.handshake_time, shaken)
            .await
            .map_err(|_| DisconnectReason::Handshake("it takes too long".into()))??;
        if let Some(key) = established.peer.identity_key {
            self.at_home(move |home, server| home.remember_server(server, &key)).await?;
        }
        Ok(Ready { stream, established, rest, address: local_address, identity: own })
    }

    /// What the home has for a strong handshake.
    async fn strong(&self, expected: Option<[u8; 32]>) -> Result<Prepared, DisconnectReason> {
        let (account, limits) = (self.shared.account().name(), self.options.limits.clone());
        self.at_home(move |home, server| strong::prepare(home, server, expected, account.as_deref(), &limits))
            .await
    }

    /// The key is read, or even made, away from the async threads.
    async fn identity(&self) -> Result<crate::Identity, DisconnectReason> {
        let (params, account) = (self.options.params.clone(), self.shared.account().name());
        self.at_home(move |home, _| home.identity(&params, account.as_deref())).await
    }

    /// Does something with the home and the name of the server, away from the async threads.
    async fn at_home<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Home, &str) -> Result<T, HomeError> + Send + 'static,
    ) -> Result<T, DisconnectReason> {
        let (home, server) = (self.options.home.clone(), self.options.server.clone());
        tokio::task::spawn_blocking(move || work(&home, &server))
            .await
            .map_err(|error| DisconnectReason::Home(error.to_string()))?
            .map_err(|error| DisconnectReason::Home(error.to_string()))
    }

    /// Runs the two tasks of a connection until one of them ends, or the user wants to leave.
    async fn session(&mut self, ready: Ready) -> Result<Ending, Stop> {
        let Ready { stream, established, rest, address, identity } = ready;
        self.connections += 1;
        let (link, queue) = Link::new(&self.options, self.connections, address, identity.is_some());
        let notary = identity.zip(established.peer.identity_key).map(|(identity, authority)| Notary {
            identity,
            authority,
            server: self.options.server.clone(),
            home: self.options.home.clone(),
            shared: Arc::clone(&self.shared),
            username: String::new(),
            watched: VecDeque::new(),
        });
        // Whoever hears of the connection can use it.
        self.shared.open(link, established.peer.identity_key.is_some());
        let connected = Event::Connected {
            number: self.connections,
            server: self.options.server.clone(),
            suite: established.suite,
            server_key: established.peer.identity_key,
        };
        self.events.send(connected, 0).await?;
        let (read_half, write_half) = tokio::io::split(stream);
        let pulse = Arc::new(Pulse::default());
        let reader = Reader {
            stream: read_half,
            opener: established.opener,
            input: rest,
            limits: self.options.limits.clone(),
            events: self.events.clone(),
            shared: Arc::clone(&self.shared),
            home: self.options.home.clone(),
            notary,
            pulse: Arc::clone(&pulse),
            patience: self.options.patience,
        };
        let writer = Writer {
            stream: write_half,
            sealer: established.sealer,
            pulse: Arc::clone(&pulse),
            events: self.events.clone(),
            shared: Arc::clone(&self.shared),
            first_frame_pause: match established.suite {
                SuiteName::Classic => self.options.first_frame_pause,
                _ => Duration::ZERO,
            },
            keepalive: self.options.keepalive,
            patience: self.options.patience,
        };
        let reader = AbortOnDropHandle::new(tokio::spawn(reader.run()));
        let writer = AbortOnDropHandle::new(tokio::spawn(writer.run(queue)));
        let ended = self.until_it_ends(reader, writer).await;
        self.shared.account().disconnected();
        let (reason, unsent) = ended?;
        Ok(Ending { reason, unsent, was_good: pulse.heard.load(Ordering::Acquire) })
    }

    async fn until_it_ends(
        &mut self,
        mut reader: AbortOnDropHandle<DisconnectReason>,
        mut writer: AbortOnDropHandle<WriterEnd>,
    ) -> Result<(DisconnectReason, usize), Stop> {
        let mut wishes = self.wishes.clone();
        let broken = |error: tokio::task::JoinError| DisconnectReason::Broken(error.to_string());
        let reason = tokio::select! {
            biased;
            reason = &mut reader => reason.unwrap_or_else(broken),
            ended = &mut writer => {
                // As long as the end is held, what waits in the queue can be counted.
                let waiting = self.shared.close();
                let reason = match ended {
                    Ok(end) => end.outcome.err().unwrap_or(DisconnectReason::Requested),
                    Err(error) => broken(error),
                };
                return Ok((reason, waiting));
            }
            wanted = offline(&mut wishes) => {
                // With its way closed, the writer sends what is left and ends.
                let waiting = self.shared.close();
                let all_sent = matches!(timeout(FLUSH_TIME, &mut writer).await, Ok(Ok(end)) if end.outcome.is_ok());
                wanted?;
                self.shared.account().forget();
                return Ok((DisconnectReason::Requested, if all_sent { 0 } else { waiting }));
            }
        };
        Ok((reason, self.shared.close()))
    }
}

/// Ends when the user wants to be offline; an error when there is no user any more.
async fn offline(wishes: &mut watch::Receiver<Wish>) -> Result<(), Stop> {
    wishes.wait_for(|wish| *wish == Wish::Offline).await.map(|_| ()).map_err(|_| Stop)
}
