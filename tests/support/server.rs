//! The real server as a process.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, and not each uses all"
)]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};

use super::wire::PATIENCE;

/// A server with a data folder of its own; both go when it is dropped.
pub struct Server {
    process: Child,
    address: SocketAddr,
    folder: Arc<tempfile::TempDir>,
    settings: Vec<String>,
    log: Arc<Log>,
}

/// What the server has logged so far, and a bell that rings at each line.
#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    grown: Condvar,
}

impl Server {
    /// A server with cheap password hashes.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// The same with some settings, as `--set` takes them.
    pub fn with(settings: &[&str]) -> Self {
        let settings = settings.iter().map(ToString::to_string).collect();
        Self::run(Arc::new(tempfile::tempdir().unwrap()), settings)
    }

    /// A server on data that are there: the folder `data` in `folder`.
    pub fn on(folder: Arc<tempfile::TempDir>) -> Self {
        Self::run(folder, Vec::new())
    }

    /// A server that runs in a shell in which this was said first, such as `ulimit -n 40`.
    #[cfg(unix)]
    pub fn after(words: &str, settings: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{words}; exec \"$0\" \"$@\"")]).arg(binary("uchat"));
        let settings = settings.iter().map(ToString::to_string).collect();
        Self::spawn(command, Arc::new(tempfile::tempdir().unwrap()), settings)
    }

    fn run(folder: Arc<tempfile::TempDir>, settings: Vec<String>) -> Self {
        Self::spawn(Command::new(binary("uchat")), folder, settings)
    }

    fn spawn(mut command: Command, folder: Arc<tempfile::TempDir>, settings: Vec<String>) -> Self {
        command.args(["serve", "--data", "data", "--set", "server.listen=127.0.0.1:0"]);
        command.args(["--set", "accounts.argon2_memory_kib=64", "--set", "accounts.argon2_passes=1"]);
        for setting in &settings {
            command.args(["--set", setting]);
        }
        let mut process = command
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server binary runs");
        let log = Arc::new(Log::default());
        let errors = BufReader::new(process.stderr.take().unwrap());
        let growing = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                growing.lines.lock().unwrap().push(line);
                growing.grown.notify_all();
            }
        });
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").and_then(|address| address.parse().ok());
        let Some(address) = address else {
            panic!("the server said {line:?}: {:?}", log.lines.lock().unwrap())
        };
        Self { process, address, folder, settings, log }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What another command of the server binary does to the same data.
    pub fn command(&self, arguments: &[&str]) -> Output {
        Command::new(binary("uchat")).args(arguments).arg("--data").arg(self.data()).output().unwrap()
    }

    /// Lines of the log with the level ERROR.
    pub fn errors(&self) -> Vec<String> {
        self.log.lines.lock().unwrap().iter().filter(|line| line.contains("ERROR")).cloned().collect()
    }

    /// The whole log so far.
    pub fn log(&self) -> String {
        self.log.lines.lock().unwrap().join("\n")
    }

    /// Waits until so many lines of the log hold this text.
    pub fn wait_for_log(&self, text: &str, count: usize) {
        let too_few =
            |lines: &mut Vec<String>| lines.iter().filter(|line| line.contains(text)).count() < count;
        let lines = self.log.lines.lock().unwrap();
        let (lines, waited) = self.log.grown.wait_timeout_while(lines, PATIENCE, too_few).unwrap();
        assert!(!waited.timed_out(), "the log never held {text:?} {count} times: {lines:#?}");
    }

    /// Ends it as an operator would, and waits.
    #[cfg(unix)]
    pub fn terminate(&mut self) -> ExitStatus {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        self.process.wait().unwrap()
    }

    /// Ends it as a power cut would, and starts it again on the same data.
    pub fn kill_and_restart(mut self) -> Self {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let (folder, settings) = (Arc::clone(&self.folder), self.settings.clone());
        drop(self);
        Self::run(folder, settings)
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Resident memory in KiB.
    #[cfg(target_os = "linux")]
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A binary of the workspace: from `UCHAT_BIN_DIR`, or beside the server that cargo has built for the tests.
pub fn binary(name: &str) -> PathBuf {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    match std::env::var_os("UCHAT_BIN_DIR") {
        Some(folder) => Path::new(&folder).join(name),
        None => Path::new(env!("CARGO_BIN_EXE_uchat")).with_file_name(name),
    }
}
