//! The server as a process, and what the operating system says of it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

/// A server on data of its own, which go with it.
pub(crate) struct Server {
    process: Child,
    program: PathBuf,
    settings: Vec<String>,
    folder: tempfile::TempDir,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts it with cheap password hashes and without the limits that are for strangers.
    pub(crate) fn start(program: Option<PathBuf>, settings: &[String]) -> anyhow::Result<Self> {
        let program = program.map_or_else(beside, Ok)?;
        let folder = tempfile::tempdir()?;
        let (process, address) = spawn(&program, &folder, settings)?;
        Ok(Self { process, program, settings: settings.to_vec(), folder, address })
    }

    /// Kills it and starts it on the same data, at another address.
    pub(crate) fn restart(&mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        (self.process, self.address) = spawn(&self.program, &self.folder, &self.settings)?;
        Ok(())
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn processor_time(&self) -> anyhow::Result<Duration> {
        processor_time(self.process.id())
    }

    /// Resident memory in bytes.
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: u64 = line.split_whitespace().next().context("no number")?.parse()?;
        Ok(kib * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The `uchat` of this build: the examples are in a folder beside it.
fn beside() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    let program = here.parent().and_then(|folder| folder.parent()).context("no folder")?.join("uchat");
    if !program.exists() {
        bail!("{} is missing: cargo build --release --bin uchat", program.display());
    }
    Ok(program)
}

fn spawn(
    program: &PathBuf,
    folder: &tempfile::TempDir,
    settings: &[String],
) -> anyhow::Result<(Child, SocketAddr)> {
    let mut command = Command::new(program);
    command.arg("serve").arg("--data").arg(folder.path()).args(["--listen", "127.0.0.1:0"]);
    let ours = [
        "accounts.argon2_memory_kib=8",
        "accounts.argon2_passes=1",
        "limits.max_connections=50000",
        "limits.max_connections_per_address=50000",
        "limits.idle_seconds=0",
        "rooms.max_members=5000",
        "log.filter=error",
    ];
    for setting in ours.into_iter().chain(settings.iter().map(String::as_str)) {
        command.args(["--set", setting]);
    }
    let mut process = command.stdout(Stdio::piped()).spawn()?;
    let address = listening(&mut process)?;
    Ok((process, address))
}

/// What a child prints on its first line: `listening on ADDRESS`.
pub(crate) fn listening(process: &mut Child) -> anyhow::Result<SocketAddr> {
    let mut line = String::new();
    BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
    line.trim().strip_prefix("listening on ").context("it did not start")?.parse().map_err(Into::into)
}

/// What a process has used of the processor, in user and kernel mode.
pub(crate) fn processor_time(process: u32) -> anyhow::Result<Duration> {
    /// A tick is 10 ms on every Linux that this runs on.
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).context("this measures on Linux")?;
    // The name may hold anything; what follows it doesn't.
    let fields: Vec<_> = stat.rsplit_once(')').context("no fields")?.1.split_whitespace().collect();
    let ticks = |field: usize| -> anyhow::Result<u32> { Ok(fields.get(field).context("no field")?.parse()?) };
    Ok(TICK * (ticks(11)? + ticks(12)?))
}
