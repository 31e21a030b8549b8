//! A session bus for one test: desktop notices go there, and screen readers come from there.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use zbus::blocking::{Connection, connection::Builder};

/// A bus that ends with the test.
pub(crate) struct SessionBus {
    daemon: Child,
    address: String,
    _sockets: tempfile::TempDir,
}

impl SessionBus {
    /// Starts a daemon of its own.
    pub(crate) fn start() -> Self {
        let sockets = tempfile::tempdir().unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .env_remove("DISPLAY")
            // The bus of screen readers has its socket there: not one for all tests.
            .env("XDG_RUNTIME_DIR", sockets.path())
            .env("XDG_CACHE_HOME", sockets.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is there: ./test installs it");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { daemon, address: address.trim().to_owned(), _sockets: sockets }
    }

    /// Where it is, as programs are told by `DBUS_SESSION_BUS_ADDRESS`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> Connection {
        Builder::address(self.address.as_str()).unwrap().build().unwrap()
    }
}

impl Drop for SessionBus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
