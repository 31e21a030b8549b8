//! Takes over a database of the existing program.
//!
//! It kept a row of each message for each of its receivers; here each message is stored once, and what a receiver has
//! seen becomes a cursor. Rows that make no sense are counted and left out; nothing of them stops the rest.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::path::Path;

use bytes::Bytes;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row, params};

use crate::error::{Error, Result};
use crate::model::{PasswordHash, UserId};
use crate::sqlite::messages::{PRIVATE, ROOM, add_cursors, conversation_of_room, next_number};
use crate::sqlite::{SqliteStore, id};

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
    /// For each user and conversation, how many rows were not delivered, by message.
    undelivered: HashSet<(UserId, OldMessage)>,
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
    read_users(&connection, &mut read, &mut report, wrap)?;
    read_tables(&connection, &mut read, &mut report, decode)
        .map_err(Error::sqlite("reading the old database"))?;
    let (report, empty) = into.write_blocking("importing", move |connection| {
        let users: i64 = connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?;
        if users == 0 {
            write(connection, &read, &mut report)?;
        }
        Ok((report, users == 0))
    })?;
    if empty { Ok(report) } else { Err(Error::NotEmpty) }
}

fn read_users(
    connection: &Connection,
    read: &mut Old,
    report: &mut ImportReport,
    wrap: &dyn Fn(&str) -> Result<PasswordHash, String>,
) -> Result<()> {
    let what = Error::sqlite("reading the old users");
    let sql = "SELECT id, username, password, email, ip, port, sex, age FROM users ORDER BY id";
    let mut statement = connection.prepare(sql).map_err(&what)?;
    let mut rows = statement.query([]).map_err(&what)?;
    let mut names = HashSet::new();
    while let Some(row) = rows.next().map_err(&what)? {
        let texts: Vec<Option<String>> = (1..8).map(|column| text(row, column)).collect();
        let (Some(user), Some(Some(username)), Some(Some(md5))) =
            (number(row, 0), texts.first(), texts.get(1))
        else {
            report.leave_out("user without number, name or password");
            continue;
        };
        if !names.insert(username.clone()) {
            report.leave_out("user whose name another one has");
            continue;
        }
        let password = wrap(md5).map_err(|reason| Error::Password { user, reason })?;
        let rest =
            [2, 3, 4, 5, 6].map(|column: usize| texts.get(column).cloned().flatten().unwrap_or_default());
        read.users.push(OldUser { id: user, username: username.clone(), password, rest });
    }
    Ok(())
}

fn read_tables(
    connection: &Connection,
    read: &mut Old,
    report: &mut ImportReport,
    decode: &dyn Fn(&[u8]) -> Option<OldMessage>,
) -> rusqlite::Result<()> {
    let users: HashSet<u64> = read.users.iter().map(|user| user.id).collect();
    each(connection, "SELECT from_user_id, to_user_id, accepted FROM friends ORDER BY rowid", |row| match (
        number(row, 0),
        number(row, 1),
    ) {
        (Some(from), Some(to)) if from != to && users.contains(&from) && users.contains(&to) => {
            read.friends.push((from, to, number(row, 2) == Some(1)));
        }
        _ => report.leave_out("friendship with a user that there isn't"),
    })?;
    each(connection, "SELECT id, room_name FROM rooms ORDER BY id", |row| match number(row, 0) {
        Some(room) => read.rooms.push((room, text(row, 1).unwrap_or_default())),
        None => report.leave_out("room without a number"),
    })?;
    let rooms: HashSet<u64> = read.rooms.iter().map(|(room, _)| *room).collect();
    let mut seen = HashSet::new();
    each(connection, "SELECT room_id, user_id FROM room_user ORDER BY id", |row| {
        match (number(row, 0), number(row, 1)) {
            (Some(room), Some(user)) if rooms.contains(&room) && users.contains(&user) => {
                if seen.insert((room, user)) {
                    read.members.push((room, user));
                }
            }
            _ => report.leave_out("membership of a room or user that there isn't"),
        }
    })?;
    let mut known = HashSet::new();
    each(connection, "SELECT user_id, data, sent FROM chat_history ORDER BY id", |row| {
        let data = row.get_ref(1).ok().and_then(|value| value.as_bytes().ok()).map(<[u8]>::to_vec);
        let (Some(owner), Some(message)) = (number(row, 0), data.and_then(|data| decode(&data))) else {
            report.leave_out("message that can't be read");
            return;
        };
        let sound = users.contains(&owner)
            && users.contains(&message.sender_id)
            && match message.target_type {
                0 => users.contains(&message.target_id),
                1 => rooms.contains(&message.target_id),
                _ => false,
            };
        if !sound {
            return report.leave_out("message of or to somebody that there isn't");
        }
        let undelivered = number(row, 2) == Some(0) && owner != message.sender_id;
        let message = as_sent(owner, message);
        if undelivered {
            read.undelivered.insert((owner, message.clone()));
        }
        if known.insert(message.clone()) {
            read.messages.push(message);
        }
    })
}

/// A row of the receiver names the sender as its target; the message itself goes to the receiver.
fn as_sent(owner: UserId, mut message: OldMessage) -> OldMessage {
    if message.target_type == 0 && owner != message.sender_id {
        message.target_id = owner;
    }
    message
}

fn write(connection: &Connection, read: &Old, report: &mut ImportReport) -> rusqlite::Result<()> {
    let mut emails = HashSet::new();
    for user in &read.users {
        let [email, ip, port, sex, age] = &user.rest;
        let key = Some(email.to_lowercase()).filter(|key| !key.is_empty() && emails.insert(key.clone()));
        connection.prepare_cached(
            "INSERT INTO users (id, username, password, email, email_key, ip, port, sex, age) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?.execute(params![id(user.id), user.username, user.password.0, email, key, ip, port, sex, age])?;
        report.users += 1;
    }
    write_friends(connection, read, report)?;
    let mut names = HashSet::new();
    for (room, name) in &read.rooms {
        let key = Some(name.to_lowercase()).filter(|key| names.insert(key.clone()));
        connection
            .prepare_cached("INSERT INTO rooms (id, room_name, name_key) VALUES (?1, ?2, ?3)")?
            .execute(params![id(*room), name, key])?;
        conversation_of_room(connection, *room)?;
        report.rooms += 1;
    }
    for (room, user) in &read.members {
        connection
            .prepare_cached("INSERT INTO room_user (room_id, user_id) VALUES (?1, ?2)")?
            .execute(params![id(*room), id(*user)])?;
        report.members += 1;
    }
    write_messages(connection, read, report)
}

/// A friendship that one direction has accepted is one: the existing program could lose the other row.
fn write_friends(connection: &Connection, read: &Old, report: &mut ImportReport) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO friends (from_user_id, to_user_id, accepted) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET accepted = max(accepted, excluded.accepted)",
    )?;
    for (from, to, accepted) in &read.friends {
        insert.execute(params![id(*from), id(*to), accepted])?;
        report.friends += 1;
        if *accepted {
            insert.execute(params![id(*to), id(*from), true])?;
        }
    }
    Ok(())
}

fn write_messages(connection: &Connection, read: &Old, report: &mut ImportReport) -> rusqlite::Result<()> {
    // For each user and conversation: up to where everything was delivered.
    let mut stopped: HashMap<(UserId, u64), u64> = HashMap::new();
    let mut latest: HashMap<u64, u64> = HashMap::new();
    for message in &read.messages {
        let (sender, target) = (message.sender_id, message.target_id);
        let room = message.target_type == 1;
        let (kind, low, high) =
            if room { (ROOM, target, 0) } else { (PRIVATE, sender.min(target), sender.max(target)) };
        let (conversation, seq) = next_number(connection, kind, low, high)?;
        if !room && seq == 1 {
            add_cursors(connection, conversation, &[sender, target])?;
        }
        connection.prepare_cached(
            "INSERT INTO chat_history (user_id, target_id, target_type, data, sent, conversation_id, seq, time) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?.execute(params![id(sender), id(target), kind, &message.body[..], true, id(conversation), id(seq), id(message.time_ms)])?;
        latest.insert(conversation, seq);
        let receivers: Vec<UserId> = if room {
            read.members.iter().filter(|(of, _)| *of == target).map(|(_, user)| *user).collect()
        } else {
            vec![target]
        };
        for receiver in receivers {
            if read.undelivered.contains(&(receiver, message.clone())) {
                stopped.entry((receiver, conversation)).or_insert(seq - 1);
            }
        }
        report.messages += 1;
    }
    write_cursors(connection, read, &stopped)
}

fn write_cursors(
    connection: &Connection,
    read: &Old,
    stopped: &HashMap<(UserId, u64), u64>,
) -> rusqlite::Result<()> {
    for (room, user) in &read.members {
        connection
            .prepare_cached(
                "INSERT INTO cursors (user_id, conversation_id) SELECT ?1, id FROM conversations
                 WHERE target_type = ?2 AND low = ?3 ON CONFLICT DO NOTHING",
            )?
            .execute(params![id(*user), ROOM, id(*room)])?;
    }
    connection.execute(
        "UPDATE cursors SET delivered = (SELECT latest FROM conversations v WHERE v.id = conversation_id)",
        [],
    )?;
    for ((user, conversation), seq) in stopped {
        connection
            .prepare_cached("UPDATE cursors SET delivered = ?3 WHERE user_id = ?1 AND conversation_id = ?2")?
            .execute(params![id(*user), id(*conversation), id(*seq)])?;
    }
    Ok(())
}

fn each(connection: &Connection, sql: &str, mut row: impl FnMut(&Row<'_>)) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(next) = rows.next()? {
        row(next);
    }
    Ok(())
}

/// A number, however the old database holds it: its columns have no strict types.
fn number(row: &Row<'_>, column: usize) -> Option<u64> {
    match row.get_ref(column).ok()? {
        ValueRef::Integer(number) => u64::try_from(number).ok(),
        ValueRef::Text(text) => std::str::from_utf8(text).ok()?.trim().parse().ok(),
        _ => None,
    }
}

fn text(row: &Row<'_>, column: usize) -> Option<String> {
    match row.get_ref(column).ok()? {
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).ok(),
        ValueRef::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}
