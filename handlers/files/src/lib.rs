//! Files: brought and fetched in pieces over the same connection, between which messages flow (PROTOCOL.md §5.12).
//!
//! # Layout
//!
//! - `begin`, `chunk`, `finish`, `cancel`, `fetch`: the named calls `uchat.file.…`
//! - `sweep`: takes away what nobody needs

mod begin;
mod cancel;
mod chunk;
mod fetch;
mod finish;
mod sweep;

use std::time::{SystemTime, SystemTimeError, UNIX_EPOCH};

use uchat_framework::codec::chat::MAX_PIECE;
use uchat_framework::prelude::*;

rejections! {
    /// No such upload is under way.
    NotBegun = "没有这个上传 (no such upload is under way)",
    /// A piece of no bytes, or of too many.
    BadLength = "分块长度必须是 1 到 65536 字节 (a piece has 1 to 65536 bytes)",
}

/// Refuses pieces that are none, or that would make others wait.
fn check_length(length: usize) -> Result<()> {
    ensure!((1..=MAX_PIECE).contains(&length), BadLength);
    Ok(())
}

/// Milliseconds since 1970, by the server's clock.
fn now_ms() -> Result<u64, SystemTimeError> {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    Ok(u64::try_from(millis).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
