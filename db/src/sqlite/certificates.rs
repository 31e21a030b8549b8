//! Certificates and revoked keys, in SQL.

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{SqliteStore, id, limit};
use crate::error::Result;
use crate::model::{Filing, IdentityKey, NewCertificate, StoredCertificate, UserId};
use crate::store::Certificates;

#[async_trait]
impl Certificates for SqliteStore {
    async fn add_certificate(&self, new: NewCertificate, most: usize) -> Result<Filing> {
        self.write("storing a certificate", move |connection| add(connection, &new, most)).await
    }

    async fn certificate_of(&self, user: UserId, now: u64) -> Result<Option<StoredCertificate>> {
        self.read("reading a certificate", move |connection| {
            let sql = format!(
                "SELECT {COLUMNS} {FROM} WHERE c.user_id = ?1 AND c.not_before <= ?2 AND c.not_after >= ?2
                 AND r.key IS NULL ORDER BY c.id DESC LIMIT 1"
            );
            connection.prepare_cached(&sql)?.query_row(params![id(user), id(now)], stored).optional()
        })
        .await
    }

    async fn is_revoked(&self, key: IdentityKey) -> Result<bool> {
        self.read("asking for a revoked key", move |connection| is_revoked(connection, &key)).await
    }
}

/// What [`stored`] reads, in its order.
pub(super) const COLUMNS: &str = "c.user_id, u.username, c.key, c.der, c.not_before, c.not_after, r.time";
/// Where it is.
pub(super) const FROM: &str = "FROM certificates c JOIN users u ON u.id = c.user_id
    LEFT JOIN revoked_keys r ON r.key = c.key";

/// One row of [`COLUMNS`].
pub(super) fn stored(row: &Row<'_>) -> rusqlite::Result<StoredCertificate> {
    Ok(StoredCertificate {
        user: row.get(0)?,
        username: row.get(1)?,
        key: row.get(2)?,
        der: Bytes::from(row.get::<_, Vec<u8>>(3)?),
        not_before: row.get(4)?,
        not_after: row.get(5)?,
        revoked: row.get(6)?,
    })
}

/// Stores a certificate in the place of an older one of the same key, and forgets the oldest ones beyond `most`, but
/// never that a key was revoked.
pub(super) fn add(connection: &Connection, new: &NewCertificate, most: usize) -> rusqlite::Result<Filing> {
    if is_revoked(connection, &new.key)? {
        return Ok(Filing::Revoked);
    }
    connection
        .prepare_cached(
            "REPLACE INTO certificates (user_id, key, der, not_before, not_after) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id(new.user), new.key, &new.der[..], id(new.not_before), id(new.not_after)])?;
    connection
        .prepare_cached(
            "DELETE FROM certificates WHERE user_id = ?1 AND key IN (SELECT key FROM certificates
             WHERE user_id = ?1 AND key != ?2 ORDER BY id DESC LIMIT -1 OFFSET ?3)",
        )?
        .execute(params![id(new.user), new.key, limit(most.saturating_sub(1))])?;
    Ok(Filing::Stored)
}

/// Whether a key was revoked.
pub(super) fn is_revoked(connection: &Connection, key: &IdentityKey) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM revoked_keys WHERE key = ?1")?.exists([key])
}
