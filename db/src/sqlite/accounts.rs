//! Users, in SQL.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::friends::friend_ids;
use super::{SqliteStore, USER, id, limit, user_row, users};
use crate::error::Result;
use crate::model::{Creation, Listed, NewUser, User, UserId};
use crate::store::Accounts;

#[async_trait]
impl Accounts for SqliteStore {
    async fn create_user(&self, new: NewUser) -> Result<Creation> {
        self.write("making a user", move |connection| create(connection, &new)).await
    }

    async fn user(&self, user: UserId) -> Result<Option<User>> {
        let query = move |connection: &Connection| one(connection, "u.id = ?1", id(user));
        self.read("reading a user", query).await
    }

    async fn user_by_name(&self, name: &str) -> Result<Option<User>> {
        let name = name.to_owned();
        self.read("reading a user", move |connection| one(connection, "u.username = ?1", name)).await
    }

    async fn users_by_prefix(&self, prefix: &str, most: usize) -> Result<Vec<User>> {
        let from = prefix.to_owned();
        self.read("searching users", move |connection| {
            let until = after_prefix(&from);
            users(connection, &format!("SELECT {USER} {BETWEEN}"), params![from, until, limit(most)])
        })
        .await
    }

    async fn users_after(&self, name: &str, most: usize) -> Result<Vec<Listed>> {
        let name = name.to_owned();
        self.read("listing users", move |connection| {
            let listed = |row: &Row<'_>| {
                Ok(Listed {
                    user: user_row(row)?,
                    disabled: row.get(7)?,
                    strong: row.get(8)?,
                    device_keys: row.get(9)?,
                })
            };
            let sql = format!("SELECT {USER}, {LISTED}");
            connection.prepare_cached(&sql)?.query_map(params![name, limit(most)], listed)?.collect()
        })
        .await
    }

    async fn set_disabled(&self, user: UserId, disabled: bool) -> Result<bool> {
        self.write("shutting or opening an account", move |connection| {
            let sql = "UPDATE users SET disabled = ?2 WHERE id = ?1 AND deleted = 0";
            Ok(connection.prepare_cached(sql)?.execute(params![id(user), disabled])? == 1)
        })
        .await
    }

    async fn delete_user(&self, user: UserId) -> Result<Option<Vec<UserId>>> {
        self.write("deleting a user", move |connection| delete(connection, user)).await
    }
}

/// Users as an operator sees them, in order of name.
pub(super) const LISTED: &str = "u.disabled, u.strong,
        (SELECT count(*) FROM device_keys k WHERE k.user_id = u.id)
    FROM users u WHERE u.username > ?1 AND u.deleted = 0 ORDER BY u.username LIMIT ?2";

/// Users by the beginning of their names.
pub(super) const BETWEEN: &str = "FROM users u WHERE u.username >= ?1 AND (?2 IS NULL OR u.username < ?2)
    AND u.deleted = 0 ORDER BY u.username LIMIT ?3";

fn create(connection: &Connection, new: &NewUser) -> rusqlite::Result<Creation> {
    let taken = |sql: &str, value: &str| -> rusqlite::Result<bool> {
        connection.prepare_cached(sql)?.exists([value])
    };
    let email_key = new.email.to_lowercase();
    if taken("SELECT 1 FROM users WHERE username = ?1", &new.username)? {
        return Ok(Creation::NameTaken);
    }
    if taken("SELECT 1 FROM users WHERE email_key = ?1", &email_key)? {
        return Ok(Creation::EmailTaken);
    }
    let sql = "INSERT INTO users (username, password, email, email_key, ip, port, sex, age, pk)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id";
    let values = params![
        new.username,
        new.password.0,
        new.email,
        email_key,
        new.ip,
        new.port,
        new.sex,
        new.age,
        new.public_key
    ];
    connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).map(Creation::Created)
}

/// What others still see of a deleted user is the name under what was said; the row is kept for it.
fn delete(connection: &Connection, user: UserId) -> rusqlite::Result<Option<Vec<UserId>>> {
    // No password is a hash of this.
    let sql =
        "UPDATE users SET deleted = 1, disabled = 1, password = '', email = '', email_key = NULL, ip = '',
               port = '', sex = '', age = '', pk = NULL WHERE id = ?1 AND deleted = 0";
    if connection.prepare_cached(sql)?.execute([id(user)])? == 0 {
        return Ok(None);
    }
    let friends = friend_ids(connection, user)?;
    for sql in [
        "DELETE FROM friends WHERE from_user_id = ?1 OR to_user_id = ?1",
        "DELETE FROM room_user WHERE user_id = ?1",
        "DELETE FROM room_open WHERE user_id = ?1 OR by_user_id = ?1",
        "DELETE FROM cursors WHERE user_id = ?1",
        "DELETE FROM device_keys WHERE user_id = ?1",
        "DELETE FROM certificates WHERE user_id = ?1",
        "UPDATE rooms SET owner_id = NULL WHERE owner_id = ?1",
    ] {
        connection.execute(sql, [id(user)])?;
    }
    Ok(Some(friends))
}

pub(super) fn one(
    connection: &Connection,
    condition: &str,
    value: impl rusqlite::ToSql,
) -> rusqlite::Result<Option<User>> {
    let sql = format!("SELECT {USER} FROM users u WHERE {condition} AND u.deleted = 0");
    connection.prepare_cached(&sql)?.query_row([value], user_row).optional()
}

/// The least text that is greater than every text with this prefix; none if there is no such text.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_prefix_is_its_next_text_of_the_same_length_or_shorter() {
        assert_eq!(after_prefix("an").as_deref(), Some("ao"));
        assert_eq!(after_prefix("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{10ffff}"), None);
    }
}
