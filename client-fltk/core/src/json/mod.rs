//! Commands and events as lines of JSON, as `uchat-cli --json` reads and writes them; `CLI.md` shows each.

mod command;
mod event;
mod rooms;
mod target;

pub use command::{BadLine, JsonCommand, Line};
pub use event::{accepted, contacts, error, event, history, requests, safety_number, status, transfer};
pub use target::{Target, UnknownTarget};
