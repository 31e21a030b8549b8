//! The Uchat client without a window: connection, state, and what `uchat-cli` is made of.
//!
//! # Layout
//!
//! From the network to the person:
//!
//! - [`home`]: the client's own directory with key, certificates and received files
//! - [`connection`]: connects, comes back by itself, queues requests, yields events
//! - [`request`]: what a client can ask of a server
//! - [`room`]: what members and owners do with a room
//! - [`event`]: what a client hears
//! - [`arrived`]: a message with its place in its conversation
//! - [`state`]: the pure function from events and commands to contacts, counts, histories and effects
//! - [`store`]: the local history of one account, searchable
//! - [`attachment`]: images and files by their content
//! - [`transfer`]: files on their way, in pieces
//! - [`json`]: commands and events as lines of JSON (`CLI.md`)
//! - [`sanitise`]: peer text made harmless for a terminal
//! - [`shared_file`]: a file that a message refers to
//! - [`secret`]: text that is wiped and never shown

pub mod arrived;
pub mod attachment;
pub mod connection;
pub mod event;
pub mod home;
pub mod json;
pub mod request;
pub mod room;
pub mod sanitise;
pub mod secret;
pub mod shared_file;
pub mod state;
pub mod store;
pub mod transfer;

pub use arrived::{Arrived, Place};
pub use connection::{Client, EventStream, Options, RequestError};
pub use event::{Bundle, DisconnectReason, Event, Fetched, Member, Safety};
pub use home::{Home, HomeError, Identity};
pub use request::{Registration, Request, Turn};
pub use room::RoomAct;
pub use secret::Secret;
pub use shared_file::SharedFile;
pub use state::{Command, ConversationId, Effect, Input, State};
