//! Reads the tables of the existing program.

use std::collections::{HashMap, HashSet};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::{ImportReport, Old, OldMessage, OldUser};
use crate::error::{Error, Result};
use crate::model::{PasswordHash, UserId};

/// The users, each with the password wrapped, which takes its time.
pub(super) fn users(
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

/// Everything else.
pub(super) fn tables(
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
    messages(connection, read, report, &users, &rooms, decode)
}

fn messages(
    connection: &Connection,
    read: &mut Old,
    report: &mut ImportReport,
    users: &HashSet<u64>,
    rooms: &HashSet<u64>,
    decode: &dyn Fn(&[u8]) -> Option<OldMessage>,
) -> rusqlite::Result<()> {
    let mut places: HashMap<OldMessage, Vec<usize>> = HashMap::new();
    each(connection, "SELECT user_id, data, sent FROM chat_history ORDER BY id", |row| {
        let message = row.get_ref(1).ok().and_then(|value| decode(value.as_bytes().ok()?));
        let (Some(owner), Some(message)) = (number(row, 0), message) else {
            return report.leave_out("message that can't be read");
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
        let waits = number(row, 2) == Some(0) && owner != message.sender_id;
        let message = as_sent(owner, message);
        // Rows of different owners are copies of one message; a second row of the same owner is another message.
        let places = places.entry(message.clone()).or_default();
        let place = places.iter().copied().find(|place| !read.copies.contains_key(&(owner, *place)));
        let place = place.unwrap_or_else(|| {
            read.messages.push(message);
            places.push(read.messages.len() - 1);
            read.messages.len() - 1
        });
        read.copies.insert((owner, place), waits);
    })
}

/// A row of the receiver names the sender as its target; the message itself goes to the receiver.
fn as_sent(owner: UserId, mut message: OldMessage) -> OldMessage {
    if message.target_type == 0 && owner != message.sender_id {
        message.target_id = owner;
    }
    message
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
