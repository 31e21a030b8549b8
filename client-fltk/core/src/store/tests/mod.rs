//! Tests of the local history.

mod bounds;
mod files;
mod finding;
mod numbers;
mod opening;
mod pages;
mod people;
mod recall;
mod recording;
mod unread;

use tempfile::TempDir;
use uchat_codec::chat::{MessageBody, NewMessage, UserInfo};

use super::*;
use crate::ConversationId;
use crate::state::Contact;

const ME: u64 = 1;
const BOB: ConversationId = ConversationId::Friend(2);

fn store() -> (TempDir, LocalStore) {
    store_with(Bounds::default())
}

fn store_with(bounds: Bounds) -> (TempDir, LocalStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::open_with(dir.path(), bounds).unwrap();
    (dir, store)
}

/// Nothing is left of a store that is closed, so the same directory can be opened again.
fn reopened(dir: &TempDir, store: LocalStore) -> LocalStore {
    drop(store);
    LocalStore::open(dir.path()).unwrap()
}

fn message(target: u64, sender: u64, time: u64, text: &str) -> NewMessage {
    NewMessage {
        message: MessageBody::text(text).into_value().unwrap(),
        sender_id: sender,
        sender_name: format!("u{sender}"),
        target_type: 0,
        time,
        target_id: target,
    }
}

fn from_bob(time: u64, text: &str) -> NewMessage {
    message(2, 2, time, text)
}

fn texts(rows: &[Stored]) -> Vec<&str> {
    rows.iter().filter_map(|row| row.content.text()).collect()
}

fn all_texts(store: &LocalStore) -> Vec<String> {
    let page = store.newest(BOB, MAX_PAGE).unwrap();
    texts(&page.rows).into_iter().map(str::to_owned).collect()
}

fn found(store: &LocalStore, needle: &str) -> Vec<String> {
    let found = store.search(needle, None, 100).unwrap();
    found.into_iter().map(|found| found.stored.content.text().unwrap().to_owned()).collect()
}

fn me() -> UserInfo {
    UserInfo { id: ME, username: "ann".into(), ..UserInfo::default() }
}

fn contact(id: ConversationId, name: &str) -> Contact {
    let (ip, port) = ("10.0.0.1".into(), "1".into());
    Contact {
        id,
        name: name.into(),
        ip,
        port,
        online: true,
        listed: true,
        unread: 0,
        last: None,
        numbering: None,
    }
}
