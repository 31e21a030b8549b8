//! Registering and logging in.

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use super::{Blob, FriendInfo, RoomInfo};

/// Opcode 1: name and password. The password is not shown by `Debug`.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Login(
    /// The user's name.
    pub String,
    /// The password.
    pub String,
);

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Login").field(&self.0).field(&format_args!("..")).finish()
    }
}

/// The name of the call that logs in with the identity key of the device.
pub const LOGIN_WITH_KEY: &str = "uchat.login_with_key";

/// The arguments of [`LOGIN_WITH_KEY`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LoginWithKey {
    /// The user's name.
    pub username: String,
}

/// The name of the call that changes the caller's password.
pub const CHANGE_PASSWORD: &str = "uchat.change_password";

/// The arguments of [`CHANGE_PASSWORD`]. The passwords are not shown by `Debug`.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChangePassword {
    /// The password that the account has.
    pub old: String,
    /// The one that it is to have.
    pub new: String,
}

impl fmt::Debug for ChangePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChangePassword(..)")
    }
}

/// Opcode 2: a new account. On the wire a list of seven texts in this order. The password is not shown by `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Register {
    /// The name that the user wants.
    pub username: String,
    /// The password.
    pub password: String,
    /// The e-mail.
    pub email: String,
    /// The address that the client believes to have.
    pub ip: String,
    /// The port that the client's settings name.
    pub port: String,
    /// `保密`, `男` or `女`.
    pub sex: String,
    /// `保密`, or `0` to `100`.
    pub age: String,
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Register")
            .field("username", &self.username)
            .field("email", &self.email)
            .field("ip", &self.ip)
            .field("port", &self.port)
            .field("sex", &self.sex)
            .field("age", &self.age)
            .finish_non_exhaustive()
    }
}

impl Serialize for Register {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { username, password, email, ip, port, sex, age } = self;
        let mut list = serializer.serialize_tuple(7)?;
        for text in [username, password, email, ip, port, sex, age] {
            list.serialize_element(text)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Register {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [username, password, email, ip, port, sex, age] = <[String; 7]>::deserialize(deserializer)?;
        Ok(Self { username, password, email, ip, port, sex, age })
    }
}

/// Opcode 113: what a user finds after a login.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LoginBundle {
    /// The user's rooms.
    pub rooms: Vec<RoomInfo>,
    /// The user's friends.
    pub friends: Vec<FriendInfo>,
    /// Messages, the oldest first: the parameters of an `on_new_message` as an encoded value with its own tag and
    /// length ([`NewMessage`](super::NewMessage)), and 1 if it was delivered before, else 0.
    pub messages: Vec<(Blob, u8)>,
}

/// Opcode 205: why a connection is not served, as a list. The server closes it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refused(
    /// A word for programs, always the same for the same reason.
    pub String,
    /// A sentence for people.
    pub String,
);
