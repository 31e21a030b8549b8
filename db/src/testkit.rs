//! A store in a temporary folder, one in memory, and one with users in it, for tests of what stands on it.

#![allow(clippy::expect_used, clippy::panic, reason = "only tests use it: a failure is a failed test")]

use std::sync::Arc;

use crate::model::{Creation, NewUser, PasswordHash};
use crate::sqlite::{SqliteOperator, SqliteOptions, SqliteStore};
use crate::store::Db;

/// The database of a temporary store.
const FILE: &str = "test.db";

/// An empty store; its files go when it is dropped.
pub fn temporary() -> SqliteStore {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Tests ask what was written, not whether it survives a power cut.
    let options = SqliteOptions { survive_power_cut: false, ..SqliteOptions::default() };
    let mut store = SqliteStore::open(&folder.path().join(FILE), options).expect("a new database");
    store.keep = Some(folder);
    store
}

/// An empty store in memory.
pub fn in_memory() -> SqliteStore {
    SqliteStore::open_in_memory(SqliteOptions::default()).expect("a new database")
}

/// What an operator does from another process, to the files of a [`temporary`] store.
pub fn operator_of(store: &SqliteStore) -> SqliteOperator {
    let folder = store.keep.as_ref().expect("a temporary store");
    SqliteOperator::open(&folder.path().join(FILE)).expect("a database that is there")
}

/// A user to be.
pub fn new_user(name: &str) -> NewUser {
    NewUser {
        username: name.into(),
        password: PasswordHash("none".into()),
        email: format!("{name}@example.com"),
        ip: "127.0.0.1".into(),
        port: "2333".into(),
        sex: "保密".into(),
        age: "保密".into(),
        public_key: None,
    }
}

/// A store whose users have the numbers 1, 2, 3, … in this order.
pub async fn with_users(names: &[&str]) -> Db {
    let db: Db = Arc::new(temporary());
    for (number, name) in (1..).zip(names) {
        match db.create_user(new_user(name)).await.expect("a store that works") {
            Creation::Created(id) if id == number => {}
            other => panic!("{name}: {other:?}"),
        }
    }
    db
}
