//! The handlers and hooks that were linked in, checked: a collision or a gap stops the start.

use std::collections::HashMap;
use std::fmt;

use uchat_codec::Opcode;

use crate::error::Result;
use crate::events::HookInfo;
use crate::filters::FilterInfo;
use crate::handler::{BoxFuture, HandlerInfo, Needs, Operation, Origin};
use crate::reply::Replies;
use crate::request::Request;
use crate::services::{ServiceInfo, Services, missing};
use crate::timers::TimerInfo;

/// Everything that was found wrong at start-up, all of it at once.
#[derive(Debug, thiserror::Error)]
pub struct StartError {
    /// One sentence each.
    pub problems: Vec<String>,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server can't start: {}", self.problems.join("; "))
    }
}

/// The table of operations.
pub struct Registry {
    handlers: Vec<&'static HandlerInfo>,
    by_opcode: [Option<usize>; 256],
    by_name: HashMap<&'static str, usize>,
}

impl Registry {
    /// Every handler that is linked into this program, in a steady order. Collisions are errors that name both sides.
    pub fn linked() -> Result<Self, StartError> {
        Self::of(inventory::iter::<HandlerInfo>.into_iter().collect())
    }

    /// A table of these handlers.
    pub fn of(mut handlers: Vec<&'static HandlerInfo>) -> Result<Self, StartError> {
        // The order of `inventory` is unspecified.
        handlers.sort_by_key(|info| (sort_key(info.operation), info.origin.krate, info.origin.name));
        let mut table = Self { handlers: Vec::new(), by_opcode: [None; 256], by_name: HashMap::new() };
        let mut problems = Vec::new();
        for info in handlers {
            if let Err(problem) = table.add(info) {
                problems.push(problem);
            }
        }
        if problems.is_empty() { Ok(table) } else { Err(StartError { problems }) }
    }

    fn add(&mut self, info: &'static HandlerInfo) -> Result<(), String> {
        let index = self.handlers.len();
        let slot = match info.operation {
            Operation::Opcode(Opcode(uchat_codec::opcode::CALL_CODE)) => {
                return Err(format!(
                    "opcode {} carries the named calls; {} can't serve it",
                    info.operation, info.origin
                ));
            }
            Operation::Opcode(Opcode(code)) => &mut self.by_opcode[usize::from(code)],
            Operation::Call(name) => {
                if let Some(other) = self.by_name.insert(name, index) {
                    return Err(collision(info, self.handlers[other]));
                }
                self.handlers.push(info);
                return Ok(());
            }
        };
        if let Some(other) = slot {
            return Err(collision(info, self.handlers[*other]));
        }
        *slot = Some(index);
        self.handlers.push(info);
        Ok(())
    }

    /// The handlers, opcodes first.
    pub fn handlers(&self) -> &[&'static HandlerInfo] {
        &self.handlers
    }

    pub(crate) fn opcode(&self, opcode: Opcode) -> Option<&'static HandlerInfo> {
        self.handlers.get(self.by_opcode[usize::from(opcode.0)]?).copied()
    }

    pub(crate) fn call(&self, name: &str) -> Option<&'static HandlerInfo> {
        self.handlers.get(*self.by_name.get(name)?).copied()
    }
}

/// Who serves a request: a handler that is linked in, or one that was loaded.
pub(crate) enum Target {
    Native(&'static HandlerInfo),
    #[cfg(feature = "hot")]
    Hot(crate::hot::HotOperation),
}

impl Target {
    /// Its descriptor: the same rules hold for both.
    pub(crate) fn info(&self) -> &HandlerInfo {
        match self {
            Self::Native(info) => info,
            #[cfg(feature = "hot")]
            Self::Hot(operation) => operation.info(),
        }
    }

    /// Runs it.
    pub(crate) fn call(&self, request: Request) -> BoxFuture<Result<Replies>> {
        match self {
            Self::Native(info) => (info.call)(request),
            #[cfg(feature = "hot")]
            Self::Hot(operation) => operation.call(request),
        }
    }
}

fn sort_key(operation: Operation) -> (u8, u8, &'static str) {
    match operation {
        Operation::Opcode(Opcode(code)) => (0, code, ""),
        Operation::Call(name) => (1, 0, name),
    }
}

pub(crate) fn collision(one: &HandlerInfo, other: &HandlerInfo) -> String {
    format!(
        "operation {} is served by both {} and {}; give one of them another name or opcode",
        one.operation, other.origin, one.origin
    )
}

/// The linked hooks and service builders, in a steady order.
pub(crate) fn linked_hooks() -> Vec<&'static HookInfo> {
    let mut hooks: Vec<_> = inventory::iter::<HookInfo>.into_iter().collect();
    hooks.sort_by_key(|hook| (hook.origin.krate, hook.origin.name, hook.origin.line));
    hooks
}

/// The linked filters, in the order in which they run.
pub(crate) fn linked_filters() -> Vec<&'static FilterInfo> {
    let mut filters: Vec<_> = inventory::iter::<FilterInfo>.into_iter().collect();
    filters.sort_by_key(|filter| (filter.origin.krate, filter.origin.name, filter.origin.line));
    filters
}

/// The linked timers, in a steady order.
pub(crate) fn linked_timers() -> Vec<&'static TimerInfo> {
    let mut timers: Vec<_> = inventory::iter::<TimerInfo>.into_iter().collect();
    timers.sort_by_key(|timer| (timer.origin.krate, timer.origin.name, timer.origin.line));
    timers
}

pub(crate) fn linked_services() -> Vec<&'static ServiceInfo> {
    let mut services: Vec<_> = inventory::iter::<ServiceInfo>.into_iter().collect();
    services.sort_by_key(|service| (service.origin.krate, service.origin.name, service.origin.line));
    services
}

/// A function of a plug-in that no request asks for.
#[derive(Clone, Debug)]
pub struct Background {
    /// `filter`, `hook` or `timer`.
    pub kind: &'static str,
    /// The event that it waits for, or how often it runs.
    pub on: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Every linked filter, hook and timer, for the people who run the server.
pub fn background() -> Vec<Background> {
    let event = |key: crate::events::EventKey| key().1.rsplit("::").next().unwrap_or_default().to_owned();
    let one = |kind, on, origin| Background { kind, on, origin };
    let filters = linked_filters().into_iter().map(|info| one("filter", event(info.event), info.origin));
    let hooks = linked_hooks().into_iter().map(|info| one("hook", event(info.event), info.origin));
    let timers = linked_timers().into_iter();
    let timers = timers.map(|info| one("timer", format!("every {:?}", info.every), info.origin));
    filters.chain(hooks).chain(timers).collect()
}

/// One sentence for each service that a plug-in's function needs and nobody provides.
pub(crate) fn unmet(
    services: &Services,
    functions: impl Iterator<Item = (Origin, &'static [Needs])>,
) -> Vec<String> {
    let unmet = functions.filter_map(|(origin, needs)| {
        missing(services, needs)
            .map(|name| format!("{origin} needs the service `{name}`, which nobody provides"))
    });
    unmet.collect()
}
