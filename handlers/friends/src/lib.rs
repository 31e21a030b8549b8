//! Friends: ask, answer, delete, search.
//!
//! # Layout
//!
//! - `add_friend`: opcode 4, asks another user
//! - `resolve_friend_request`: opcode 5, accepts or refuses
//! - `del_friend`: opcode 11, ends a friendship for both
//! - `search_users`: the named call `uchat.search_users`

mod add_friend;
mod del_friend;
mod resolve_friend_request;
mod search_users;

use uchat_db::User as Account;
use uchat_framework::codec::chat::UserInfo;
use uchat_framework::prelude::*;

rejections! {
    /// Nobody has this name.
    NoSuchUser = "用户名不存在",
    /// One has as many as there may be.
    TooManyFriends = "好友太多 (friends.max_friends)",
}

/// The name under which an account is kept: trimmed, lower case.
fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A user as others see it.
fn info(user: Account, online: &Online) -> UserInfo {
    UserInfo {
        online: online.is_online(user.id),
        id: user.id,
        username: user.username,
        ip: user.ip,
        port: user.port,
    }
}
