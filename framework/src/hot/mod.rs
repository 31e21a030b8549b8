//! Plug-ins in WebAssembly, loaded, replaced and taken away while the server runs (PLUGIN-ABI.md).
//!
//! # Layout
//!
//! - `module`: a compiled module and its instances, within their limits
//! - `manifest`, `names`: what a module says about itself, checked
//! - `plugin`: one loaded version, with its faults
//! - `guest`, `host`: what a module may import, and what it may ask of the server
//! - `call`: one call, in slices of fuel

mod call;
mod guest;
mod host;
mod manifest;
mod module;
mod names;
mod plugin;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use uchat_config::Hot;

pub use module::{ABI, Fault};
pub(crate) use plugin::Plugin;

use crate::context::Context;
use crate::error::Result;
use crate::handler::{BoxFuture, HandlerInfo, Needs, Operation, Origin};
use crate::registry::{Registry, collision};
use crate::reply::Replies;
use crate::request::Request;
use crate::services::{FromServer, Service};
use crate::settings::PluginSettings;

/// Why a module is not loaded. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is larger than `hot.module_bytes`.
    #[error("the module has {bytes} bytes; hot.module_bytes is {most}")]
    TooLarge {
        /// What it has.
        bytes: usize,
        /// What it may have.
        most: usize,
    },
    /// It is no WebAssembly that can be run, or imports what there is not.
    #[error("the module can't be used: {0}")]
    Module(String),
    /// It does not run even so far as to say what it is.
    #[error("the module can't be started: {0}")]
    Fault(#[from] Fault),
    /// It was built for another version of the interface.
    #[error("the module speaks version {}.{} of the interface, this server {}.{}", found.0, found.1, ABI.0, ABI.1)]
    Abi {
        /// Major and minor version of the module.
        found: (u32, u32),
    },
    /// Its manifest can't be decoded, or asks for what can't be.
    #[error("the manifest is refused: {0}")]
    Manifest(String),
    /// It does not take its settings, `[plugins.NAME]` of the configuration; it says why.
    #[error("its settings are refused: {0}")]
    Settings(String),
    /// Its operations are served already; the sentences name both sides.
    #[error("{}", .0.join("; "))]
    Collision(Vec<String>),
    /// `hot.plugins` are loaded.
    #[error("{0} plug-ins are loaded, which is as many as hot.plugins allows")]
    TooMany(usize),
    /// More names have been seen than a server remembers.
    #[error("too many different names of plug-ins and operations since the start")]
    TooManyNames,
    /// A plug-in of this name is loaded: it can be replaced.
    #[error("`{0}` is loaded already; replace it")]
    Loaded(String),
    /// No plug-in of this name is loaded.
    #[error("`{0}` is not loaded")]
    NotLoaded(String),
}

/// A loaded plug-in, for the people who run the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotReport {
    /// Its name.
    pub name: String,
    /// Its version, as it says.
    pub version: String,
    /// The version of the interface that it was built for.
    pub abi: (u32, u32),
    /// Its operations.
    pub operations: Vec<HotOperationReport>,
    /// Whether it has failed too often.
    pub set_aside: bool,
}

/// An operation of a loaded plug-in, for the people who run the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotOperationReport {
    /// Its name.
    pub name: String,
    /// Whether it serves only users who are logged in.
    pub login: bool,
    /// The role that its callers must have.
    pub role: Option<String>,
    /// What it does.
    pub doc: String,
}

impl From<&HandlerInfo> for HotOperationReport {
    fn from(info: &HandlerInfo) -> Self {
        Self {
            name: info.operation.to_string(),
            login: info.login_needed(),
            role: info.policy.role.map(ToOwned::to_owned),
            doc: info.origin.doc.to_owned(),
        }
    }
}

/// An operation of a loaded plug-in. Who holds it can finish a call also when the plug-in is replaced meanwhile.
#[derive(Clone)]
pub(crate) struct HotOperation {
    plugin: Arc<Plugin>,
    index: usize,
}

impl HotOperation {
    pub(crate) fn info(&self) -> &HandlerInfo {
        &self.plugin.infos[self.index]
    }

    pub(crate) fn call(&self, request: Request) -> BoxFuture<Result<Replies>> {
        call::serve(Arc::clone(&self.plugin), self.index, request)
    }
}

#[derive(Default)]
struct Table {
    plugins: BTreeMap<&'static str, Arc<Plugin>>,
    operations: HashMap<&'static str, HotOperation>,
}

/// The plug-ins that are loaded now. A handler can ask for it; a copy is cheap.
#[derive(Clone)]
pub struct HotPlugins {
    table: Arc<RwLock<Table>>,
    native: Arc<Registry>,
    settings: Service<PluginSettings>,
    limits: Arc<Hot>,
}

impl HotPlugins {
    pub(crate) fn new(native: Arc<Registry>, settings: Service<PluginSettings>, limits: Hot) -> Self {
        Self { table: Arc::default(), native, settings, limits: Arc::new(limits) }
    }

    /// The limits of all plug-ins.
    pub fn limits(&self) -> &Hot {
        &self.limits
    }

    /// Loads a plug-in that is not loaded yet; the very module that is loaded already changes nothing. Takes milliseconds.
    ///
    /// # Errors
    ///
    /// Each [`LoadError`]; then nothing has changed.
    pub fn load(&self, wasm: &[u8]) -> Result<HotReport, LoadError> {
        self.put(wasm, false)
    }

    /// Loads another version of a plug-in that is loaded: calls under way end on the old one, later ones get the new one.
    ///
    /// # Errors
    ///
    /// Each [`LoadError`]; then the old version goes on.
    pub fn replace(&self, wasm: &[u8]) -> Result<HotReport, LoadError> {
        self.put(wasm, true)
    }

    fn put(&self, wasm: &[u8], replace: bool) -> Result<HotReport, LoadError> {
        let plugin = Arc::new(Plugin::load(wasm, &self.limits, &self.settings)?);
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let before = table.plugins.get(plugin.name);
        if let Some(same) = before.filter(|before| !replace && before.fingerprint == plugin.fingerprint) {
            return Ok(report(same));
        }
        match (replace, before.is_some()) {
            (false, true) => return Err(LoadError::Loaded(plugin.name.to_owned())),
            (true, false) => return Err(LoadError::NotLoaded(plugin.name.to_owned())),
            (false, false) if table.plugins.len() >= self.limits.plugins => {
                return Err(LoadError::TooMany(self.limits.plugins));
            }
            _ => {}
        }
        let problems: Vec<String> =
            plugin.infos.iter().filter_map(|info| self.owner(&table, info, plugin.name)).collect();
        if !problems.is_empty() {
            return Err(LoadError::Collision(problems));
        }
        table.operations.retain(|_, operation| operation.plugin.name != plugin.name);
        for (index, info) in plugin.infos.iter().enumerate() {
            if let Operation::Call(name) = info.operation {
                table.operations.insert(name, HotOperation { plugin: Arc::clone(&plugin), index });
            }
        }
        let told = report(&plugin);
        tracing::info!(plugin = plugin.name, version = plugin.version, replace, "a plug-in is loaded");
        table.plugins.insert(plugin.name, plugin);
        Ok(told)
    }

    /// A sentence that names both sides, if somebody else serves this operation.
    fn owner(&self, table: &Table, info: &HandlerInfo, plugin: &str) -> Option<String> {
        let Operation::Call(name) = info.operation else { return None };
        if let Some(native) = self.native.call(name) {
            return Some(collision(info, native));
        }
        let other = table.operations.get(name).filter(|other| other.plugin.name != plugin)?;
        Some(collision(info, other.info()))
    }

    /// Takes a plug-in away: calls under way end, later ones find nothing.
    ///
    /// # Errors
    ///
    /// [`LoadError::NotLoaded`].
    pub fn unload(&self, name: &str) -> Result<(), LoadError> {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if table.plugins.remove(name).is_none() {
            return Err(LoadError::NotLoaded(name.chars().take(64).collect()));
        }
        table.operations.retain(|_, operation| operation.plugin.name != name);
        tracing::info!(plugin = name, "a plug-in is unloaded");
        Ok(())
    }

    /// What is loaded, by name.
    pub fn list(&self) -> Vec<HotReport> {
        self.read().plugins.values().map(|plugin| report(plugin)).collect()
    }

    /// Where each operation comes from that is loaded, by name: operation, owner, and whether it needs a login.
    pub fn operations(&self) -> Vec<(Operation, Origin, bool)> {
        let one = |info: &HandlerInfo| (info.operation, info.origin, info.login_needed());
        self.read().plugins.values().flat_map(|plugin| plugin.infos.iter().map(one)).collect()
    }

    pub(crate) fn operation(&self, name: &str) -> Option<HotOperation> {
        self.read().operations.get(name).cloned()
    }

    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromServer for HotPlugins {
    const NEEDS: Needs = Needs::NOTHING;

    fn from_server(server: &Arc<Context>) -> Result<Self> {
        Ok(server.hot.clone())
    }
}

fn report(plugin: &Plugin) -> HotReport {
    HotReport {
        name: plugin.name.to_owned(),
        version: plugin.version.clone(),
        abi: plugin.abi,
        operations: plugin.infos.iter().map(HotOperationReport::from).collect(),
        set_aside: plugin.is_set_aside(),
    }
}
