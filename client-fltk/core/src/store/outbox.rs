//! Own messages that the server has not confirmed, kept over a restart.

use bytes::{Bytes, BytesMut};
use rusqlite::params;
use uchat_codec::{Limits, Value};

use super::rows::{conversation, key, stored_time};
use super::{LocalStore, StoreError};
use crate::ConversationId;
use crate::state::SendState;

/// No more own messages wait.
pub const MAX_OUTGOING: usize = 1_000;
/// Nor do they have more bytes, all together: it can be images.
pub const MAX_OUTGOING_BYTES: usize = 256 * 1024 * 1024;

/// An own message that the server has not confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsent {
    /// Which one, by the number that its writer gave it.
    pub id: u64,
    /// The conversation.
    pub to: ConversationId,
    /// When it was written, by our clock, in milliseconds since 1970 UTC.
    pub time: u64,
    /// How far it is.
    pub state: SendState,
    /// Under which name the server stores it once, if it does.
    pub name: Option<[u8; 16]>,
    /// What is to be sent.
    pub body: Value,
}

impl LocalStore {
    /// Keeps an own message, or its new state. Refused when too many wait already, or the message can't be encoded.
    pub fn put_outgoing(&mut self, unsent: &Unsent) -> Result<(), StoreError> {
        let Unsent { id, to, time, state, name, body } = unsent;
        let mut bytes = BytesMut::new();
        let refused = |error| StoreError::Database(rusqlite::Error::ToSqlConversionFailure(Box::new(error)));
        body.encode(&mut bytes).map_err(refused)?;
        let sql = "SELECT count(*), coalesce(sum(length(body)), 0) FROM outgoing WHERE id <> ?";
        let (others, size): (usize, usize) = self
            .db
            .prepare_cached(sql)?
            .query_row([id.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if others >= MAX_OUTGOING {
            return Err(StoreError::Full { what: "unsent messages", most: MAX_OUTGOING });
        }
        if size.saturating_add(bytes.len()) > MAX_OUTGOING_BYTES {
            return Err(StoreError::Full { what: "bytes of unsent messages", most: MAX_OUTGOING_BYTES });
        }
        let (kind, target) = key(*to);
        let failed = *state == SendState::Failed;
        let sql = "INSERT OR REPLACE INTO outgoing (id, kind, target, time, failed, name, body) VALUES (?, ?, ?, ?, ?, ?, ?)";
        self.db.prepare_cached(sql)?.execute(params![
            id.cast_signed(),
            kind,
            target,
            stored_time(*time),
            failed,
            name,
            &bytes[..]
        ])?;
        Ok(())
    }

    /// Forgets an own message: it was sent, or given up.
    pub fn remove_outgoing(&mut self, id: u64) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM outgoing WHERE id = ?")?.execute([id.cast_signed()])?;
        Ok(())
    }

    /// Own messages that were not confirmed, the oldest first.
    pub fn outgoing(&self) -> Result<Vec<Unsent>, StoreError> {
        let sql = "SELECT id, kind, target, time, failed, body, name FROM outgoing ORDER BY time, id";
        let mut statement = self.db.prepare_cached(sql)?;
        let unsent = statement.query_map([], |row| {
            let (id, time): (i64, i64) = (row.get(0)?, row.get(3)?);
            let body: Vec<u8> = row.get(5)?;
            Ok(Unsent {
                id: id.cast_unsigned(),
                to: conversation(row.get(1)?, row.get(2)?),
                time: time.cast_unsigned(),
                state: if row.get(4)? { SendState::Failed } else { SendState::Sending },
                name: row.get(6)?,
                body: Value::decode(Bytes::from(body), &Limits::default()).unwrap_or(Value::None),
            })
        })?;
        Ok(unsent.collect::<Result<_, _>>()?)
    }
}
