//! Registration, login, passwords.
//!
//! # Layout
//!
//! - `register`: opcode 2, a new account
//! - `login`: opcode 1, who one is, by password
//! - `login_with_key`: the named call `uchat.login_with_key`, who one is, by the key of the device
//! - `change_password`: the named call `uchat.change_password`
//! - `operator`: the named calls `uchat.operator.*`, for `uchat user`
//! - `enter`: what follows from a proof: signed in, noted, and told what was missed
//! - `guard`: says whether a password is right
//! - `delays`: after failed logins the next ones wait
//! - `rules`: what names, e-mails, passwords may look like (PROTOCOL.md, accounts)
//! - `password`: Argon2id, a bounded number at once; old MD5 hashes wrapped

mod change_password;
mod delays;
mod enter;
mod guard;
mod login;
mod login_with_key;
mod operator;
pub mod password;
mod register;
mod rules;

pub use enter::OPERATOR;
pub use guard::Guard;
