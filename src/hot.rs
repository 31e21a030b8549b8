//! `uchat plugin`: plug-ins that are loaded, replaced and taken away while the server runs.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use uchat_config::Settings;
use uchat_framework::hot::{HotOperationReport, HotPlugins, HotReport};
use uchat_framework::prelude::{Args, Service, ensure, handler, rejections};

use crate::{SettingsArgs, settings, user};

/// What can be done with loaded plug-ins.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Loads NAME.wasm of the plug-ins' folder
    Load {
        /// The name, without `.wasm`
        name: String,
    },
    /// Loads another version of a plug-in; calls under way end on the old one
    Replace {
        /// The name, without `.wasm`
        name: String,
    },
    /// Takes a plug-in away
    Unload {
        /// The name
        name: String,
    },
    /// Lists what is loaded
    List,
}

rejections! {
    /// The module can't be loaded; the sentence says why, for operators.
    NotLoaded = "the plug-in was not loaded",
}

/// Which plug-in, by the name of its file.
#[derive(Serialize, Deserialize)]
struct Named {
    name: String,
}

/// A plug-in that is loaded.
#[derive(Serialize, Deserialize)]
pub(crate) struct Loaded {
    pub(crate) name: String,
    version: String,
    interface: String,
    pub(crate) operations: Vec<Served>,
    set_aside: bool,
}

/// One operation of a plug-in that is loaded.
#[derive(Serialize, Deserialize)]
pub(crate) struct Served {
    pub(crate) name: String,
    pub(crate) login: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    pub(crate) doc: String,
}

impl From<HotOperationReport> for Served {
    fn from(one: HotOperationReport) -> Self {
        Self { name: one.name, login: one.login, role: one.role, doc: one.doc }
    }
}

impl From<HotReport> for Loaded {
    fn from(report: HotReport) -> Self {
        Self {
            name: report.name,
            version: report.version,
            interface: format!("{}.{}", report.abi.0, report.abi.1),
            operations: report.operations.into_iter().map(Served::from).collect(),
            set_aside: report.set_aside,
        }
    }
}

/// Loads a module of the plug-ins' folder.
#[handler("uchat.operator.plugin_load", role = "operator")]
async fn load(
    Args(which): Args<Named>,
    hot: HotPlugins,
    all: Service<Settings>,
) -> uchat_framework::Result<Loaded> {
    put(which.name, hot, folder(&all), false).await
}

/// Replaces a loaded plug-in by the module that is in the folder now.
#[handler("uchat.operator.plugin_replace", role = "operator")]
async fn replace(
    Args(which): Args<Named>,
    hot: HotPlugins,
    all: Service<Settings>,
) -> uchat_framework::Result<Loaded> {
    put(which.name, hot, folder(&all), true).await
}

/// Takes a loaded plug-in away.
#[handler("uchat.operator.plugin_unload", role = "operator")]
async fn unload(Args(which): Args<Named>, hot: HotPlugins) -> uchat_framework::Result<bool> {
    hot.unload(&which.name).map_err(|error| NotLoaded.with(error))?;
    Ok(true)
}

/// Lists the plug-ins that were loaded.
#[handler("uchat.operator.plugins", role = "operator")]
async fn list(hot: HotPlugins) -> uchat_framework::Result<Vec<Loaded>> {
    Ok(hot.list().into_iter().map(Loaded::from).collect())
}

async fn put(
    name: String,
    hot: HotPlugins,
    folder: PathBuf,
    replace: bool,
) -> uchat_framework::Result<Loaded> {
    // A name of a file in the folder, never a way out of it.
    let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    ensure!(!name.is_empty() && name.len() <= 64 && name.bytes().all(sound), NotLoaded.with("no such name"));
    let path = folder.join(format!("{name}.wasm"));
    let done = tokio::task::spawn_blocking(move || {
        let wasm = read(&path, hot.limits().module_bytes)?;
        let done = if replace { hot.replace(&wasm) } else { hot.load(&wasm) };
        done.map_err(anyhow::Error::from)
    });
    match done.await? {
        Ok(report) => Ok(report.into()),
        Err(error) => Err(NotLoaded.with(format_args!("{error:#}")).into()),
    }
}

/// The bytes of a module, one more than allowed at most: then it is refused as too large.
pub(crate) fn read(path: &Path, most: usize) -> Result<Vec<u8>> {
    let file = File::open(path).with_context(|| format!("can't read {}", path.display()))?;
    let mut wasm = Vec::new();
    file.take(u64::try_from(most)?.saturating_add(1)).read_to_end(&mut wasm)?;
    Ok(wasm)
}

/// Where the modules are.
fn folder(settings: &Settings) -> PathBuf {
    let named = &settings.hot.folder;
    if named.as_os_str().is_empty() { settings.server.data.join("hot") } else { named.clone() }
}

/// The modules in the folder, in order.
pub(crate) fn modules(settings: &Settings) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder(settings)) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "wasm")).collect();
    paths.sort();
    paths
}

/// The names of the modules in the folder: their tables in the configuration are no mistake.
pub(crate) fn names(settings: &Settings) -> Vec<String> {
    let name = |path: &PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    modules(settings).iter().filter_map(name).collect()
}

/// What the running server has loaded.
pub(crate) fn loaded(settings: &Settings) -> Result<Vec<Loaded>> {
    user::ask_running(settings, "uchat.operator.plugins")
}

/// Does it on the running server.
pub(crate) fn run(command: Command, args: &SettingsArgs) -> Result<()> {
    let settings = settings::load(args)?.settings;
    let print = |one: &Loaded| {
        let state = if one.set_aside { "set aside" } else { "loaded" };
        println!("{} {} (interface {}): {state}", one.name, one.version, one.interface);
        for operation in &one.operations {
            println!("  {}  {}", operation.name, operation.doc);
        }
    };
    match command {
        Command::Load { name } => {
            print(&user::tell_running(&settings, "uchat.operator.plugin_load", &Named { name })?);
        }
        Command::Replace { name } => {
            print(&user::tell_running(&settings, "uchat.operator.plugin_replace", &Named { name })?);
        }
        Command::Unload { name } => {
            let _: bool =
                user::tell_running(&settings, "uchat.operator.plugin_unload", &Named { name: name.clone() })?;
            println!("{name} is unloaded");
        }
        Command::List => {
            loaded(&settings)?.iter().for_each(print);
        }
    }
    Ok(())
}
