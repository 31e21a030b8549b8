//! Where the configuration comes from: file, environment, command line.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use uchat_config::{Loaded, Settings, Sources};
use uchat_db::Db;

use crate::{SettingsArgs, authority, logging, serve};

/// The file that is read when none is named.
const USUAL_FILE: &str = "config/uchat.toml";

/// Loads the settings, with `--listen` and `--data` on top.
pub(crate) fn load(args: &SettingsArgs) -> Result<Loaded> {
    let usual = Path::new(USUAL_FILE);
    let file = args.config.clone().or_else(|| usual.is_file().then(|| usual.to_path_buf()));
    let mut set = args.set.clone();
    if let Some(listen) = &args.listen {
        set.push(format!("server.listen={listen}"));
    }
    if let Some(data) = &args.data {
        set.push(format!("server.data={}", data.display()));
    }
    // A variable that isn't UTF-8 can't be one of ours.
    let env = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(Settings::load(Sources { file, env: env.collect(), set })?)
}

/// `uchat check-config`: loads them, lets every plug-in read its own, and says so.
pub(crate) fn check(args: &SettingsArgs) -> Result<()> {
    let loaded = load(args)?;
    logging::filter(&loaded.settings.log)?;
    plug_ins(&loaded.settings)?;
    for note in &loaded.notes {
        println!("note: {note}");
    }
    println!(
        "the configuration is sound; listening on {}, data in {}",
        loaded.settings.server.listen,
        loaded.settings.server.data.display()
    );
    Ok(())
}

/// Builds a server that never listens, on an empty store that is thrown away: whatever would stop the start is found.
fn plug_ins(settings: &Settings) -> Result<()> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let mut settings = settings.clone();
    folder.path().clone_into(&mut settings.server.data);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let db: Db = Arc::new(serve::open_sqlite(&settings)?);
        let authority = authority::load(&settings.server.data)?;
        let built = serve::build(settings, Arc::clone(&db), authority, None).map(drop);
        db.close().await;
        built
    })
}
