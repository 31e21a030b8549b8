//! One process to a file, and the file to its owner.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long a process that is just ending is waited for.
const WAIT: Duration = Duration::from_secs(2);
/// How often it is looked whether it has ended.
const STEP: Duration = Duration::from_millis(50);

/// Keeps other processes away from the database until the returned file is dropped, also by the end of the process.
/// None where the file system has no locks.
pub(super) fn take(path: &Path) -> Result<Option<File>> {
    let what = "locking the database";
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.with_extension("lock"))
        .map_err(|source| Error::Io { what, source })?;
    let until = Instant::now() + WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(STEP),
            Err(TryLockError::WouldBlock) => return Err(Error::InUse { path: path.to_path_buf() }),
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                tracing::warn!(path = %path.display(), "no locks here: nothing keeps a second server out");
                return Ok(None);
            }
            Err(TryLockError::Error(source)) => return Err(Error::Io { what, source }),
        }
    }
}

/// Makes an empty file that only its owner may read, if there is none, and takes others' rights from one that is there:
/// SQLite gives its other files the same rights.
pub(super) fn make_private(path: &Path) -> Result<()> {
    let what = "making the database file";
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|source| Error::Io { what, source })?;
    #[cfg(unix)]
    close_to_others(&file, path).map_err(|source| Error::Io { what, source })?;
    drop(file);
    Ok(())
}

#[cfg(unix)]
fn close_to_others(file: &File, path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut rights = file.metadata()?.permissions();
    let others = rights.mode() & 0o077;
    if others == 0 {
        return Ok(());
    }
    rights.set_mode(rights.mode() - others);
    match file.set_permissions(rights) {
        Ok(()) => {
            tracing::warn!(path = %path.display(), "others could read the database; now only its owner can");
        }
        // It is not ours to change; whoever gave it these rights may have meant it.
        Err(error) => tracing::warn!(path = %path.display(), %error, "others can read the database"),
    }
    Ok(())
}
