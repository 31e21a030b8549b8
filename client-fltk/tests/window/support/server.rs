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

    /// Stops it in the middle of whatever it does: it keeps its connections and says nothing.
    pub(crate) fn freeze(&self) {
        let done = Command::new("kill").args(["-STOP", &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// Starts it again at the same place.
    pub(crate) fn restart(&mut self) {
        self.child = Self::spawn(self.dir.path(), &self.address).0;
    }

    /// Ends it, takes its identity key away, starts it again: it makes a new one.
    pub(crate) fn change_key(&mut self) {
        self.kill();
        std::fs::remove_file(self.dir.path().join("data").join("identity.key")).unwrap();
        self.restart();
    }

    /// Ends it, changes its database, starts it again.
    pub(crate) fn rewrite(&mut self, change: impl FnOnce(&mut rusqlite::Connection)) {
        self.kill();
        change(&mut rusqlite::Connection::open(self.dir.path().join("data").join("uchat.db")).unwrap());
        self.restart();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
