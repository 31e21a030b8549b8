//! Rooms: create, join, members.
//!
//! # Layout
//!
//! - `create_room`: opcode 8
//! - `join_room`: opcode 7
//! - `query_room_users`: opcode 9

mod create_room;
mod join_room;
mod query_room_users;
