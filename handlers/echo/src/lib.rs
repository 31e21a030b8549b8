//! Echo, and the operation that fails on purpose.
//!
//! # Layout
//!
//! - `client_echo`: opcode 3, sends back what it is given
//! - `bad`: opcode 10, panics

mod bad;
mod client_echo;
