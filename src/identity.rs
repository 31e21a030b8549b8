//! The server's identity key: made at first start, readable for its owner only.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context, Result};
use uchat_codec::StrongIdentity;

use crate::{SettingsArgs, settings};

/// The Ed25519 secret in hexadecimal, in the data folder.
const FILE: &str = "identity.key";

/// `uchat fingerprint`: what clients compare.
pub(crate) fn print(args: &SettingsArgs) -> Result<()> {
    let identity = load(&settings::load(args)?.settings.server.data)?;
    println!("{}", fingerprint(&identity.public_key()));
    Ok(())
}

/// A key as people compare it: hexadecimal, in groups of four.
pub(crate) fn fingerprint(key: &[u8; 32]) -> String {
    let digits = hex::encode(key);
    digits.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// Reads the key, or makes it. A damaged file is an error: clients know the old key.
pub(crate) fn load(data: &Path) -> Result<StrongIdentity> {
    let path = data.join(FILE);
    make(&path).with_context(|| format!("can't make {}", path.display()))?;
    close_to_others(&path).with_context(|| format!("can't close {} to others", path.display()))?;
    let text = fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    let mut seed = [0; 32];
    hex::decode_to_slice(text.trim(), &mut seed).with_context(|| {
        format!("{} holds no key; clients know the old one, so bring it back", path.display())
    })?;
    Ok(StrongIdentity::from_seed(&seed, &mut rand::rng()))
}

/// Takes the file from everybody but its owner: it may have been copied here with wider rights.
#[cfg(unix)]
fn close_to_others(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if fs::metadata(path)?.permissions().mode() & 0o777 == 0o600 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), "others could read the server's key");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

/// Who may read a file is not ours to say here.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as elsewhere")]
fn close_to_others(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Makes the file if there is none, whole or not at all.
fn make(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("key.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(hex::encode(*StrongIdentity::generate(&mut rand::rng()).seed()).as_bytes())?;
    file.sync_all()?;
    match fs::hard_link(&beside, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => fs::rename(&beside, path),
        _ => fs::remove_file(&beside),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let key = load(folder.path()).unwrap().public_key();
        assert_eq!(load(folder.path()).unwrap().public_key(), key);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let path = folder.path().join(FILE);
            let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(), 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert_eq!(load(folder.path()).unwrap().public_key(), key);
            assert_eq!(mode(), 0o600, "a copy with wider rights is closed again");
        }
        fs::write(folder.path().join(FILE), "damaged").unwrap();
        assert!(load(folder.path()).is_err());
    }
}
