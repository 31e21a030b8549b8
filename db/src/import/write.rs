//! Writes what was read of the existing program into an empty store.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};

use super::{ImportReport, Old, OldMessage};
use crate::model::{ConversationId, UserId};
use crate::sqlite::id;
use crate::sqlite::messages::{PRIVATE, ROOM, add_cursors, conversation_of_room, next_number};

/// Writes what was read, into empty tables.
pub(super) fn everything(
    connection: &Connection,
    read: &Old,
    report: &mut ImportReport,
) -> rusqlite::Result<()> {
    let mut emails = HashSet::new();
    for user in &read.users {
        let [email, ip, port, sex, age] = &user.rest;
        let key = Some(email.to_lowercase()).filter(|key| !key.is_empty() && emails.insert(key.clone()));
        connection.prepare_cached(
            "INSERT INTO users (id, username, password, email, email_key, ip, port, sex, age) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?.execute(params![id(user.id), user.username, user.password.0, email, key, ip, port, sex, age])?;
        report.users += 1;
    }
    friends(connection, read, report)?;
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
    messages(connection, read, report)
}

/// A friendship that one direction has accepted is one: the existing program could lose the other row.
fn friends(connection: &Connection, read: &Old, report: &mut ImportReport) -> rusqlite::Result<()> {
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

/// What a user sees of a conversation and has received of it, in its numbers.
#[derive(Default)]
struct Seen {
    /// Of a room: the first message that the user has a row of.
    first: Option<u64>,
    /// The first message that waits for the user.
    waits: Option<u64>,
}

fn messages(connection: &Connection, read: &Old, report: &mut ImportReport) -> rusqlite::Result<()> {
    let mut members: HashMap<u64, Vec<UserId>> = HashMap::new();
    for (room, user) in &read.members {
        members.entry(*room).or_default().push(*user);
    }
    let mut seen: HashMap<(UserId, ConversationId), Seen> = HashMap::new();
    for (place, message) in read.messages.iter().enumerate() {
        let (conversation, seq) = add(connection, message)?;
        let pair = [message.sender_id, message.target_id];
        let receivers = match message.target_type {
            0 => &pair[..],
            _ => members.get(&message.target_id).map_or(&[][..], Vec::as_slice),
        };
        for receiver in receivers {
            let Some(waits) = read.copies.get(&(*receiver, place)) else { continue };
            let seen = seen.entry((*receiver, conversation)).or_default();
            seen.first = seen.first.or(Some(seq));
            seen.waits = seen.waits.or(waits.then_some(seq));
        }
        report.messages += 1;
    }
    cursors(connection, read, &seen)
}

/// Stores a message; the number of its conversation, and its own in it.
fn add(connection: &Connection, message: &OldMessage) -> rusqlite::Result<(ConversationId, u64)> {
    let (sender, target) = (message.sender_id, message.target_id);
    let room = message.target_type == 1;
    let (kind, low, high) =
        if room { (ROOM, target, 0) } else { (PRIVATE, sender.min(target), sender.max(target)) };
    let (conversation, seq) = next_number(connection, kind, low, high)?;
    if !room && seq == 1 {
        add_cursors(connection, conversation, &[sender, target])?;
    }
    let sql =
        "INSERT INTO chat_history (user_id, target_id, target_type, data, sent, conversation_id, seq, time)
               VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7)";
    connection.prepare_cached(sql)?.execute(params![
        id(sender),
        id(target),
        kind,
        &message.body[..],
        id(conversation),
        id(seq),
        id(message.time_ms)
    ])?;
    Ok((conversation, seq))
}

/// A member of a room sees it from the first message on that the old program kept for him: it began with his joining.
fn cursors(
    connection: &Connection,
    read: &Old,
    seen: &HashMap<(UserId, ConversationId), Seen>,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO cursors (user_id, conversation_id, first) SELECT ?1, id, latest FROM conversations
               WHERE target_type = ?2 AND low = ?3 AND high = 0";
    let mut member = connection.prepare_cached(sql)?;
    for (room, user) in &read.members {
        member.execute(params![id(*user), ROOM, id(*room)])?;
    }
    let sql =
        "UPDATE cursors SET delivered = (SELECT latest FROM conversations v WHERE v.id = conversation_id)";
    connection.execute(sql, [])?;
    // A private conversation begins at 0 and stays so.
    let sql = "UPDATE cursors SET delivered = coalesce(?3 - 1, delivered), first = min(first, coalesce(?4 - 1, first))
               WHERE user_id = ?1 AND conversation_id = ?2";
    let mut update = connection.prepare_cached(sql)?;
    for ((user, conversation), seen) in seen {
        update.execute(params![id(*user), id(*conversation), seen.waits.map(id), seen.first.map(id)])?;
    }
    Ok(())
}
