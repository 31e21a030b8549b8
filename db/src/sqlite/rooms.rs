//! Rooms and their members, in SQL.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::messages::{ROOM, conversation_of_room};
use super::room_changes::{self, ASKED, INVITED};
use super::{SqliteStore, USER, id, limit, user_row, users};
use crate::error::Result;
use crate::model::{Joining, Room, RoomId, User, UserId};
use crate::room_rules::{Invitation, Member, RoomChange, RoomChanged, RoomLine, RoomRefusal, RoomState};
use crate::store::{Committed, Rooms};

#[async_trait]
impl Rooms for SqliteStore {
    async fn create_room(&self, owner: UserId, name: &str) -> Result<Option<Room>> {
        let name = name.to_owned();
        self.write("making a room", move |connection| {
            let sql = "INSERT INTO rooms (room_name, name_key, owner_id) VALUES (?1, ?2, ?3)
                       ON CONFLICT DO NOTHING RETURNING id";
            let made: Option<RoomId> = connection
                .prepare_cached(sql)?
                .query_row(params![name, name.to_lowercase(), id(owner)], |row| row.get(0))
                .optional()?;
            let Some(room) = made else { return Ok(None) };
            add_member(connection, owner, room)?;
            Ok(Some(Room { id: room, name }))
        })
        .await
    }

    async fn room(&self, room: RoomId) -> Result<Option<Room>> {
        self.read("reading a room", move |connection| one(connection, room)).await
    }

    async fn join_room(&self, user: UserId, room: RoomId) -> Result<Joining> {
        self.write("joining a room", move |connection| {
            if is_member(connection, user, room)? {
                return Ok(Joining::AlreadyMember);
            }
            let Some(room) = one(connection, room)? else { return Ok(Joining::NoSuchRoom) };
            add_member(connection, user, room.id)?;
            Ok(Joining::Joined(room))
        })
        .await
    }

    async fn rooms_of(&self, user: UserId) -> Result<Vec<Room>> {
        self.read("reading rooms", move |connection| rooms_of(connection, user)).await
    }

    async fn room_members(&self, room: RoomId) -> Result<Vec<User>> {
        self.read("reading members", move |connection| {
            users(connection, &format!("SELECT {USER} {MEMBERS}"), [id(room)])
        })
        .await
    }

    async fn room_member_ids(&self, room: RoomId) -> Result<Vec<UserId>> {
        self.read("reading members", move |connection| member_ids(connection, room)).await
    }

    async fn is_member(&self, user: UserId, room: RoomId) -> Result<bool> {
        self.read("reading a membership", move |connection| is_member(connection, user, room)).await
    }

    async fn change_room(
        &self,
        change: RoomChange,
        line: RoomLine,
        committed: Committed,
    ) -> Result<Result<RoomChanged, RoomRefusal>> {
        let after = |outcome: &Result<RoomChanged, RoomRefusal>| {
            if let Ok(RoomChanged { line: Some(line), .. }) = outcome {
                committed(line);
            }
        };
        let act = move |connection: &Connection| room_changes::change(connection, &change, line);
        self.writer.run("changing a room", 0, act, after).await
    }

    async fn room_state(&self, room: RoomId) -> Result<Option<RoomState>> {
        self.read("reading a room", move |connection| room_changes::state(connection, room)).await
    }

    async fn room_people(&self, room: RoomId) -> Result<Vec<Member>> {
        self.read("reading members", move |connection| people(connection, room)).await
    }

    async fn invitations_of(&self, user: UserId) -> Result<Vec<Invitation>> {
        self.read("reading invitations", move |connection| invitations(connection, user)).await
    }

    async fn room_requests(&self, room: RoomId) -> Result<Vec<User>> {
        self.read("reading requests to a room", move |connection| {
            users(connection, &format!("SELECT {USER} {REQUESTS}"), params![id(room), ASKED])
        })
        .await
    }

    async fn requests_to(&self, owner: UserId) -> Result<Vec<(RoomId, User)>> {
        let request = |row: &Row<'_>| Ok((row.get(7)?, user_row(row)?));
        self.read("reading requests to an owner", move |connection| {
            connection
                .prepare_cached(&format!("SELECT {USER}, {REQUESTS_TO}"))?
                .query_map(params![id(owner), ASKED], request)?
                .collect()
        })
        .await
    }
}

/// The rooms of a user.
pub(super) const ROOMS_OF: &str = "SELECT r.id, r.room_name FROM room_user m JOIN rooms r ON r.id = m.room_id
    WHERE m.user_id = ?1 ORDER BY m.id";

pub(super) fn rooms_of(connection: &Connection, user: UserId) -> rusqlite::Result<Vec<Room>> {
    connection.prepare_cached(ROOMS_OF)?.query_map([id(user)], room_row)?.collect()
}

/// The members of a room.
pub(super) const MEMBERS: &str =
    "FROM room_user m CROSS JOIN users u ON u.id = m.user_id WHERE m.room_id = ?1 ORDER BY m.id";

/// Their numbers; every message to the room asks for them.
pub(super) const MEMBER_IDS: &str = "SELECT user_id FROM room_user WHERE room_id = ?1 ORDER BY id";

/// The users who ask to come into a room, or are invited, oldest first.
pub(super) const REQUESTS: &str = "FROM room_open o CROSS JOIN users u ON u.id = o.user_id
    WHERE o.room_id = ?1 AND o.kind = ?2 ORDER BY o.id";

/// Who asks to come into the rooms of an owner; where none is written down, it is the longest member.
pub(super) const REQUESTS_TO: &str = "o.room_id FROM room_user m CROSS JOIN rooms r ON r.id = m.room_id
    CROSS JOIN room_open o ON o.room_id = r.id CROSS JOIN users u ON u.id = o.user_id
    WHERE m.user_id = ?1 AND o.kind = ?2 AND coalesce(r.owner_id, (SELECT f.user_id FROM room_user f
        WHERE f.room_id = r.id ORDER BY f.id LIMIT 1)) = ?1 ORDER BY o.id";

/// Where a user is invited to, and by whom, oldest first.
pub(super) const INVITATIONS: &str =
    "r.id, r.room_name FROM room_open o CROSS JOIN rooms r ON r.id = o.room_id
    CROSS JOIN users u ON u.id = o.by_user_id WHERE o.user_id = ?1 AND o.kind = ?2 ORDER BY o.id";

/// Whether a member may speak now; no row if the user is none.
pub(super) const MAY_SPEAK: &str =
    "SELECT r.muted = 0 OR m.voice = 1 OR coalesce(r.owner_id, (SELECT o.user_id FROM room_user o
        WHERE o.room_id = r.id ORDER BY o.id LIMIT 1)) = ?2
    FROM room_user m CROSS JOIN rooms r ON r.id = m.room_id WHERE m.room_id = ?1 AND m.user_id = ?2";

pub(super) fn may_speak(
    connection: &Connection,
    user: UserId,
    room: RoomId,
) -> rusqlite::Result<Option<bool>> {
    let values = params![id(room), id(user)];
    connection.prepare_cached(MAY_SPEAK)?.query_row(values, |row| row.get(0)).optional()
}

fn people(connection: &Connection, room: RoomId) -> rusqlite::Result<Vec<Member>> {
    let moment = connection.unchecked_transaction()?;
    let owner = room_changes::state(&moment, room)?.and_then(|state| state.owner);
    let member = |row: &Row<'_>| {
        let user = user_row(row)?;
        Ok(Member { owner: owner == Some(user.id), voice: row.get(7)?, user })
    };
    moment
        .prepare_cached(&format!("SELECT {USER}, m.voice {MEMBERS}"))?
        .query_map([id(room)], member)?
        .collect()
}

fn invitations(connection: &Connection, user: UserId) -> rusqlite::Result<Vec<Invitation>> {
    let invitation = |row: &Row<'_>| {
        let room = Room { id: row.get(7)?, name: row.get(8)? };
        Ok(Invitation { room, by: user_row(row)? })
    };
    connection
        .prepare_cached(&format!("SELECT {USER}, {INVITATIONS}"))?
        .query_map(params![id(user), INVITED], invitation)?
        .collect()
}

fn room_row(row: &Row<'_>) -> rusqlite::Result<Room> {
    Ok(Room { id: row.get(0)?, name: row.get(1)? })
}

fn one(connection: &Connection, room: RoomId) -> rusqlite::Result<Option<Room>> {
    let sql = "SELECT id, room_name FROM rooms WHERE id = ?1";
    connection.prepare_cached(sql)?.query_row([id(room)], room_row).optional()
}

pub(super) fn is_member(connection: &Connection, user: UserId, room: RoomId) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM room_user WHERE room_id = ?1 AND user_id = ?2";
    connection.prepare_cached(sql)?.exists(params![id(room), id(user)])
}

pub(super) fn member_ids(connection: &Connection, room: RoomId) -> rusqlite::Result<Vec<UserId>> {
    connection.prepare_cached(MEMBER_IDS)?.query_map([id(room)], |row| row.get(0))?.collect()
}

/// Not more than so many of them.
pub(super) fn member_ids_at_most(
    connection: &Connection,
    room: RoomId,
    most: usize,
) -> rusqlite::Result<Vec<UserId>> {
    let sql = "SELECT user_id FROM room_user WHERE room_id = ?1 ORDER BY id LIMIT ?2";
    connection.prepare_cached(sql)?.query_map(params![id(room), limit(most)], |row| row.get(0))?.collect()
}

/// A new member sees what is said from now on.
pub(super) fn add_member(connection: &Connection, user: UserId, room: RoomId) -> rusqlite::Result<()> {
    let sql = "INSERT INTO room_user (room_id, user_id) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute(params![id(room), id(user)])?;
    conversation_of_room(connection, room)?;
    let sql = "INSERT INTO cursors (user_id, conversation_id, first, delivered, read, shown)
               SELECT ?1, v.id, v.latest, v.latest, v.latest, v.latest FROM conversations v
               WHERE v.target_type = ?2 AND v.low = ?3 AND v.high = 0";
    connection.prepare_cached(sql)?.execute(params![id(user), ROOM, id(room)]).map(|_| ())
}
