//! `uchat-cli`: Uchat in a terminal, and for programs as lines of JSON.

mod app;
mod args;
mod files;
mod input;
mod interactive;
mod json_mode;
mod room_texts;
mod screen;
mod slash;
mod texts;

use std::process::ExitCode;

use clap::Parser as _;
use uchat_client_core::{Client, Home, Options};

use crate::app::App;
use crate::args::Args;

fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("UCHAT_LOG"))
        .init();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("uchat-cli: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    args.check()?;
    let dir = args.home.clone().map_or_else(Home::default_dir, Ok)?;
    let home = Home::open(dir)?;
    let options = args.options(home.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let code = runtime.block_on(async {
        let most = options.limits.max_frame_body;
        let server = options.server.clone();
        let (client, events) = Client::start(Options { reconnect: !args.once, ..options });
        let app = App::new(client, home, server, most);
        if args.json {
            json_mode::run(app, events, args).await
        } else {
            interactive::run(app, events, args).await
        }
    });
    // The thread that reads standard input can't be interrupted.
    runtime.shutdown_background();
    code
}
