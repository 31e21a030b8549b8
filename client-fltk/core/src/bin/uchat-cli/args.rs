//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use uchat_client_core::connection::Suite;
use uchat_client_core::event::parse_fingerprint;
use uchat_client_core::{Home, Options};

use crate::texts::Language;

/// Uchat in a terminal, and for programs as lines of JSON.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Args {
    /// Where the server is.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:2333")]
    pub(crate) server: String,
    /// The directory of key, certificates and received files; by default the system's place for data.
    #[arg(long, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Read one JSON command a line, write one JSON event a line (CLI.md).
    #[arg(long)]
    pub(crate) json: bool,
    /// Don't come back after a lost connection; exit code 1 when there never was one.
    #[arg(long)]
    pub(crate) once: bool,
    /// Don't pause before the first frame. The original server needs the pause, ours does not.
    #[arg(long)]
    pub(crate) no_pause: bool,
    /// What the connection is secured with. `classic` is for the original server, which knows nothing else.
    #[arg(long, value_enum, default_value = "strong")]
    pub(crate) suite: SuiteName,
    /// The identity key that the server must show (strong suite): what `uchat fingerprint` prints there.
    #[arg(long, value_name = "HEX", value_parser = parse_key)]
    pub(crate) fingerprint: Option<[u8; 32]>,
    /// Log in with this account by itself, by the key of this home: one that has logged in from here before.
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// The language of the texts; by default that of LANG.
    #[arg(long, value_enum)]
    pub(crate) lang: Option<Language>,
    /// The longest frame in MiB that is sent or taken.
    #[arg(long, value_name = "MIB", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) max_frame: u32,
}

/// The names of the suites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SuiteName {
    /// That of the existing program.
    Classic,
    /// Noise; the server proves its identity key.
    Strong,
}

fn parse_key(text: &str) -> Result<[u8; 32], String> {
    parse_fingerprint(text).ok_or_else(|| "a fingerprint has 64 hexadecimal digits".to_owned())
}

impl Args {
    /// What can't be meant together.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let keys = [("--account", self.account.is_some()), ("--fingerprint", self.fingerprint.is_some())];
        for (option, given) in keys {
            anyhow::ensure!(
                !given || self.suite == SuiteName::Strong,
                "{option} needs the strong suite: over classic nobody proves a key"
            );
        }
        Ok(())
    }

    /// How to connect.
    pub(crate) fn options(&self, home: Home) -> Options {
        let mut options = Options::new(self.server.clone(), home);
        options.suite = match self.suite {
            SuiteName::Strong => Suite::Strong { expected: self.fingerprint },
            SuiteName::Classic => Suite::Classic,
        };
        options.account.clone_from(&self.account);
        if self.no_pause {
            options.first_frame_pause = Duration::ZERO;
        }
        options.limits.max_frame_body = self.max_frame as usize * 1024 * 1024;
        // A single frame of that size has to fit.
        options.queued_request_bytes = options.queued_request_bytes.max(2 * options.limits.max_frame_body);
        options
    }
}
