//! The keys of people whose safety number was compared: `verified.txt`.

use std::fs;

use super::{Home, HomeError, read_bounded};

/// `host:port number name key` a line.
const VERIFIED_FILE: &str = "verified.txt";
/// People verified longer ago than so many others are forgotten.
const MAX_VERIFIED: usize = 1024;
/// No such file of ours is longer than this.
const MAX_VERIFIED_FILE: u64 = 512 * 1024;

/// A key that its owner has confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The person's number at the server.
    pub user: u64,
    /// The person's name at the server.
    pub name: String,
    /// The key.
    pub key: [u8; 32],
}

impl Verified {
    /// Whether this is about the person with that number or name: a server must not get out of it by changing one.
    pub fn is_about(&self, user: u64, name: &str) -> bool {
        self.user == user || self.name == name
    }

    /// Whether this is about exactly that person.
    pub fn is_of(&self, user: u64, name: &str) -> bool {
        self.user == user && as_kept(&self.name) == as_kept(name)
    }
}

impl Home {
    /// The verified keys of people at this server; several of one person, if there are several devices.
    pub fn verified(&self, server: &str) -> Result<Vec<Verified>, HomeError> {
        let all = self.all_verified()?;
        Ok(all.into_iter().filter(|(at, _)| at == server).map(|(_, verified)| verified).collect())
    }

    /// Remembers a key that its owner has confirmed.
    pub fn remember_verified(&self, server: &str, new: &Verified) -> Result<(), HomeError> {
        let new = Verified { name: as_kept(&new.name), ..new.clone() };
        let mut all = self.all_verified()?;
        all.retain(|(at, known)| at != server || (known.user, known.key) != (new.user, new.key));
        all.push((server.to_owned(), new));
        let newest = all.len().saturating_sub(MAX_VERIFIED);
        let line = |(server, Verified { user, name, key }): &(String, Verified)| {
            format!("{server} {user} {name} {}\n", hex::encode(key))
        };
        let lines: String = all[newest..].iter().map(line).collect();
        self.replace(&self.dir.join(VERIFIED_FILE), lines.as_bytes())
    }

    fn all_verified(&self) -> Result<Vec<(String, Verified)>, HomeError> {
        let path = self.dir.join(VERIFIED_FILE);
        if !fs::exists(&path).unwrap_or(true) {
            return Ok(Vec::new());
        }
        let text = read_bounded(&path, MAX_VERIFIED_FILE)?;
        // A damaged line must not make a stranger of somebody verified.
        text.lines().map(|text| line(text).ok_or_else(|| HomeError::Damaged { path: path.clone() })).collect()
    }
}

/// A name with a blank in it would shift the words of the line; no server of ours has such names.
fn as_kept(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

fn line(text: &str) -> Option<(String, Verified)> {
    let mut words = text.split(' ');
    let mut word = || words.next();
    let (server, user, name, key) = (word()?, word()?, word()?, word()?);
    let mut bytes = [0; 32];
    hex::decode_to_slice(key, &mut bytes).ok()?;
    Some((server.to_owned(), Verified { user: user.parse().ok()?, name: name.to_owned(), key: bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bob(key: u8) -> Verified {
        Verified { user: 2, name: "小红".into(), key: [key; 32] }
    }

    #[test]
    fn every_verified_key_of_a_person_is_remembered_for_its_server() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        assert_eq!(home.verified("a:1").unwrap(), []);
        for (server, key) in [("a:1", 7), ("b:1", 8), ("a:1", 9), ("a:1", 7)] {
            home.remember_verified(server, &bob(key)).unwrap();
        }
        assert_eq!(home.verified("a:1").unwrap(), [bob(9), bob(7)]);
        assert!(bob(7).is_about(2, "else") && bob(7).is_about(3, "小红") && !bob(7).is_about(3, "else"));
    }

    #[test]
    fn a_damaged_line_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        home.remember_verified("a:1", &bob(7)).unwrap();
        let path = folder.path().join(VERIFIED_FILE);
        let text = fs::read_to_string(&path).unwrap().replace("0707", "07x7");
        fs::write(&path, text).unwrap();
        assert!(home.verified("a:1").is_err());
    }
}
