//! Named calls of operators: users made, shut, listed and deleted (PROTOCOL.md §5.4).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of the call that makes an account.
pub const ADD_USER: &str = "uchat.operator.add_user";
/// The name of the call that gives an account another password.
pub const SET_PASSWORD: &str = "uchat.operator.set_password";
/// The name of the call that shuts an account.
pub const DISABLE_USER: &str = "uchat.operator.disable_user";
/// The name of the call that opens an account again.
pub const ENABLE_USER: &str = "uchat.operator.enable_user";
/// The name of the call that deletes an account.
pub const DELETE_USER: &str = "uchat.operator.delete_user";
/// The name of the call that lists accounts.
pub const LIST_USERS: &str = "uchat.operator.list_users";

/// The name of the call that says what each plug-in has done.
pub const STATUS: &str = "uchat.operator.status";
/// The name of the call that ends the sessions of revoked keys.
pub const END_REVOKED: &str = "uchat.operator.end_revoked";

/// The arguments of [`ADD_USER`]. The password is not shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddUser {
    /// The name.
    pub username: String,
    /// The password.
    pub password: String,
    /// The e-mail.
    pub email: String,
    /// `保密`, `男` or `女`.
    #[serde(default = "unsaid")]
    pub sex: String,
    /// `保密`, or `0` to `100`.
    #[serde(default = "unsaid")]
    pub age: String,
}

fn unsaid() -> String {
    "保密".into()
}

impl fmt::Debug for AddUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddUser").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The arguments of [`SET_PASSWORD`]. The password is not shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPassword {
    /// The name.
    pub username: String,
    /// The password that the account is to have.
    pub password: String,
}

impl fmt::Debug for SetPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetPassword").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The arguments of [`DISABLE_USER`], [`ENABLE_USER`] and [`DELETE_USER`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserName {
    /// The name.
    pub username: String,
}

/// The arguments of [`LIST_USERS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListUsers {
    /// The last name of the page before; empty for the first page.
    #[serde(default)]
    pub after: String,
    /// How many users at most, 1 to 500; 100 when left out.
    #[serde(default = "ListUsers::default_limit")]
    pub limit: u32,
}

impl ListUsers {
    fn default_limit() -> u32 {
        100
    }
}

/// One of the users that [`LIST_USERS`] answers with, in order of name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedUser {
    /// The user's number.
    pub id: u64,
    /// The user's name.
    pub username: String,
    /// The user's e-mail.
    pub email: String,
    /// Whether the user is online now.
    pub online: bool,
    /// Whether the account is shut.
    pub disabled: bool,
    /// Whether the account has used the strong suite.
    pub strong: bool,
    /// How many devices are known, which log in by their keys.
    pub device_keys: u64,
}

/// What [`STATUS`] answers with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerStatus {
    /// Seconds since the start.
    pub uptime_seconds: u64,
    /// Users that are online.
    pub online: u64,
    /// The plug-ins in order of name.
    pub plugins: Vec<PluginStatus>,
}

/// What one plug-in has done since the start of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginStatus {
    /// Its crate.
    pub plugin: String,
    /// Requests that were answered, refused or failed.
    pub requests: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Requests that failed inside.
    pub failed: u64,
    /// Runs of hooks, filters and timers.
    pub background: u64,
    /// Those of them that failed.
    pub background_failed: u64,
    /// How long a request takes on average, in microseconds.
    pub mean_micros: u64,
    /// The longest that one took, in microseconds.
    pub longest_micros: u64,
    /// What failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<Failure>,
}

/// What failed last in a plug-in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The function.
    pub function: String,
    /// What it said.
    pub message: String,
    /// How long ago, in seconds.
    pub seconds_ago: u64,
}
