//! One loaded version of a plug-in: its module, its operations, what it may do, how often it has failed.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use uchat_codec::{Limits, Value, from_value};
use uchat_config::Hot;

use super::manifest::{Grants, Manifest};
use super::module::{ABI, Compiled, Fault};
use super::{LoadError, call, names};
use crate::error::Error;
use crate::handler::HandlerInfo;
use crate::settings::PluginSettings;

/// A loaded version of a plug-in.
pub(crate) struct Plugin {
    pub(super) name: &'static str,
    pub(super) version: String,
    /// Of the module's bytes: the same module asked for again is no mistake.
    pub(super) fingerprint: u64,
    pub(super) abi: (u32, u32),
    /// Where its values are: never among those of a native plug-in of the same name.
    pub(super) namespace: &'static str,
    pub(super) infos: Vec<HandlerInfo>,
    pub(super) grants: Grants,
    pub(super) compiled: Compiled,
    pub(super) permits: Semaphore,
    pub(super) limits: Arc<Hot>,
    set_aside: AtomicBool,
    faults: Mutex<VecDeque<Instant>>,
}

/// A number that another module does not have.
fn fingerprint(wasm: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(wasm);
    hasher.finish()
}

impl Plugin {
    /// Compiles a module, asks it for its manifest, and checks both. Takes milliseconds: not for a task of the server.
    pub(super) fn load(wasm: &[u8], limits: &Arc<Hot>, settings: &PluginSettings) -> Result<Self, LoadError> {
        let mut compiled = Compiled::new(wasm, limits)?;
        let mut instance = compiled.first()?;
        let abi = instance.abi()?;
        if abi.0 != ABI.0 || abi.1 > ABI.1 {
            return Err(LoadError::Abi { found: abi });
        }
        let garbage = |text: String| LoadError::Manifest(text);
        let bytes = instance.manifest()?;
        let value = Value::decode(bytes, &Limits::default()).map_err(|error| garbage(error.to_string()))?;
        let manifest: Manifest = from_value(value).map_err(|error| garbage(error.to_string()))?;
        manifest.check()?;
        let refused = |error: Error| LoadError::Settings(error.to_string());
        let table = settings.encoded(&manifest.name).map_err(refused)?;
        compiled.set_settings(table);
        if let Some(said) = compiled.configure(&mut instance)? {
            call::settled(&said)?;
        }
        compiled.give_back(instance);
        Ok(Self {
            name: names::keep(&manifest.name)?,
            abi,
            namespace: names::keep(&format!("hot.{}", manifest.name))?,
            infos: manifest.infos(limits)?,
            grants: manifest.grants()?,
            version: manifest.version,
            fingerprint: fingerprint(wasm),
            compiled,
            permits: Semaphore::new(limits.instances),
            limits: Arc::clone(limits),
            set_aside: AtomicBool::new(false),
            faults: Mutex::default(),
        })
    }

    /// Whether it has failed too often.
    pub(super) fn is_set_aside(&self) -> bool {
        self.set_aside.load(Ordering::Acquire)
    }

    /// Counts a fault; too many in too short a time set the plug-in aside until it is replaced.
    pub(super) fn fault(&self, fault: &Fault) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let window = Duration::from_secs(self.limits.fault_seconds);
        faults.retain(|then| now.duration_since(*then) <= window);
        faults.push_back(now);
        tracing::warn!(plugin = self.name, %fault, recent = faults.len(), "a plug-in was stopped");
        if faults.len() >= self.limits.faults && !self.set_aside.swap(true, Ordering::AcqRel) {
            tracing::error!(plugin = self.name, "the plug-in has failed too often and is set aside");
        }
    }
}
