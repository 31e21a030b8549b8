//! What the strong suite needs of a home: our identity key, and the keys of the servers that are known.

use std::fs;

use uchat_codec::StrongIdentity;
use zeroize::Zeroizing;

use super::{Home, HomeError, read_bounded, restrict};

/// The Ed25519 secret, in hexadecimal.
const IDENTITY_FILE: &str = "identity.key";
/// `host:port key` a line: the key that a server has shown first.
const SERVERS_FILE: &str = "known_servers.txt";
/// No identity file of ours is longer than this.
const MAX_IDENTITY_FILE: u64 = 256;
/// Servers known longer ago than so many others are forgotten.
const MAX_SERVERS: usize = 256;
/// No file of known servers of ours is longer than this.
const MAX_SERVERS_FILE: u64 = 128 * 1024;

impl Home {
    /// Who this home is towards servers of the strong suite: the identity key is made and stored at first use.
    pub fn strong_identity(&self) -> Result<StrongIdentity, HomeError> {
        let path = self.dir.join(IDENTITY_FILE);
        if !path.exists() {
            let fresh = StrongIdentity::generate(&mut rand::rng());
            self.create(&path, Zeroizing::new(hex::encode(*fresh.seed())).as_bytes())?;
        }
        restrict(&path)?;
        let text = Zeroizing::new(read_bounded(&path, MAX_IDENTITY_FILE)?);
        let mut seed = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), &mut *seed).map_err(|_| HomeError::BadKey { path })?;
        Ok(StrongIdentity::from_seed(&seed, &mut rand::rng()))
    }

    /// The identity key that this server has shown first, if it is known.
    pub fn known_server(&self, server: &str) -> Result<Option<[u8; 32]>, HomeError> {
        let key =
            self.known_servers()?.into_iter().rev().find(|(name, _)| name == server).map(|(_, key)| key);
        let Some(text) = key else { return Ok(None) };
        let mut key = [0; 32];
        // A damaged line must not make an unknown server of a known one.
        hex::decode_to_slice(&text, &mut key)
            .map_err(|_| HomeError::BadKey { path: self.dir.join(SERVERS_FILE) })?;
        Ok(Some(key))
    }

    /// Remembers the identity key of a server.
    pub fn remember_server(&self, server: &str, key: &[u8; 32]) -> Result<(), HomeError> {
        if self.known_server(server)? == Some(*key) {
            return Ok(());
        }
        let mut servers = self.known_servers()?;
        servers.retain(|(name, _)| name != server);
        servers.push((server.to_owned(), hex::encode(key)));
        let newest = servers.len().saturating_sub(MAX_SERVERS);
        let lines: Vec<_> = servers[newest..].iter().map(|(name, key)| format!("{name} {key}\n")).collect();
        self.replace(&self.dir.join(SERVERS_FILE), lines.concat().as_bytes())
    }

    fn known_servers(&self) -> Result<Vec<(String, String)>, HomeError> {
        let path = self.dir.join(SERVERS_FILE);
        if !fs::exists(&path).unwrap_or(true) {
            return Ok(Vec::new());
        }
        let text = read_bounded(&path, MAX_SERVERS_FILE)?;
        // A line that says only half must not make an unknown server of a known one.
        let pair = |line: &str| {
            let (name, key) =
                line.split_once(' ').ok_or_else(|| HomeError::Damaged { path: path.clone() })?;
            Ok((name.to_owned(), key.to_owned()))
        };
        text.lines().filter(|line| !line.is_empty()).map(pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_stays_the_same_and_known_servers_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let key = home.strong_identity().unwrap().public_key();
        assert_eq!(Home::open(folder.path()).unwrap().strong_identity().unwrap().public_key(), key);
        assert_eq!(home.known_server("a:1").unwrap(), None);
        home.remember_server("a:1", &[1; 32]).unwrap();
        home.remember_server("b:1", &[2; 32]).unwrap();
        assert_eq!(home.known_server("a:1").unwrap(), Some([1; 32]));
    }

    #[test]
    fn a_damaged_key_or_line_is_an_error_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        fs::write(folder.path().join(IDENTITY_FILE), "no key").unwrap();
        assert!(home.strong_identity().is_err());
        for damage in ["a:1 nothex\n", "a:1\n", "a:1", "b:1 00\na:1\n", "a:1\t00\n"] {
            fs::write(folder.path().join(SERVERS_FILE), damage).unwrap();
            assert!(home.known_server("a:1").is_err(), "{damage:?}");
            assert!(home.remember_server("a:1", &[1; 32]).is_err(), "{damage:?}");
            assert_eq!(fs::read_to_string(folder.path().join(SERVERS_FILE)).unwrap(), damage);
        }
    }
}
