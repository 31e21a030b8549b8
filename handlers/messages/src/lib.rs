//! Messages: stored once, delivered in the order in which they were stored.
//!
//! # Layout
//!
//! - `send_message`: opcode 6
//! - `send`: the named call `uchat.send`
//! - `history`: the feed of stored messages, for sessions that catch up
//! - `numbered`: messages with their numbers, for clients that have asked for them with `uchat.numbers`
//! - `resume`: the named calls `uchat.resume` and `uchat.history`
//! - `cursor`: the named calls `uchat.received` and `uchat.read`

mod cursor;
mod history;
mod numbered;
mod resume;
mod send;
mod send_message;
