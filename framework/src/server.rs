//! The listener: takes connections within the limits, and ends cleanly.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dashmap::DashMap;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uchat_codec::{Handshake, opcode};
use uchat_config::Limits;

use crate::connection::{self, Incoming, Transport};
use crate::context::Context;
use crate::dispatch::Dispatcher;
use crate::error::refusal;
use crate::events::Events;
use crate::filters::Filters;
use crate::handler::Rate;
use crate::handshake::refuse;
use crate::ledger::Ledger;
use crate::middleware::{Middleware, standard};
use crate::presence::Online;
use crate::registry::{self, Registry, StartError};
use crate::reply::Push;
use crate::services::{Services, build_all};
use crate::settings::PluginSettings;
use crate::timers::{self, TimerInfo};
use crate::wire::Wire;

/// Makes the handshake machine of a new connection.
pub type Acceptor = Arc<dyn Fn() -> Box<dyn Handshake> + Send + Sync>;

/// A peer that does not answer when it is asked whether it is there is asked again after so long; after how many times it is
/// given up is up to the operating system.
const KEEPALIVE_AGAIN: Duration = Duration::from_secs(15);
/// Seconds of silence that operating systems take.
const LONGEST_KEEPALIVE: u64 = 32_767;
/// After an accept error (out of file descriptors, mostly) the listener waits this long before it tries again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Collects what a server is made of, and checks it.
pub struct ServerBuilder {
    limits: Limits,
    services: Services,
    layers: Vec<Arc<dyn Middleware>>,
    key_roles: Vec<([u8; 32], &'static str)>,
    registry: Option<Registry>,
    #[cfg(feature = "hot")]
    hot: uchat_config::Hot,
}

impl ServerBuilder {
    /// A server within these limits, with every handler and hook that is linked in.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            services: Services::default(),
            layers: Vec::new(),
            key_roles: Vec::new(),
            registry: None,
            #[cfg(feature = "hot")]
            hot: uchat_config::Hot::default(),
        }
    }

    /// Adds a service for handlers and hooks.
    #[must_use]
    pub fn service<T: Send + Sync + 'static>(mut self, service: T) -> Self {
        self.services.insert(service);
        self
    }

    /// Adds a layer inside the standard ones (trace, metrics, login, role, rate).
    #[must_use]
    pub fn layer(mut self, layer: impl Middleware) -> Self {
        self.layers.push(Arc::new(layer));
        self
    }

    /// Gives a role to whoever has proved this identity key, as peers do over the strong suite; no login is needed for
    /// operations that ask for the role and for no user.
    #[must_use]
    pub fn key_role(mut self, key: [u8; 32], role: &'static str) -> Self {
        self.key_roles.push((key, role));
        self
    }

    /// Serves these handlers instead of all that are linked in.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Keeps loaded plug-ins within these limits.
    #[cfg(feature = "hot")]
    #[must_use]
    pub fn hot(mut self, limits: uchat_config::Hot) -> Self {
        self.hot = limits;
        self
    }

    /// Builds the services, checks that nothing collides and nothing is missing.
    pub fn build(mut self) -> Result<Server, StartError> {
        if self.services.get::<PluginSettings>().is_none() {
            self.services.insert(PluginSettings::default());
        }
        let mut problems = build_all(&mut self.services, &registry::linked_services());
        problems
            .extend(self.services.get::<PluginSettings>().iter().flat_map(|settings| settings.problems()));
        let (hooks, filters) = (registry::linked_hooks(), registry::linked_filters());
        let timers = registry::linked_timers();
        let registry = match self.registry.map_or_else(Registry::linked, Ok) {
            Ok(registry) => registry,
            Err(error) => {
                problems.extend(error.problems);
                return Err(StartError { problems });
            }
        };
        let handlers = registry.handlers().iter().map(|info| (info.origin, info.needs));
        let functions = handlers
            .chain(hooks.iter().map(|info| (info.origin, info.needs)))
            .chain(filters.iter().map(|info| (info.origin, info.needs)))
            .chain(timers.iter().map(|info| (info.origin, info.needs)));
        problems.extend(registry::unmet(&self.services, functions));
        if !problems.is_empty() {
            return Err(StartError { problems });
        }
        let ledger = Ledger::default();
        ledger.open(registry.handlers().iter().map(|info| info.origin));
        ledger.open(registry::background().into_iter().map(|one| one.origin));
        let rate = self.limits.requests_per_second;
        let mut layers = standard((rate > 0).then_some(Rate { count: rate, seconds: 1 }));
        layers.extend(self.layers);
        let codec = uchat_codec::Limits {
            max_frame_body: self.limits.max_frame_bytes,
            max_depth: self.limits.max_depth,
            max_key_len: self.limits.max_key_bytes,
            max_elements: self.limits.max_elements,
            max_handshake: self.limits.max_handshake_bytes,
        };
        let registry = Arc::new(registry);
        #[cfg(feature = "hot")]
        let settings = self
            .services
            .get::<PluginSettings>()
            .unwrap_or_else(|| crate::Service::new(PluginSettings::default()));
        let server = Arc::new(Context {
            services: self.services,
            online: Online::new(),
            events: Events::new(&hooks),
            filters: Filters::new(&filters),
            ledger,
            #[cfg(feature = "hot")]
            hot: crate::hot::HotPlugins::new(Arc::clone(&registry), settings, self.hot),
            key_roles: self.key_roles,
            limits: self.limits,
        });
        let dispatcher = Dispatcher { registry, layers, server, codec, failures: AtomicU64::new(0) };
        Ok(Server { dispatcher: Arc::new(dispatcher), timers: timers.into() })
    }
}

/// A server that is ready to take connections.
#[derive(Clone)]
pub struct Server {
    pub(crate) dispatcher: Arc<Dispatcher>,
    timers: Arc<[&'static TimerInfo]>,
}

impl Server {
    /// Who is online.
    pub fn online(&self) -> &Online {
        &self.dispatcher.server.online
    }

    /// The table of operations.
    pub fn registry(&self) -> &Registry {
        &self.dispatcher.registry
    }

    /// The plug-ins that are loaded while the server runs.
    #[cfg(feature = "hot")]
    pub fn hot(&self) -> &crate::hot::HotPlugins {
        &self.dispatcher.server.hot
    }

    /// Takes connections until `shutdown`, then takes no more, lets the requests under way finish, writes what is
    /// queued, and returns; after `grace` it returns whatever is left.
    pub async fn serve(
        self,
        listener: TcpListener,
        acceptor: Acceptor,
        shutdown: impl Future<Output = ()>,
        grace: Duration,
    ) {
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        timers::start(&self.dispatcher.server, &self.timers, &stop, &tasks);
        let door = Door::new(&self.dispatcher.server.limits);
        let accepting = self.accept_all(&listener, &acceptor, &door, &stop, &tasks);
        tokio::select! {
            () = accepting => {}
            () = shutdown => {}
        }
        drop(listener);
        tracing::info!(online = self.online().count(), "stopping");
        stop.cancel();
        tasks.close();
        if tokio::time::timeout(grace, tasks.wait()).await.is_err() {
            tracing::warn!(left = tasks.len(), "connections did not end in time");
        }
    }

    async fn accept_all(
        &self,
        listener: &TcpListener,
        acceptor: &Acceptor,
        door: &Door,
        stop: &CancellationToken,
        tasks: &TaskTracker,
    ) {
        let mut failing = false;
        loop {
            let (stream, address) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Said once: it may stay so for a while.
                    if !failing {
                        tracing::warn!(%error, "connections can't be accepted");
                    }
                    failing = true;
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            if std::mem::take(&mut failing) {
                tracing::warn!("connections are accepted again");
            }
            let place = match door.enter(address) {
                Ok(place) => place,
                Err(limit) => {
                    tracing::warn!(%address, limit, "connection refused: limit reached");
                    if let Some(place) = door.beyond() {
                        tasks.spawn(self.refusal(stream, acceptor(), limit, place, stop.clone()));
                    }
                    continue;
                }
            };
            if let Err(error) = prepare(&stream, self.dispatcher.server.limits.keepalive_seconds) {
                tracing::debug!(%address, %error, "a connection can't be prepared");
            }
            tasks.spawn(self.connection(stream, address, acceptor(), place, stop.clone(), tasks.clone()));
        }
    }

    /// Serves one connection that is not from the listener, such as an in-memory stream.
    pub async fn serve_stream<S: Transport>(
        &self,
        stream: S,
        address: SocketAddr,
        machine: Box<dyn Handshake>,
    ) {
        let incoming = Incoming { stream: Wire::Other(Box::new(stream)), id: next_id(), address };
        let dispatcher = Arc::clone(&self.dispatcher);
        // On the heap, and gone when it is done.
        let begun = Box::pin(connection::begin(dispatcher, machine, incoming, (), CancellationToken::new()));
        if let Some(session) = begun.await {
            session.await;
        }
    }

    fn connection(
        &self,
        stream: TcpStream,
        address: SocketAddr,
        machine: Box<dyn Handshake>,
        place: Place,
        stop: CancellationToken,
        tasks: TaskTracker,
    ) -> impl Future<Output = ()> + Send + 'static {
        let dispatcher = Arc::clone(&self.dispatcher);
        async move {
            let incoming = Incoming { stream: Wire::Tcp(stream), id: next_id(), address };
            if let Some(session) = connection::begin(dispatcher, machine, incoming, place, stop).await {
                // A task of its own: that of the handshake is larger, and ends here.
                tasks.spawn(session);
            }
        }
    }

    /// Tells a peer which limit is reached, over the connection that it may not keep.
    fn refusal(
        &self,
        stream: TcpStream,
        machine: Box<dyn Handshake>,
        limit: &'static str,
        place: OwnedSemaphorePermit,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let dispatcher = Arc::clone(&self.dispatcher);
        async move {
            let text = refusal::TOO_MANY_CONNECTIONS.with(limit);
            let mut stream = Wire::Tcp(stream);
            if let Ok(last) = Push::new(opcode::GENERAL_FAILURE, text.text()) {
                tokio::select! {
                    () = refuse(&mut stream, machine, &dispatcher.server.limits, last) => {}
                    () = stop.cancelled() => {}
                }
            }
            drop(place);
        }
    }
}

/// Frames are not held back to be sent with later ones, and a peer whose machine is gone is noticed after some silence.
fn prepare(stream: &TcpStream, keepalive_seconds: u64) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    if keepalive_seconds == 0 {
        return Ok(());
    }
    let silence = Duration::from_secs(keepalive_seconds.min(LONGEST_KEEPALIVE));
    let asking = TcpKeepalive::new().with_time(silence).with_interval(KEEPALIVE_AGAIN);
    SockRef::from(stream).set_tcp_keepalive(&asking)
}

/// Sessions are numbered over the life of the process.
fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Counts connections, in all and by address.
struct Door {
    all: Arc<Semaphore>,
    by_address: Arc<DashMap<IpAddr, usize>>,
    per_address: usize,
    /// For those who are told that there is no place for them.
    beyond: Arc<Semaphore>,
}

impl Door {
    fn new(limits: &Limits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.max_connections)),
            by_address: Arc::default(),
            per_address: limits.max_connections_per_address,
            beyond: Arc::new(Semaphore::new(limits.refused_connections)),
        }
    }

    /// A place to be refused in words, if there is one.
    fn beyond(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.beyond).try_acquire_owned().ok()
    }

    fn enter(&self, address: SocketAddr) -> Result<Place, &'static str> {
        let permit = Arc::clone(&self.all).try_acquire_owned().map_err(|_| "limits.max_connections")?;
        let mut count = self.by_address.entry(address.ip()).or_insert(0);
        if *count >= self.per_address {
            return Err("limits.max_connections_per_address");
        }
        *count += 1;
        drop(count);
        Ok(Place { _permit: permit, address: address.ip(), by_address: Arc::clone(&self.by_address) })
    }
}

/// The place that a connection takes; given back when dropped.
struct Place {
    _permit: OwnedSemaphorePermit,
    address: IpAddr,
    by_address: Arc<DashMap<IpAddr, usize>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.by_address.remove_if_mut(&self.address, |_, count| {
            *count = count.saturating_sub(1);
            *count == 0
        });
    }
}
