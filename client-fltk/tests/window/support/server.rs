//! The real server, with a data directory of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::program;

/// A server that ends with the test.
pub(crate) struct Server {
    child: Child,
    address: String,
    dir: tempfile::TempDir,
}

impl Server {
    /// Starts it on a free port.
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (child, address) = Self::spawn(dir.path(), "127.0.0.1:0");
        Self { child, address, dir }
    }

    fn spawn(dir: &std::path::Path, listen: &str) -> (Child, String) {
        let mut child = Command::new(program("uchat"))
            .args(["serve", "--listen", listen, "--set", "accounts.argon2_memory_kib=256", "--data"])
            .arg(dir.join("data"))
            .current_dir(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let address = line.rsplit(' ').next().unwrap().to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        (child, address)
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Ends it without a word, as a crash does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again at the same place.
    pub(crate) fn restart(&mut self) {
        self.child = Self::spawn(self.dir.path(), &self.address).0;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
