//! The contacts of the last time, to be shown before the network is there.

use rusqlite::{OptionalExtension as _, params};
use uchat_codec::chat::UserInfo;

use super::rows::{conversation, key};
use super::{LocalStore, StoreError};
use crate::ConversationId;
use crate::state::{Contact, Preview};

/// No more contacts are kept.
const MAX_CONTACTS: usize = 10_000;

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
    /// Remembers who one is, and the contacts, in place of those before. Messages of oneself count as read from now on.
    pub fn save_contacts(&mut self, me: &UserInfo, contacts: &[Contact]) -> Result<(), StoreError> {
        let number = me.id.cast_signed();
        let transaction = self.db.transaction()?;
        if self.me != Some(number) {
            Self::set_me(&transaction, number)?;
        }
        transaction
            .prepare_cached("INSERT OR REPLACE INTO me (one, id, name, ip, port) VALUES (1, ?, ?, ?, ?)")?
            .execute(params![number, me.username, me.ip, me.port])?;
        transaction.execute("DELETE FROM contact", [])?;
        {
            let sql = "INSERT OR REPLACE INTO contact (kind, target, name, ip, port) VALUES (?, ?, ?, ?, ?)";
            let mut insert = transaction.prepare_cached(sql)?;
            for contact in contacts.iter().filter(|contact| contact.listed).take(MAX_CONTACTS) {
                let (kind, target) = key(contact.id);
                insert.execute(params![kind, target, contact.name, contact.ip, contact.port])?;
            }
        }
        transaction.commit()?;
        self.me = Some(number);
        Ok(())
    }

    /// What was known when the program was last used; the contacts in the order of a list.
    pub fn load(&self) -> Result<Snapshot, StoreError> {
        let sql = "SELECT id, name, ip, port FROM me";
        let me = self.db.query_row(sql, [], |row| {
            let id: i64 = row.get(0)?;
            Ok(UserInfo {
                id: id.cast_unsigned(),
                username: row.get(1)?,
                ip: row.get(2)?,
                port: row.get(3)?,
                online: false,
            })
        });
        let mut contacts = self.contacts()?;
        for contact in &mut contacts {
            contact.last = self.newest(contact.id, 1)?.rows.pop().map(|stored| Preview {
                time: stored.position.time,
                sender_name: stored.sender_name,
                content: stored.content.preview(),
            });
            contact.unread = self.unread(contact.id)?;
        }
        contacts.sort_by(Contact::order);
        Ok(Snapshot { me: me.optional()?, contacts, drafts: self.drafts()? })
    }

    fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT kind, target, name, ip, port FROM contact")?;
        let contacts = statement.query_map([], |row| {
            Ok(Contact {
                id: conversation(row.get(0)?, row.get(1)?),
                name: row.get(2)?,
                ip: row.get(3)?,
                port: row.get(4)?,
                online: false,
                listed: true,
                unread: 0,
                last: None,
                numbering: None,
            })
        })?;
        Ok(contacts.collect::<Result<_, _>>()?)
    }
}
