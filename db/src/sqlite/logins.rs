//! How users log in, in SQL.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

use super::certificates::is_revoked;
use super::{SqliteStore, id, limit};
use crate::error::Result;
use crate::model::{Credentials, IdentityKey, KeptKeys, KeyHolder, NewLogin, PasswordHash, Proof, UserId};
use crate::store::Logins;

#[async_trait]
impl Logins for SqliteStore {
    async fn credentials(&self, name: &str) -> Result<Option<Credentials>> {
        let name = name.to_owned();
        self.read("reading credentials", move |connection| {
            connection
                .prepare_cached(CREDENTIALS)?
                .query_row([name], |row| {
                    Ok(Credentials {
                        id: row.get(0)?,
                        password: PasswordHash(row.get(1)?),
                        strong: row.get(2)?,
                        disabled: row.get(3)?,
                    })
                })
                .optional()
        })
        .await
    }

    async fn key_holder(&self, name: &str, key: &IdentityKey) -> Result<Option<KeyHolder>> {
        let (name, key) = (name.to_owned(), *key);
        self.read("looking for a device key", move |connection| {
            let holder = |row: &rusqlite::Row<'_>| Ok(KeyHolder { id: row.get(0)?, disabled: row.get(1)? });
            connection.prepare_cached(KEY_HOLDER)?.query_row(params![name, key], holder).optional()
        })
        .await
    }

    async fn note_login(&self, login: NewLogin) -> Result<bool> {
        self.write("taking note of a login", move |connection| note(connection, &login)).await
    }

    async fn replace_password(
        &self,
        user: UserId,
        from: Option<PasswordHash>,
        to: PasswordHash,
        keys: KeptKeys,
    ) -> Result<bool> {
        self.write("changing a password", move |connection| {
            let sql = "UPDATE users SET password = ?2 WHERE id = ?1 AND deleted = 0 AND (?3 IS NULL OR password = ?3)";
            let from = from.map(|from| from.0);
            if connection.prepare_cached(sql)?.execute(params![id(user), to.0, from])? == 0 {
                return Ok(false);
            }
            let kept: Option<IdentityKey> = match keys {
                KeptKeys::All => return Ok(true),
                KeptKeys::Only(key) => Some(key),
                KeptKeys::None => None,
            };
            let sql = "DELETE FROM device_keys WHERE user_id = ?1 AND (?2 IS NULL OR key <> ?2)";
            connection.prepare_cached(sql)?.execute(params![id(user), kept])?;
            Ok(true)
        })
        .await
    }
}

/// What a password is compared with.
pub(super) const CREDENTIALS: &str =
    "SELECT id, password, strong, disabled FROM users WHERE username = ?1 AND deleted = 0";

/// Whose key it is.
pub(super) const KEY_HOLDER: &str = "SELECT u.id, u.disabled FROM users u
    CROSS JOIN device_keys k ON k.user_id = u.id AND k.key = ?2 WHERE u.username = ?1 AND u.deleted = 0";

/// The key in use and the newest of the others stay, whatever the clock says; the rest goes.
const FORGET: &str = "DELETE FROM device_keys WHERE user_id = ?1 AND key IN
    (SELECT key FROM device_keys WHERE user_id = ?1 ORDER BY key = ?3 DESC, last_used DESC, key LIMIT -1 OFFSET ?2)";

fn note(connection: &Connection, login: &NewLogin) -> rusqlite::Result<bool> {
    // The connection may be older than the revocation.
    if let Some(key) = &login.device_key
        && is_revoked(connection, key)?
    {
        return Ok(false);
    }
    let user = id(login.user);
    let holds = match &login.proof {
        Proof::Password(hash) => {
            let sql = "SELECT 1 FROM users WHERE id = ?1 AND password = ?2 AND disabled = 0 AND deleted = 0";
            connection.prepare_cached(sql)?.exists(params![user, hash.0])?
        }
        Proof::Key(key) => {
            let sql = "SELECT 1 FROM device_keys k JOIN users u ON u.id = k.user_id
                       WHERE k.user_id = ?1 AND k.key = ?2 AND u.disabled = 0 AND u.deleted = 0";
            connection.prepare_cached(sql)?.exists(params![user, key])?
        }
    };
    if !holds {
        return Ok(false);
    }
    let sql = "UPDATE users SET ip = ?2, port = ?3, strong = max(strong, ?4) WHERE id = ?1";
    let strong = login.device_key.is_some();
    connection.prepare_cached(sql)?.execute(params![user, login.ip, login.port, strong])?;
    if let Some(key) = login.device_key {
        let sql = "UPDATE device_keys SET last_used = max(last_used, ?3) WHERE user_id = ?1 AND key = ?2";
        if connection.prepare_cached(sql)?.execute(params![user, key, id(login.time_ms)])? == 0 {
            let sql = "INSERT INTO device_keys (user_id, key, first_used, last_used) VALUES (?1, ?2, ?3, ?3)";
            connection.prepare_cached(sql)?.execute(params![user, key, id(login.time_ms)])?;
            connection.prepare_cached(FORGET)?.execute(params![user, limit(login.most_keys), key])?;
        }
    }
    Ok(true)
}
