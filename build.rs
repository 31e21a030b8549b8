//! Links the handler crates: a dependency that nothing names would be left out, and its handlers with it.
//!
//! Every folder of `handlers/` must be a dependency in the marked block of Cargo.toml; one that isn't stops the build
//! with a sentence that says what to do.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    match link() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn link() -> Result<(), String> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?);
    println!("cargo:rerun-if-changed=handlers");
    println!("cargo:rerun-if-changed=Cargo.toml");
    let manifest = read(&root.join("Cargo.toml"))?;
    let mut links = String::new();
    let mut missing = Vec::new();
    for (folder, name) in handler_crates(&root.join("handlers"))? {
        if manifest.lines().any(|line| line.starts_with(&format!("{name} = "))) {
            // Writing to a String can't fail.
            let _ = writeln!(links, "extern crate {} as _;", name.replace('-', "_"));
        } else {
            missing.push(format!("{name} = {{ path = \"handlers/{folder}\" }}"));
        }
    }
    if !missing.is_empty() {
        return Err(format!(
            "these folders in handlers/ are not linked into the server; start it with `./run`, which links them, or \
             add to the block `# handlers` of Cargo.toml:\n{}",
            missing.join("\n")
        ));
    }
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|error| error.to_string())?);
    fs::write(out.join("handlers.rs"), links).map_err(|error| error.to_string())
}

/// Folder and package name of every crate in `handlers/`, in order.
fn handler_crates(handlers: &Path) -> Result<Vec<(String, String)>, String> {
    let mut crates = Vec::new();
    for entry in fs::read_dir(handlers).map_err(|error| format!("{}: {error}", handlers.display()))? {
        let folder = entry.map_err(|error| error.to_string())?.path();
        let manifest = folder.join("Cargo.toml");
        if manifest.is_file() {
            println!("cargo:rerun-if-changed={}", manifest.display());
            let text = read(&manifest)?;
            let name = text.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
            let name = name.ok_or_else(|| format!("{}: no line `name = \"…\"`", manifest.display()))?;
            let folder =
                folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            crates.push((folder, name.to_owned()));
        }
    }
    crates.sort();
    Ok(crates)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
