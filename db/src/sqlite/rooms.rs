//! Rooms and their members, in SQL.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::messages::{ROOM, conversation_of_room};
use super::{SqliteStore, USER, id, limit, users};
use crate::error::Result;
use crate::model::{Joining, Room, RoomId, User, UserId};
use crate::store::Rooms;

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
        self.read("reading rooms", move |connection| {
            connection.prepare_cached(ROOMS_OF)?.query_map([id(user)], room_row)?.collect()
        })
        .await
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
}

/// The rooms of a user.
pub(super) const ROOMS_OF: &str = "SELECT r.id, r.room_name FROM room_user m JOIN rooms r ON r.id = m.room_id
    WHERE m.user_id = ?1 ORDER BY m.id";

/// The members of a room.
pub(super) const MEMBERS: &str =
    "FROM room_user m CROSS JOIN users u ON u.id = m.user_id WHERE m.room_id = ?1 ORDER BY m.id";

/// Their numbers; every message to the room asks for them.
pub(super) const MEMBER_IDS: &str = "SELECT user_id FROM room_user WHERE room_id = ?1 ORDER BY id";

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
fn add_member(connection: &Connection, user: UserId, room: RoomId) -> rusqlite::Result<()> {
    let sql = "INSERT INTO room_user (room_id, user_id) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute(params![id(room), id(user)])?;
    conversation_of_room(connection, room)?;
    let sql = "INSERT INTO cursors (user_id, conversation_id, first, delivered, read, shown)
               SELECT ?1, v.id, v.latest, v.latest, v.latest, v.latest FROM conversations v
               WHERE v.target_type = ?2 AND v.low = ?3 AND v.high = 0";
    connection.prepare_cached(sql)?.execute(params![id(user), ROOM, id(room)]).map(|_| ())
}
