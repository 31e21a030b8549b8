//! The server binary `uchat`, and the only place where everything meets.
//!
//! # Layout
//!
//! - `serve`: wires configuration, store, handlers and listener together, and runs them
//! - `settings`: where the configuration comes from
//! - `handlers`: the table of operations, for people and for programs
//! - `identity`: the server's key, and `uchat fingerprint`
//! - `user`: accounts made, shut, listed and deleted by the operator
//! - `status`: what each plug-in has done
//! - `authority`: the server as a small CA, and who is let in
//! - `cert`: `uchat cert`
//! - `keep`: what plug-ins remember
//! - `hot` (feature of the same name): `uchat plugin`
//! - `import`: takes over a database of the existing program
//! - `scaffold`: `uchat new-handler`
//! - `logging`: the structured log

#![allow(
    clippy::doc_markdown,
    reason = "the doc comments of the arguments are help texts: no backticks there"
)]

mod authority;
mod cert;
mod handlers;
#[cfg(feature = "hot")]
mod hot;
mod identity;
mod import;
mod keep;
mod logging;
mod rights;
mod scaffold;
mod serve;
mod settings;
mod status;
mod user;
#[cfg(feature = "hot")]
mod watch;

// Names every handler crate, so that it is linked: written by build.rs.
include!(concat!(env!("OUT_DIR"), "/handlers.rs"));

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Messages are made on one thread and let go on another, which the system's allocator (glibc's at least) is slow at: it gives memory
/// back to the kernel in between, and asks for it again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A secure instant-messaging server made of plug-ins.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Where settings come from; each overrides the one before.
#[derive(Args, Clone, Default)]
struct SettingsArgs {
    /// A configuration file: uchat.toml, or a config.json of the existing program
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Sets one key, such as limits.max_connections=500; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE", global = true)]
    set: Vec<String>,
    /// The address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", global = true)]
    listen: Option<String>,
    /// The folder of the database
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server (also without a command)
    Serve,
    /// Lists the operations that this server has, with those that the running one has loaded
    Handlers {
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
        /// As a page of documentation
        #[arg(long, conflicts_with = "json")]
        markdown: bool,
    },
    /// Prints the fingerprint of the server's identity key, which clients of the strong suite compare
    Fingerprint,
    /// Makes, shuts, lists and deletes accounts, also while the server runs
    User {
        #[command(subcommand)]
        command: user::Command,
    },
    /// Tells everybody something: those who are there now, others when they log in
    Announce {
        /// What to tell
        text: String,
    },
    /// Lists, renews or revokes certificates of users, also while the server runs
    Cert {
        #[command(subcommand)]
        action: cert::Action,
    },
    /// Says what each plug-in of the running server has done, and what failed last
    Status {
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Loads, replaces, takes away and lists plug-ins of the running server
    #[cfg(feature = "hot")]
    Plugin {
        #[command(subcommand)]
        command: hot::Command,
    },
    /// Checks the configuration and says what is wrong with it
    CheckConfig,
    /// Takes over a database of the existing program into an empty store
    Import {
        /// The old database.db
        old: PathBuf,
    },
    /// Writes a new handler crate into handlers/ and links it
    NewHandler {
        /// Its name, such as `nudge`
        name: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&cli.settings),
        Command::Handlers { json, markdown } => handlers::print(
            match (json, markdown) {
                (true, _) => handlers::Style::Json,
                (_, true) => handlers::Style::Markdown,
                _ => handlers::Style::Text,
            },
            &cli.settings,
        ),
        Command::Fingerprint => identity::print(&cli.settings),
        Command::User { command } => user::run(command, &cli.settings),
        Command::Announce { text } => user::announce(text, &cli.settings),
        Command::Cert { action } => cert::run(&action, &cli.settings),
        Command::Status { json } => status::run(&cli.settings, json),
        #[cfg(feature = "hot")]
        Command::Plugin { command } => hot::run(command, &cli.settings),
        Command::CheckConfig => settings::check(&cli.settings),
        Command::Import { old } => import::run(&old, &cli.settings),
        Command::NewHandler { name } => scaffold::run(&name),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uchat: {error:#}");
            ExitCode::FAILURE
        }
    }
}
