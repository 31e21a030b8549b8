//! Contacts, drafts, and what was read.

use rusqlite::{OptionalExtension as _, params};
use uchat_codec::chat::UserInfo;

use super::messages::{conversation, key};
use super::{LocalStore, Position, StoreError};
use crate::ConversationId;
use crate::state::{Contact, Preview};

/// No longer draft is kept.
const MAX_DRAFT: usize = 64 * 1024;

/// What was known when the program was last used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Whose history this is; `None` before the first login.
    pub me: Option<UserInfo>,
    /// The contacts with their last messages and counts; nobody is online.
    pub contacts: Vec<Contact>,
    /// Texts that were written and not sent.
    pub drafts: Vec<(ConversationId, String)>,
}

impl LocalStore {
    /// Remembers the contacts.
    pub fn save_contacts(&mut self, me: &UserInfo, contacts: &[Contact]) -> Result<(), StoreError> {
        let transaction = self.db.transaction()?;
        transaction.execute(
            "INSERT OR REPLACE INTO me VALUES (1, ?, ?)",
            params![me.id.cast_signed(), me.username],
        )?;
        transaction.execute("DELETE FROM contact", [])?;
        {
            let sql = "INSERT OR REPLACE INTO contact (kind, target, name, ip, port) VALUES (?, ?, ?, ?, ?)";
            let mut insert = transaction.prepare_cached(sql)?;
            for contact in contacts.iter().filter(|contact| contact.listed) {
                let (kind, target) = key(contact.id);
                insert.execute(params![kind, target, contact.name, contact.ip, contact.port])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// What was known when the program was last used.
    pub fn load(&self) -> Result<Snapshot, StoreError> {
        let me = self
            .db
            .query_row("SELECT id, name FROM me", [], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
            .optional()?
            .map(|(id, username)| UserInfo { id: id.cast_unsigned(), username, ..UserInfo::default() });
        let mut statement = self.db.prepare("SELECT kind, target, name, ip, port FROM contact")?;
        let known = statement.query_map([], |row| {
            Ok((conversation(row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?, row.get(4)?))
        })?;
        let mut contacts = Vec::new();
        for contact in known {
            let (id, name, ip, port) = contact?;
            let last = self.newest(id, 1)?.rows.pop().map(|stored| Preview {
                time: stored.position.time,
                sender_name: stored.sender_name,
                content: stored.content,
            });
            let unread = match &me {
                Some(me) => self.unread(id, me.id)?,
                None => 0,
            };
            contacts.push(Contact { id, name, ip, port, online: false, listed: true, unread, last });
        }
        Ok(Snapshot { me, contacts, drafts: self.drafts()? })
    }

    /// Everything up to the newest message was seen.
    pub fn mark_read(&mut self, of: ConversationId) -> Result<(), StoreError> {
        let Some(newest) = self.newest(of, 1)?.rows.pop() else { return Ok(()) };
        let (kind, target) = key(of);
        let Position { time, row } = newest.position;
        self.db
            .prepare_cached(
                "INSERT INTO conversation (kind, target, read_time, read_id) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT DO UPDATE SET read_time = ?3, read_id = ?4 WHERE (read_time, read_id) < (?3, ?4)",
            )?
            .execute(params![kind, target, time.cast_signed(), row])?;
        Ok(())
    }

    /// How many messages of others came after what was read.
    pub fn unread(&self, of: ConversationId, me: u64) -> Result<u64, StoreError> {
        let (kind, target) = key(of);
        let sql = "SELECT count(*) FROM message WHERE kind = ?1 AND target = ?2 AND sender <> ?3 AND (time, id) > (\
                   SELECT coalesce(max(read_time), 0), coalesce(max(read_id), 0) FROM conversation \
                   WHERE kind = ?1 AND target = ?2)";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row(params![kind, target, me.cast_signed()], |row| row.get(0))?)
    }

    /// Keeps a text that is written and not sent; an empty one is forgotten.
    pub fn save_draft(&mut self, of: ConversationId, text: &str) -> Result<(), StoreError> {
        let (kind, target) = key(of);
        let end = (0..=MAX_DRAFT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.db
            .prepare_cached(
                "INSERT INTO conversation (kind, target, draft) VALUES (?1, ?2, ?3) \
                 ON CONFLICT DO UPDATE SET draft = ?3",
            )?
            .execute(params![kind, target, &text[..end]])?;
        Ok(())
    }

    fn drafts(&self) -> Result<Vec<(ConversationId, String)>, StoreError> {
        let mut statement =
            self.db.prepare("SELECT kind, target, draft FROM conversation WHERE draft <> ''")?;
        let drafts =
            statement.query_map([], |row| Ok((conversation(row.get(0)?, row.get(1)?), row.get(2)?)))?;
        Ok(drafts.collect::<Result<_, _>>()?)
    }
}
