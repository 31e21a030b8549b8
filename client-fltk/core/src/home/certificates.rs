//! The certificates that servers have issued to this home: `certificates/<server>/<user>.pem`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use uchat_codec::certificate::{Certificate, CertificateCheck as _, IssuedBy, MAX_PEM, from_pem};

use super::{Home, HomeError, create_private_dir, read_bounded};

/// Where they are.
const CERTIFICATES_DIR: &str = "certificates";
/// What their names end with.
const ENDING: &str = "pem";
/// Longer names are replaced by their hash, since file systems have limits.
const LONGEST_NAME: usize = 100;
/// How many accounts of one server are looked through for the one that was used last.
const MOST_ACCOUNTS: usize = 256;

impl Home {
    /// Where the certificate of an account is, or would be.
    pub fn certificate_path(&self, server: &str, username: &str) -> PathBuf {
        self.certificates_dir(server).join(format!("{}.{ENDING}", file_name(username)))
    }

    /// Keeps a certificate, with what stands behind it, in PEM.
    pub fn save_certificate(&self, server: &str, username: &str, pem: &str) -> Result<PathBuf, HomeError> {
        create_private_dir(&self.certificates_dir(server))?;
        let path = self.certificate_path(server, username);
        self.replace(&path, pem.as_bytes())?;
        Ok(path)
    }

    /// The certificate of an account, or without a name of the account that got one last. One that can't be read is as
    /// good as none: another one is to be had.
    pub fn certificate(
        &self,
        server: &str,
        username: Option<&str>,
    ) -> Result<Option<Certificate>, HomeError> {
        let path = match username {
            Some(name) => Some(self.certificate_path(server, name)),
            None => newest(&self.certificates_dir(server)),
        };
        let Some(path) = path.filter(|path| path.is_file()) else { return Ok(None) };
        // One byte more than is allowed is refused by the reader of PEM.
        let text = read_bounded(&path, MAX_PEM as u64 + 1);
        let read = text.ok().and_then(|text| from_pem(&text).ok()).and_then(|mut chain| {
            chain.truncate(1);
            Certificate::read(chain.pop()?).ok()
        });
        if read.is_none() {
            tracing::warn!(path = %path.display(), "this certificate can't be read");
        }
        Ok(read)
    }

    /// The same, if a server with the key `authority` would accept it at `now` (seconds since 1970) for our `key`.
    pub(crate) fn valid_certificate(
        &self,
        server: &str,
        username: Option<&str>,
        key: &[u8; 32],
        check: IssuedBy,
    ) -> Result<Option<Certificate>, HomeError> {
        let found = self.certificate(server, username)?;
        Ok(found.filter(|certificate| check.check(key, &certificate.der).is_ok()))
    }

    fn certificates_dir(&self, server: &str) -> PathBuf {
        self.dir.join(CERTIFICATES_DIR).join(file_name(server))
    }
}

/// The file that was written last.
fn newest(dir: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(dir).ok()?.take(MOST_ACCOUNTS).filter_map(Result::ok);
    let written = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
    let files =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == ENDING));
    files.max_by_key(|path| written(path).unwrap_or(SystemTime::UNIX_EPOCH))
}

/// A name of a server or user as one of a file: nothing that it says leads out of its folder, and two names never make
/// one file.
fn file_name(name: &str) -> String {
    let mut safe = String::new();
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => safe.push(char::from(byte)),
            b'.' if at > 0 => safe.push('.'),
            // Writing to a String can't fail.
            _ => drop(write!(safe, "%{byte:02x}")),
        }
    }
    if safe.len() <= LONGEST_NAME { safe } else { format!("%{}", hex::encode(Sha256::digest(name))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder_or_into_another_file() {
        let names =
            ["ann", "小明", "../../etc/passwd", "..", "", "a/b", "a\\b", "Ann", "c:x", &"x".repeat(500)];
        let made: Vec<_> = names.iter().map(|name| file_name(name)).collect();
        assert_eq!(made[0], "ann");
        assert_eq!(made[2], "%2e.%2f..%2fetc%2fpasswd");
        for (at, name) in made.iter().enumerate() {
            assert!(!made[..at].contains(name), "{name}");
            assert!(!name.starts_with('.') && !name.contains(['/', '\\', ':']) && name.len() < 120, "{name}");
        }
    }

    #[test]
    fn a_certificate_that_can_not_be_read_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        assert_eq!(home.certificate("a:1", None).unwrap(), None);
        for damage in ["", "no certificate", &"x".repeat(MAX_PEM + 1)] {
            let path = home.save_certificate("a:1", "ann", damage).unwrap();
            assert_eq!(path, folder.path().join("certificates/a%3a1/ann.pem"));
            assert_eq!(home.certificate("a:1", Some("ann")).unwrap(), None);
            assert_eq!(home.certificate("a:1", None).unwrap(), None);
        }
    }
}
