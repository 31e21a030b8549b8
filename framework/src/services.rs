//! What handlers share: a typed map, filled once before the listener opens.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::handler::{Needs, Origin};

/// Names the type of a service. A function, so that it can stand in a constant descriptor.
pub type ServiceKey = fn() -> (TypeId, &'static str);

/// The key of the service `T`.
pub(crate) fn service_key<T: 'static>() -> (TypeId, &'static str) {
    (TypeId::of::<T>(), type_name::<T>())
}

/// The typed map of services.
#[derive(Default)]
pub struct Services {
    map: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl Services {
    /// Adds a service; one of the same type is replaced.
    pub fn insert<T: Send + Sync + 'static>(&mut self, service: T) {
        self.map.insert(TypeId::of::<T>(), Arc::new(service));
    }

    /// The service of type `T`, if there is one.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Service<T>> {
        let any = Arc::clone(self.map.get(&TypeId::of::<T>())?);
        any.downcast::<T>().ok().map(Service)
    }

    /// Whether a service with this key is there.
    pub fn has(&self, key: ServiceKey) -> bool {
        self.map.contains_key(&key().0)
    }
}

/// A service, as an argument of a handler, hook or service builder. A missing one stops the start.
pub struct Service<T>(Arc<T>);

impl<T> Service<T> {
    /// A service outside a server, for a unit test of a handler.
    pub fn new(service: T) -> Self {
        Self(Arc::new(service))
    }
}

impl<T> Clone for Service<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Service<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What a service builder can ask for.
#[diagnostic::on_unimplemented(
    message = "a service builder can't ask for `{Self}`",
    note = "it runs before the server does: it can ask for other services, as `Service<T>`"
)]
pub trait FromServices: Sized {
    /// What must be there.
    const NEEDS: Needs;

    /// Takes it from the services built so far.
    fn from_services(services: &Services) -> Result<Self>;
}

impl<T: Send + Sync + 'static> FromServices for Service<T> {
    const NEEDS: Needs = Needs::service(service_key::<T>);

    fn from_services(services: &Services) -> Result<Self> {
        services.get::<T>().ok_or_else(|| Error::from(MissingService(type_name::<T>())))
    }
}

/// A service was asked for that nobody provides.
#[derive(Debug, thiserror::Error)]
#[error("no service of type `{0}` is provided")]
pub struct MissingService(pub &'static str);

/// The constant that `#[service]` submits to `inventory`.
pub struct ServiceInfo {
    /// The type that it builds.
    pub provides: ServiceKey,
    /// Where it comes from.
    pub origin: Origin,
    /// What it needs first.
    pub needs: &'static [Needs],
    /// Builds it and adds it.
    pub build: fn(&mut Services) -> Result<()>,
}

inventory::collect!(ServiceInfo);

/// The return type of a service builder.
#[diagnostic::on_unimplemented(
    message = "a service builder returns `Result<T>`, not `{Self}`",
    note = "write `-> Result<MyService>` and `Ok(...)` around the value"
)]
pub trait IntoService {
    /// The service.
    type Service: Send + Sync + 'static;
    /// Its key.
    const KEY: ServiceKey;

    /// The service or why it could not be built.
    fn into_service(self) -> Result<Self::Service>;
}

impl<T: Send + Sync + 'static> IntoService for Result<T> {
    type Service = T;
    const KEY: ServiceKey = service_key::<T>;

    fn into_service(self) -> Self {
        self
    }
}

/// Builds every registered service whose needs are met, until none is left; the rest is returned with what it lacks.
pub(crate) fn build_all(services: &mut Services, infos: &[&'static ServiceInfo]) -> Vec<String> {
    let mut waiting: Vec<_> = infos.iter().filter(|info| !services.has(info.provides)).collect();
    let mut problems = Vec::new();
    loop {
        let before = waiting.len();
        let mut later = Vec::new();
        for info in waiting {
            if missing(services, info.needs).is_some() {
                later.push(info);
            } else if let Err(error) = (info.build)(services) {
                problems.push(format!("the service {} can't be built: {error}", info.origin));
            }
        }
        waiting = later;
        if waiting.len() == before || waiting.is_empty() {
            break;
        }
    }
    for info in waiting {
        let lacks = missing(services, info.needs).unwrap_or_default();
        problems.push(format!("the service {} needs `{lacks}`, which nobody provides", info.origin));
    }
    problems
}

/// The name of the first missing service among `needs`.
pub(crate) fn missing(services: &Services, needs: &[Needs]) -> Option<&'static str> {
    needs.iter().filter_map(|needs| needs.service).find(|key| !services.has(*key)).map(|key| key().1)
}

/// What both handlers and hooks can ask for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something a hook, filter or timer can ask for",
    note = "nobody asks a hook, filter or timer for anything: whom it is about is in the event",
    note = "after the event, it can take `Service<T>`, `Online`, `Notifier`, and types that implement `FromServer`"
)]
pub trait FromServer: Sized {
    /// What must be there.
    const NEEDS: Needs;

    /// Takes it from the running server.
    fn from_server(server: &Arc<Context>) -> Result<Self>;
}

impl<T: Send + Sync + 'static> FromServer for Service<T> {
    const NEEDS: Needs = Needs::service(service_key::<T>);

    fn from_server(server: &Arc<Context>) -> Result<Self> {
        Self::from_services(&server.services)
    }
}
