//! The file of a history: for its owner only, and out of the way when it is damaged.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::StoreError;

/// So many damaged files are kept beside the history; the last of them gives way to a later one.
const MAX_DAMAGED: u32 = 3;
/// What SQLite puts beside a database. The first one can hold messages that the database has not got yet.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Makes an empty file that only its owner may read, if there is none, and closes one that was copied here with wider
/// permissions. SQLite gives its other files the same ones.
pub(super) fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(StoreError::at(path))?;
    #[cfg(unix)]
    {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(permissions).map_err(StoreError::at(path))?;
    }
    drop(file);
    Ok(())
}

/// Moves a damaged database away with all that belongs to it: what is left in it can still be saved by hand, and none of
/// it gets into the new one.
pub(super) fn move_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let aside = |number: u32| with_ending(path, &format!(".damaged-{number}"));
    let free = (1..MAX_DAMAGED).find(|number| !aside(*number).exists()).unwrap_or(MAX_DAMAGED);
    let to = aside(free);
    for ending in BESIDE {
        let (from, to) = (with_ending(path, ending), with_ending(&to, ending));
        if from.exists() {
            fs::rename(&from, to).map_err(StoreError::at(&from))?;
        } else if to.exists() {
            fs::remove_file(&to).map_err(StoreError::at(&to))?;
        }
    }
    fs::rename(path, &to).map_err(StoreError::at(path))?;
    Ok(to)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}
