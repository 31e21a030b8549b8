//! Messages: stored once, delivered in the order in which they were stored.
//!
//! # Layout
//!
//! - `send_message`: opcode 6
//! - `send`: the named call `uchat.send`
//! - `history`: the feed of stored messages, for sessions that catch up

mod history;
mod send;
mod send_message;
