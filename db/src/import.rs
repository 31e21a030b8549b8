//! Takes over a database of the existing program.
//!
//! It kept a row of each message for each of its receivers; here each message is stored once, and what a receiver has
//! seen becomes a cursor. Rows that make no sense are counted and left out; nothing of them stops the rest. The messages
//! are held in memory, each once.
//!
//! # Layout
//!
//! - `read`: the old tables
//! - `write`: the new ones

mod read;
mod write;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;

use bytes::Bytes;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};
use crate::model::{PasswordHash, UserId};
use crate::sqlite::SqliteStore;

/// What a stored row of the existing program says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OldMessage {
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
    /// Who sent it.
    pub sender_id: u64,
    /// 0 for a user, 1 for a room.
    pub target_type: u64,
    /// The other user as the row's owner sees it, or the room.
    pub target_id: u64,
    /// What it says, serialised anew by the caller.
    pub body: Bytes,
}

/// What was taken over, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Users.
    pub users: usize,
    /// Friendships and requests, in rows.
    pub friends: usize,
    /// Rooms.
    pub rooms: usize,
    /// Memberships.
    pub members: usize,
    /// Messages, each counted once.
    pub messages: usize,
    /// Rows that were left out, with the reason.
    pub left_out: BTreeMap<String, usize>,
}

impl ImportReport {
    fn leave_out(&mut self, reason: &str) {
        *self.left_out.entry(reason.to_owned()).or_default() += 1;
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "taken over: {} users, {} friend rows, {} rooms, {} memberships, {} messages",
            self.users, self.friends, self.rooms, self.members, self.messages
        )?;
        for (reason, count) in &self.left_out {
            writeln!(f, "left out: {count} × {reason}")?;
        }
        Ok(())
    }
}

/// A user of the old database, with the password wrapped.
struct OldUser {
    id: UserId,
    username: String,
    password: PasswordHash,
    rest: [String; 5],
}

/// Everything that was read from the old file.
#[derive(Default)]
struct Old {
    users: Vec<OldUser>,
    /// from, to, accepted
    friends: Vec<(u64, u64, bool)>,
    rooms: Vec<(u64, String)>,
    /// room, user
    members: Vec<(u64, u64)>,
    /// In the order of the first row of each.
    messages: Vec<OldMessage>,
    /// Who has a row of which of them, by place, and whether it waits for its owner.
    copies: HashMap<(UserId, usize), bool>,
}

/// Reads `old` into the empty store `into`. `wrap` makes a password hash of an MD5 digest in hexadecimal; `decode` reads
/// the data of a stored message.
pub fn import_classic(
    old: &Path,
    into: &SqliteStore,
    wrap: &dyn Fn(&str) -> Result<PasswordHash, String>,
    decode: &dyn Fn(&[u8]) -> Option<OldMessage>,
) -> Result<ImportReport> {
    let mut report = ImportReport::default();
    let connection = Connection::open_with_flags(old, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(Error::sqlite("opening the old database"))?;
    let mut read = Old::default();
    read::users(&connection, &mut read, &mut report, wrap)?;
    read::tables(&connection, &mut read, &mut report, decode)
        .map_err(Error::sqlite("reading the old database"))?;
    let (report, empty) = into.write_blocking("importing", move |connection| {
        let users: i64 = connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?;
        if users == 0 {
            write::everything(connection, &read, &mut report)?;
        }
        Ok((report, users == 0))
    })?;
    if empty { Ok(report) } else { Err(Error::NotEmpty) }
}
