//! Friends and requests, in SQL.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

use super::{SqliteStore, USER, id, users};
use crate::error::Result;
use crate::model::{Acceptance, Asking, FriendLimits, User, UserId};
use crate::store::Friends;

#[async_trait]
impl Friends for SqliteStore {
    async fn ask_friend(&self, from: UserId, to: UserId, limits: FriendLimits) -> Result<Asking> {
        self.write("asking a friend", move |connection| ask(connection, from, to, limits)).await
    }

    async fn pending_requests(&self, user: UserId) -> Result<Vec<User>> {
        self.read("reading friend requests", move |connection| {
            users(connection, &format!("SELECT {USER} {REQUESTS}"), [id(user)])
        })
        .await
    }

    async fn accept_friend_within(&self, user: UserId, requester: UserId, most: usize) -> Result<Acceptance> {
        self.write("accepting a friend", move |connection| accept(connection, user, requester, most)).await
    }

    async fn refuse_friend(&self, user: UserId, requester: UserId) -> Result<bool> {
        self.write("refusing a friend", move |connection| {
            let sql = "DELETE FROM friends WHERE from_user_id = ?1 AND to_user_id = ?2 AND accepted = 0";
            Ok(connection.prepare_cached(sql)?.execute(params![id(requester), id(user)])? == 1)
        })
        .await
    }

    async fn remove_friend(&self, one: UserId, other: UserId) -> Result<bool> {
        self.write("deleting a friend", move |connection| {
            let sql = "DELETE FROM friends WHERE accepted = 1 AND ((from_user_id = ?1 AND to_user_id = ?2)
                       OR (from_user_id = ?2 AND to_user_id = ?1))";
            Ok(connection.prepare_cached(sql)?.execute(params![id(one), id(other)])? > 0)
        })
        .await
    }

    async fn are_friends(&self, one: UserId, other: UserId) -> Result<bool> {
        self.read("reading a friendship", move |connection| are_friends(connection, one, other)).await
    }

    async fn friends(&self, user: UserId) -> Result<Vec<User>> {
        self.read("reading friends", move |connection| {
            users(connection, &format!("SELECT {USER} {FRIENDS}"), [id(user)])
        })
        .await
    }

    async fn friend_ids(&self, user: UserId) -> Result<Vec<UserId>> {
        self.read("reading friends", move |connection| friend_ids(connection, user)).await
    }
}

/// The friends of a user.
pub(super) const FRIENDS: &str = "FROM friends f JOIN users u ON u.id = f.to_user_id
    WHERE f.from_user_id = ?1 AND f.accepted = 1 ORDER BY f.rowid";

/// Who waits for an answer of a user.
pub(super) const REQUESTS: &str = "FROM friends f JOIN users u ON u.id = f.from_user_id
    WHERE f.to_user_id = ?1 AND f.accepted = 0 ORDER BY f.rowid";

pub(super) fn friend_ids(connection: &Connection, user: UserId) -> rusqlite::Result<Vec<UserId>> {
    let sql = "SELECT to_user_id FROM friends WHERE from_user_id = ?1 AND accepted = 1 ORDER BY rowid";
    connection.prepare_cached(sql)?.query_map([id(user)], |row| row.get(0))?.collect()
}

pub(super) fn are_friends(connection: &Connection, one: UserId, other: UserId) -> rusqlite::Result<bool> {
    Ok(row(connection, one, other)? == Some(true))
}

/// The row from one user to another: `None`, asked (`false`) or friends (`true`).
fn row(connection: &Connection, from: UserId, to: UserId) -> rusqlite::Result<Option<bool>> {
    connection
        .prepare_cached("SELECT accepted FROM friends WHERE from_user_id = ?1 AND to_user_id = ?2")?
        .query_row(params![id(from), id(to)], |row| row.get(0))
        .optional()
}

fn ask(connection: &Connection, from: UserId, to: UserId, limits: FriendLimits) -> rusqlite::Result<Asking> {
    if row(connection, from, to)?.is_some() {
        return Ok(Asking::Already);
    }
    let count = |condition: &str, user: UserId| -> rusqlite::Result<usize> {
        let sql = format!("SELECT count(*) FROM friends WHERE {condition}");
        connection.prepare_cached(&sql)?.query_row([id(user)], |row| row.get(0))
    };
    if count("from_user_id = ?1 AND accepted = 0", from)? >= limits.open_requests {
        return Ok(Asking::TooManySent);
    }
    if count("to_user_id = ?1 AND accepted = 0", to)? >= limits.open_requests {
        return Ok(Asking::TooManyReceived);
    }
    // Open requests count as the friends that they may become: nobody has to be told at the acceptance that it was too late.
    if count("from_user_id = ?1", from)? >= limits.friends {
        return Ok(Asking::TooManyFriends);
    }
    // Somebody may have been deleted since the name was looked up.
    let sql = "INSERT INTO friends (from_user_id, to_user_id, accepted) SELECT ?1, ?2, 0
               WHERE (SELECT count(*) FROM users WHERE id IN (?1, ?2) AND deleted = 0) = 2";
    let asked = connection.prepare_cached(sql)?.execute(params![id(from), id(to)])? == 1;
    Ok(if asked { Asking::Asked } else { Asking::Already })
}

fn accept(
    connection: &Connection,
    user: UserId,
    requester: UserId,
    most: usize,
) -> rusqlite::Result<Acceptance> {
    match row(connection, requester, user)? {
        Some(false) => {}
        Some(true) => return Ok(Acceptance::AlreadyFriends),
        None => return Ok(Acceptance::NoRequest),
    }
    let sql = "SELECT count(*) FROM friends WHERE from_user_id = ?1 AND accepted = 1";
    let friends: usize = connection.prepare_cached(sql)?.query_row([id(user)], |row| row.get(0))?;
    if friends >= most {
        return Ok(Acceptance::TooManyFriends);
    }
    // The other direction may hold a request of its own: both had asked. The rows are made anew, so that friends come
    // in the order in which they became friends, not in that of the requests.
    let sql = "REPLACE INTO friends (from_user_id, to_user_id, accepted) VALUES (?1, ?2, 1)";
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute(params![id(requester), id(user)])?;
    statement.execute(params![id(user), id(requester)])?;
    Ok(Acceptance::Accepted)
}
