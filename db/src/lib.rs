//! What Uchat remembers, in the words of the domain: users, friends, rooms, messages, files.
//!
//! It knows no socket, opcode or codec: a message's body is bytes to it.
//!
//! # Layout
//!
//! - `store`: the traits that an engine implements
//! - `model`: what goes in and comes out
//! - `room_rules`: who may come into a room and speak there, and what changes it
//! - `error`: why an engine can't answer
//! - `sqlite`: the embedded engine
//! - `import`: takes over a database of the existing program
//! - `suite` (feature `testkit`): the tests that every engine must pass

mod error;
mod import;
mod model;
mod room_rules;
mod sqlite;
mod store;
#[cfg(feature = "testkit")]
pub mod suite;
#[cfg(feature = "testkit")]
pub mod testkit;

pub use error::{Error, Result};
pub use import::{ImportReport, OldMessage, import_classic};
pub use model::{
    Acceptance, Asking, Audience, Beginning, Circle, ClientMessageId, ConversationId, Creation, Credentials,
    Cursor, FileBounds, FileHash, FilePart, Filing, Finishing, FriendLimits, HistoryItem, IdentityKey,
    Joining, KeptKeys, KeyHolder, Listed, LoginHistory, MessageId, Moved, NewCertificate, NewFile, NewLogin,
    NewMessage, NewUser, Page, PasswordHash, Posting, Proof, Recall, Recalling, Receipt, Resume, Resumption,
    Room, RoomId, Standing, Stored, StoredCertificate, Swapped, Swept, Target, User, UserId, ValuePlace,
    Writing,
};
pub use room_rules::{
    Entry, Invitation, Member, RoomAction, RoomChange, RoomChanged, RoomLine, RoomRefusal, RoomState,
};
pub use rusqlite;
pub use sqlite::{PluginDatabase, PluginTables, SqliteOperator, SqliteOptions, SqliteStore};
pub use store::{
    Accounts, Certificates, Circles, Committed, Db, Delivery, Files, Friends, Logins, Messages, PluginValues,
    Queued, Rooms, Store,
};
