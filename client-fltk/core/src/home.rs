//! The client's own directory: its key, its certificates, and the files that it has received.

mod certificates;
mod strong;
mod verified;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use num_bigint::BigUint;
use uchat_codec::handshake::{ClassicKeyPair, DhParams, ParamsError, client_certificate};
use zeroize::Zeroizing;

pub use verified::Verified;

/// The secret exponent in decimal.
const KEY_FILE: &str = "private.key";
/// One certificate a line, the latest registration last.
const CERTIFICATES_FILE: &str = "certificates.txt";
/// Where received images go.
const FILES_DIR: &str = "files";
/// The original server reads a certificate with one `recv(1024)`.
const MAX_CERTIFICATE: usize = 1024;
/// Older registrations than these are forgotten.
const MAX_CERTIFICATES: usize = 64;
/// No key file of ours is longer than this; anything longer is not read into memory.
const MAX_KEY_FILE: u64 = 16 * 1024;
/// No certificates file of ours is longer than this.
const MAX_CERTIFICATES_FILE: u64 = (MAX_CERTIFICATES * (MAX_CERTIFICATE + 1)) as u64;

/// A directory that belongs to one person and can hold several accounts. Only its owner can read what is in it.
#[derive(Clone, Debug)]
pub struct Home {
    dir: PathBuf,
}

/// What the client shows a server in a handshake.
///
/// `Debug` shows the public half only.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The key pair of this home, the same for each of its accounts.
    pub key_pair: ClassicKeyPair,
    /// The text to present: `<username> <e-mail> <number>`, or `aaa bbb <number>` before any registration.
    pub certificate: String,
}

/// Why a home can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// The system has no place for a program's data, and none was given.
    #[error("this system names no directory for a program's data")]
    NoPlace,
    /// Reading or writing failed.
    #[error("{path}: {source}")]
    Io {
        /// What was read or written.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The key file is there but holds no number. It is never replaced silently.
    #[error("{path} holds no key; move it away to get a new one")]
    BadKey {
        /// The key file.
        path: PathBuf,
    },
    /// A file that must not be lost silently can't be read as what it should be.
    #[error("{path} is damaged; mend it or move it away")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A certificate is longer than a handshake can carry.
    #[error("a certificate is too long")]
    TooLongCertificate,
    /// No key could be made with these parameters.
    #[error(transparent)]
    Params(#[from] ParamsError),
}

impl Home {
    /// The place that the system has for a program's data.
    pub fn default_dir() -> Result<PathBuf, HomeError> {
        let dirs = directories::ProjectDirs::from("", "", "uchat").ok_or(HomeError::NoPlace)?;
        Ok(dirs.data_dir().to_path_buf())
    }

    /// Opens a home; makes the directory, readable for its owner only, when there is none. The permissions of a
    /// directory that exists are left alone: it may be shared on purpose.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, HomeError> {
        let home = Self { dir: dir.into() };
        create_private_dir(&home.dir)?;
        create_private_dir(&home.files_dir())?;
        Ok(home)
    }

    /// The directory itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where received images are kept.
    pub fn files_dir(&self) -> PathBuf {
        self.dir.join(FILES_DIR)
    }

    /// The key pair (made and stored at first use) and the certificate to present. That is the one of `account` if it
    /// was registered from here, else the one registered last.
    pub fn identity(&self, params: &DhParams, account: Option<&str>) -> Result<Identity, HomeError> {
        let key_pair = self.key_pair(params)?;
        let lines = self.certificates()?;
        let of_account = account.and_then(|name| lines.iter().rev().find(|(user, _)| user == name));
        let (username, email) =
            of_account.or(lines.last()).map_or(("aaa", "bbb"), |(user, mail)| (user, mail));
        Ok(Identity { certificate: client_certificate(username, email, key_pair.public()), key_pair })
    }

    /// Remembers a registration, for the certificates to come. A name or an e-mail with blanks in it, or one too long
    /// for a certificate, would shift the words that a server reads: such a registration changes nothing.
    pub fn remember_registration(&self, username: &str, email: &str) -> Result<(), HomeError> {
        let is_word =
            |text: &str| !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        let longest_number = 512;
        if !is_word(username)
            || !is_word(email)
            || username.len() + email.len() + 2 + longest_number > MAX_CERTIFICATE
        {
            return Ok(());
        }
        let mut lines = self.certificates()?;
        lines.retain(|(user, _)| user != username);
        lines.push((username.to_owned(), email.to_owned()));
        let newest = lines.len().saturating_sub(MAX_CERTIFICATES);
        let text: Vec<_> = lines[newest..].iter().map(|(user, mail)| format!("{user} {mail}")).collect();
        self.replace(&self.dir.join(CERTIFICATES_FILE), text.join("\n").as_bytes())
    }

    /// Writes a received file under a name of ours and gives its path. A file that is there already, with the same
    /// length, is not written again: the name says what is in it.
    pub fn save_file(&self, name: &str, data: &[u8]) -> Result<PathBuf, HomeError> {
        let path = self.files_dir().join(name);
        let there =
            fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() == data.len() as u64);
        if !there {
            self.replace(&path, data)?;
        }
        Ok(path)
    }

    fn key_pair(&self, params: &DhParams) -> Result<ClassicKeyPair, HomeError> {
        let path = self.dir.join(KEY_FILE);
        if !path.exists() {
            let fresh = ClassicKeyPair::generate(params, &mut rand::rng())?;
            self.create(&path, fresh.secret_decimal().as_bytes())?;
        }
        restrict(&path)?;
        let text = Zeroizing::new(read_bounded(&path, MAX_KEY_FILE)?);
        match BigUint::parse_bytes(text.trim().as_bytes(), 10) {
            Some(secret) if secret.bits() > 1 => Ok(ClassicKeyPair::from_secret(params, &secret)),
            _ => Err(HomeError::BadKey { path }),
        }
    }

    fn certificates(&self) -> Result<Vec<(String, String)>, HomeError> {
        let path = self.dir.join(CERTIFICATES_FILE);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let text = read_bounded(&path, MAX_CERTIFICATES_FILE)?;
        let pair = |line: &str| line.split_once(' ').map(|(user, mail)| (user.to_owned(), mail.to_owned()));
        Ok(text.lines().filter_map(pair).collect())
    }

    /// Writes a file that must not be there yet; when another process was faster, its file stays.
    fn create(&self, path: &Path, content: &[u8]) -> Result<(), HomeError> {
        let written = self.write_beside(content)?;
        match fs::hard_link(&written, path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            // A file system without hard links.
            Err(_) => return fs::rename(&written, path).map_err(at(path)),
        }
        fs::remove_file(&written).map_err(at(&written))
    }

    /// Writes a file so that a reader sees the old or the new content, never a part.
    fn replace(&self, path: &Path, content: &[u8]) -> Result<(), HomeError> {
        let written = self.write_beside(content)?;
        fs::rename(&written, path).map_err(|source| {
            let _ = fs::remove_file(&written);
            at(path)(source)
        })
    }

    fn write_beside(&self, content: &[u8]) -> Result<PathBuf, HomeError> {
        let path = self.dir.join(format!(".{:016x}.tmp", rand::random::<u64>()));
        let write = || {
            let mut file = private_options().create_new(true).open(&path)?;
            file.write_all(content)?;
            file.sync_all()
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&path);
            at(&path)(source)
        })?;
        Ok(path)
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> HomeError {
    let path = path.to_path_buf();
    move |source| HomeError::Io { path, source }
}

fn read_bounded(path: &Path, most: u64) -> Result<String, HomeError> {
    use io::Read as _;
    let mut text = String::new();
    let file = fs::File::open(path).map_err(at(path))?;
    file.take(most).read_to_string(&mut text).map_err(at(path))?;
    Ok(text)
}

#[cfg(unix)]
pub(crate) fn create_private_dir(dir: &Path) -> Result<(), HomeError> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(at(dir))
}

#[cfg(not(unix))]
pub(crate) fn create_private_dir(dir: &Path) -> Result<(), HomeError> {
    fs::create_dir_all(dir).map_err(at(dir))
}

#[cfg(unix)]
fn private_options() -> fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private_options() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    options
}

/// A key that was copied here with wide permissions is closed again.
#[cfg(unix)]
fn restrict(path: &Path) -> Result<(), HomeError> {
    use std::os::unix::fs::PermissionsExt as _;
    // The six lowest bits are those of group and others.
    let mode = fs::metadata(path).map_err(at(path))?.permissions().mode();
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(at(path))
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> Result<(), HomeError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::open(dir.path().join("home")).unwrap();
        (dir, home)
    }

    #[test]
    fn the_key_stays_the_same_and_the_certificate_follows_the_account() {
        let (_dir, home) = home();
        let params = DhParams::default();
        let first = home.identity(&params, None).unwrap();
        assert_eq!(first.certificate, format!("aaa bbb {}", first.key_pair.public()));
        home.remember_registration("ann", "a@x.cn").unwrap();
        home.remember_registration("bob", "b@x.cn").unwrap();
        let number = first.key_pair.public();
        assert_eq!(home.identity(&params, None).unwrap().certificate, format!("bob b@x.cn {number}"));
        assert_eq!(home.identity(&params, Some("ann")).unwrap().certificate, format!("ann a@x.cn {number}"));
    }

    #[test]
    fn a_name_with_a_blank_does_not_shift_the_words_of_the_certificate() {
        let (_dir, home) = home();
        home.remember_registration("a b", "a@x.cn").unwrap();
        let identity = home.identity(&DhParams::default(), None).unwrap();
        assert!(identity.certificate.starts_with("aaa bbb "));
    }

    #[test]
    fn a_damaged_key_is_reported_and_kept() {
        let (_dir, home) = home();
        fs::write(home.dir().join(KEY_FILE), "b'12'").unwrap();
        let error = home.identity(&DhParams::default(), None).unwrap_err();
        assert!(matches!(error, HomeError::BadKey { .. }), "{error}");
        assert_eq!(fs::read_to_string(home.dir().join(KEY_FILE)).unwrap(), "b'12'");
    }

    #[test]
    fn the_secret_number_is_not_in_the_debug_text() {
        let (_dir, home) = home();
        let identity = home.identity(&DhParams::default(), None).unwrap();
        let secret = fs::read_to_string(home.dir().join(KEY_FILE)).unwrap();
        assert!(!format!("{identity:?}").contains(&secret));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_what_is_inside() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_dir, home) = home();
        home.identity(&DhParams::default(), None).unwrap();
        home.remember_registration("ann", "a@x.cn").unwrap();
        let saved = home.save_file("x.png", b"data").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(home.dir()), 0o700);
        assert_eq!(mode(&home.dir().join(KEY_FILE)), 0o600);
        assert_eq!(mode(&home.dir().join(CERTIFICATES_FILE)), 0o600);
        assert_eq!(mode(&saved), 0o600);
        fs::set_permissions(home.dir().join(KEY_FILE), fs::Permissions::from_mode(0o644)).unwrap();
        home.identity(&DhParams::default(), None).unwrap();
        assert_eq!(mode(&home.dir().join(KEY_FILE)), 0o600);
    }

    #[test]
    fn two_programs_that_start_together_share_one_key() {
        let (_dir, home) = home();
        home.create(&home.dir().join(KEY_FILE), b"111").unwrap();
        home.create(&home.dir().join(KEY_FILE), b"222").unwrap();
        assert_eq!(fs::read_to_string(home.dir().join(KEY_FILE)).unwrap(), "111");
        let left: Vec<_> = fs::read_dir(home.dir()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "only the key and files/: {left:?}");
    }
}
