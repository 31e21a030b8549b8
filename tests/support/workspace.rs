//! A copy of this workspace to write plug-ins in, as their authors do; what is built already is not built again.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, and not each uses all"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Folders that no plug-in needs.
const LEFT_OUT: [&str; 6] = ["target", ".git", "fuzz", "data", "tests", "pictures"];

/// The copy. It shares the folder of intermediate files with this build, and has finished programs in its own `target`.
pub struct Workspace {
    folder: PathBuf,
    build: PathBuf,
    /// Goes when this is dropped.
    _whole: tempfile::TempDir,
}

impl Workspace {
    /// A fresh copy. It must not be inside the folder of this build: cargo would take its sources for intermediate files, and
    /// remember them as those of the crates here.
    pub fn copy() -> Self {
        let test = std::env::current_exe().unwrap();
        let build = test.ancestors().nth(3).expect("tests are built into target/debug/deps").to_owned();
        // Copies were in there once; what was built from them is built anew when they are gone.
        let _ = fs::remove_dir_all(build.join("scratch"));
        let whole = tempfile::tempdir().unwrap();
        let folder = whole.path().join("uchat");
        copy(Path::new(env!("CARGO_MANIFEST_DIR")), &folder);
        // Another version is another package: the server that is built here does not get into the way of the real one.
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let (before, package) = manifest.split_once("[package]\n").unwrap();
        let package = package.replacen("version.workspace = true", "version = \"0.0.0\"", 1);
        fs::write(folder.join("Cargo.toml"), format!("{before}[package]\n{package}")).unwrap();
        Self { folder, build, _whole: whole }
    }

    /// A path in it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Writes a file and the folders that it needs.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A program that runs in it.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).stdin(Stdio::null());
        command.env("CARGO_TARGET_DIR", self.path("target")).env("CARGO_BUILD_BUILD_DIR", &self.build);
        command.env("CARGO_NET_OFFLINE", "true").env("CARGO_TERM_COLOR", "never");
        // What cargo has set for this test is not for the cargo that the test starts.
        for (name, _) in std::env::vars_os() {
            let of_this_test = name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_"));
            if of_this_test || name == "CARGO_MANIFEST_DIR" || name == "DISPLAY" {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs cargo; what it said. A failure fails the test, unless `may_fail`.
    pub fn cargo(&self, arguments: &[&str], may_fail: bool) -> Output {
        let output = self.command("cargo").args(arguments).output().expect("cargo runs");
        assert!(
            may_fail || output.status.success(),
            "cargo {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }
}

/// Copies a folder with the times of its files, by which cargo tells what is new.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        let copy_to = to.join(&name);
        let kind = fs::symlink_metadata(&path).unwrap();
        if kind.is_dir() {
            if !LEFT_OUT.iter().any(|left| name == *left) {
                copy(&path, &copy_to);
            }
        } else if kind.is_file() {
            fs::copy(&path, &copy_to).unwrap();
            let copied = File::options().write(true).open(&copy_to).unwrap();
            copied.set_modified(kind.modified().unwrap()).unwrap();
        }
    }
}
