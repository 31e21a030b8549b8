//! Load for a server: `cargo run --release -p uchat-client-core --example load -- --help`.
//!
//! It starts a server of its own (the `uchat` of the same build, on fresh data) and talks to it over loopback as many
//! clients of the strong suite do; what it prints is in BENCHMARKS.md. It speaks through the codec alone, so that it
//! takes little of the processor that it shares with the server.
//!
//! # Layout
//!
//! - `server`: the server as a process, what it takes of processor and memory
//! - `link`, `plain`, `people`: a connection, what protects it in the relay, and the accounts
//! - `traffic`: windows of messages, and how long each was on its way
//! - `pairs`, `room`, `crowd`, `files`, `pieces`, `relay`: the scenarios

mod crowd;
mod files;
mod link;
mod pairs;
mod people;
mod pieces;
mod plain;
mod relay;
mod room;
mod server;
mod traffic;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::pairs::Pairs;
use crate::server::Server;
use crate::traffic::Clock;

#[derive(Parser)]
#[command(about = "Measures a Uchat server under load")]
struct Args {
    /// What to run, in this order; all of it without arguments.
    scenarios: Vec<Scenario>,
    /// The server's program; that of the same build if left out.
    #[arg(long)]
    uchat: Option<PathBuf>,
    /// Seconds that are measured in each scenario, after one second to get going.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Pairs that talk one to one.
    #[arg(long, default_value_t = 100)]
    pairs: usize,
    /// Sessions in the scenarios `idle` and `reconnect`; each takes a descriptor here and one in the server.
    #[arg(long, default_value_t = 10_000)]
    sessions: usize,
    /// Further settings of the server, such as `database.synchronous=normal`.
    #[arg(long = "set")]
    settings: Vec<String>,
    /// Used by the program itself: the relay that is the reference.
    #[arg(long, hide = true)]
    relay: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// A relay that only copies, one to one (window 32 and 1) and to a room of 1,000: the reference.
    Relay,
    /// An echo, window 32 and 1: the way through the server without a store.
    Echo,
    /// Durable messages one to one: window 32 and 1, each also at half of the speed that was reached.
    Pairs,
    /// A room of 100.
    Room100,
    /// A room of 1,000.
    Room1000,
    /// Files of 1 and 8 MB, one way: in pieces, and as images in messages.
    Files,
    /// Sessions that do nothing.
    Idle,
    /// Everybody at once after a restart, by device keys.
    Reconnect,
}

/// What all scenarios know.
pub(crate) struct Plan {
    pub(crate) measured: Duration,
    pub(crate) pairs: usize,
    pub(crate) sessions: usize,
    pub(crate) clock: Clock,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if args.relay {
        return runtime.block_on(relay::serve());
    }
    runtime.block_on(run(args))
}

async fn run(args: Args) -> anyhow::Result<()> {
    let all = Scenario::value_variants().to_vec();
    let scenarios = if args.scenarios.is_empty() { all } else { args.scenarios };
    let plan = Plan {
        measured: Duration::from_secs(args.seconds.max(1)),
        pairs: args.pairs.max(1),
        sessions: args.sessions.max(1),
        clock: Clock::start(),
    };
    for scenario in scenarios {
        if scenario == Scenario::Relay {
            relay::run(&plan, plan.pairs, 2, 32).await?;
            relay::run(&plan, plan.pairs, 2, 1).await?;
            relay::run(&plan, 1, 1000, 32).await?;
            continue;
        }
        // Each on data of its own: what one has left behind must not weigh on the next.
        let server = Server::start(args.uchat.clone(), &args.settings)?;
        one(scenario, server, &plan).await?;
    }
    Ok(())
}

async fn one(scenario: Scenario, mut server: Server, plan: &Plan) -> anyhow::Result<()> {
    match scenario {
        Scenario::Relay => Ok(()),
        Scenario::Echo => {
            pairs::echo(&server, plan, 32).await?;
            pairs::echo(&server, plan, 1).await
        }
        Scenario::Pairs => {
            let pairs = Pairs::new(server.address, plan.pairs).await?;
            let reached = pairs.durable(&server, plan, 32, None).await?;
            pairs.durable(&server, plan, 32, Some(reached / 2.0)).await?;
            let reached = pairs.durable(&server, plan, 1, None).await?;
            pairs.durable(&server, plan, 1, Some(reached / 2.0)).await.map(|_| ())
        }
        Scenario::Room100 => room::run(&server, plan, 100).await,
        Scenario::Room1000 => room::run(&server, plan, 1000).await,
        Scenario::Files => files::run(&server, plan).await,
        Scenario::Idle => crowd::idle(&mut server, plan).await,
        Scenario::Reconnect => crowd::reconnect(&mut server, plan).await,
    }
}
