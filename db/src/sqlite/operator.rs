//! What an operator does to certificates from another process, while the server runs or not.
//!
//! A server keeps others from opening its database as a store (`lock`), since it numbers messages and keeps cursors in
//! memory. Of certificates and revoked keys it keeps nothing there: it reads them anew each time. So a second
//! connection that touches these two tables only, and changes no schema, does no harm; SQLite lets the two wait for each
//! other.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use super::certificates::{COLUMNS, FROM, add, stored};
use super::{BUSY_TIMEOUT, id, schema};
use crate::error::{Error, Result};
use crate::model::{Filing, NewCertificate, StoredCertificate, UserId};

/// A second way to the certificates of a database. Everything blocks.
pub struct SqliteOperator {
    connection: Connection,
}

impl SqliteOperator {
    /// Opens a database that is there and has the schema of this program.
    pub fn open(path: &Path) -> Result<Self> {
        let what = "opening the database";
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(Error::sqlite(what))?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(Error::sqlite(what))?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(Error::sqlite(what))?;
        connection.pragma_update(None, "foreign_keys", true).map_err(Error::sqlite(what))?;
        let version = schema::version(&connection)?;
        if version != schema::newest() {
            let reason = format!(
                "it has version {version} and not {}; start the server of this program once",
                schema::newest()
            );
            return Err(Error::Schema { path: path.to_path_buf(), reason });
        }
        Ok(Self { connection })
    }

    /// Number and e-mail of the user with exactly this name.
    pub fn user(&self, name: &str) -> Result<Option<(UserId, String)>> {
        self.connection
            .query_row("SELECT id, email FROM users WHERE username = ?1 AND deleted = 0", [name], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(Error::sqlite("reading a user"))
    }

    /// Every certificate, or those of one user, one after the other: by user, the newest first.
    pub fn certificates(&self, user: Option<UserId>, mut each: impl FnMut(StoredCertificate)) -> Result<()> {
        let sql = format!(
            "SELECT {COLUMNS} {FROM} WHERE ?1 IS NULL OR c.user_id = ?1
             ORDER BY c.user_id, c.id DESC"
        );
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(&sql)?;
            for row in statement.query_map([user.map(id)], stored)? {
                each(row?);
            }
            Ok(())
        };
        read().map_err(Error::sqlite("reading certificates"))
    }

    /// Stores a certificate; see [`Certificates::add_certificate`](crate::Certificates::add_certificate).
    pub fn add_certificate(&mut self, new: &NewCertificate, most: usize) -> Result<Filing> {
        let mut write = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let filing = add(&transaction, new, most)?;
            transaction.commit()?;
            Ok(filing)
        };
        write().map_err(Error::sqlite("storing a certificate"))
    }

    /// Revokes every key for which the user has a certificate, or with which a device of the user is known, at the time
    /// `now` in seconds since 1970; says how many were not revoked before.
    pub fn revoke(&self, user: UserId, now: u64) -> Result<usize> {
        self.connection
            .execute(
                "INSERT INTO revoked_keys (key, time) SELECT key, ?2 FROM
                     (SELECT key FROM certificates WHERE user_id = ?1
                      UNION SELECT key FROM device_keys WHERE user_id = ?1) WHERE true
                 ON CONFLICT DO NOTHING",
                params![id(user), id(now)],
            )
            .map_err(Error::sqlite("revoking keys"))
    }
}
