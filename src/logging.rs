//! The structured log, on standard error: standard output is for the line that says where the server listens.

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;
use uchat_config::{Log, LogFormat};

/// What is logged.
pub(crate) fn filter(log: &Log) -> Result<EnvFilter> {
    EnvFilter::try_new(&log.filter).with_context(|| format!("log.filter = {:?}", log.filter))
}

/// Starts the log. Panics become log lines too.
pub(crate) fn start(log: &Log) -> Result<()> {
    let filter = filter(log)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if log.format == LogFormat::Json {
        builder.json().init();
    } else {
        builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init();
    }
    std::panic::set_hook(Box::new(|panic| {
        // A handler that panics ends its request, not the server; the message of a panic may quote a peer's data,
        // so only its place is logged.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
    Ok(())
}
