//! Rooms: create, join, members, and what members and owners do with them.
//!
//! # Layout
//!
//! - `create_room`: opcode 8
//! - `join_room`: opcode 7
//! - `query_room_users`: opcode 9
//! - `act`: what every change has in common; `words`: what the members read of it
//! - the others: the named calls `uchat.room.…`, one each

mod act;
mod answer_invitation;
mod close;
mod create_room;
mod hand_over;
mod invitations;
mod invite;
mod join_room;
mod leave;
mod members;
mod query_room_users;
mod remove_member;
mod rename;
mod requests;
mod resolve_request;
mod set_entry;
mod set_muted;
mod set_voice;
mod words;
