//! Registration, login, passwords.
//!
//! # Layout
//!
//! - `register`: opcode 2, a new account
//! - `login`: opcode 1, who one is, and what one missed
//! - `rules`: what names, e-mails, passwords may look like (PROTOCOL.md, accounts)
//! - `password`: Argon2id, a bounded number at once; old MD5 hashes wrapped

mod login;
pub mod password;
mod register;
mod rules;
