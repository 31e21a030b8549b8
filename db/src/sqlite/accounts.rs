//! Users and how they log in, in SQL.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

use super::{SqliteStore, USER, id, limit, user_row, users};
use crate::error::Result;
use crate::model::{Creation, Credentials, NewUser, PasswordHash, User, UserId};
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

    async fn credentials(&self, name: &str) -> Result<Option<Credentials>> {
        let name = name.to_owned();
        self.read("reading credentials", move |connection| {
            connection
                .prepare_cached("SELECT id, password, strong FROM users WHERE username = ?1")?
                .query_row([name], |row| {
                    Ok(Credentials {
                        id: row.get(0)?,
                        password: PasswordHash(row.get(1)?),
                        strong: row.get(2)?,
                    })
                })
                .optional()
        })
        .await
    }

    async fn set_password(&self, user: UserId, password: PasswordHash) -> Result<()> {
        self.write("changing a password", move |connection| {
            let sql = "UPDATE users SET password = ?2 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute(params![id(user), password.0]).map(|_| ())
        })
        .await
    }

    async fn set_strong(&self, user: UserId) -> Result<()> {
        self.write("keeping the suite of an account", move |connection| {
            let sql = "UPDATE users SET strong = 1 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute([id(user)]).map(|_| ())
        })
        .await
    }

    async fn set_address(&self, user: UserId, ip: &str, port: &str) -> Result<()> {
        let (ip, port) = (ip.to_owned(), port.to_owned());
        self.write("keeping an address", move |connection| {
            let sql = "UPDATE users SET ip = ?2, port = ?3 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute(params![id(user), ip, port]).map(|_| ())
        })
        .await
    }
}

/// Users by the beginning of their names.
pub(super) const BETWEEN: &str = "FROM users u WHERE u.username >= ?1 AND (?2 IS NULL OR u.username < ?2)
    ORDER BY u.username LIMIT ?3";

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

fn one(
    connection: &Connection,
    condition: &str,
    value: impl rusqlite::ToSql,
) -> rusqlite::Result<Option<User>> {
    let sql = format!("SELECT {USER} FROM users u WHERE {condition}");
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
