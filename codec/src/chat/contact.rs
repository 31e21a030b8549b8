//! Users, friends, rooms, and who comes and goes.

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

use crate::{Value, from_value};

/// Opcodes 100, 102 and 115: a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// The user's number.
    pub id: u64,
    /// The user's name.
    pub username: String,
    /// The address.
    pub ip: String,
    /// The port, as text.
    pub port: String,
    /// Whether the user is online now.
    pub online: bool,
}

/// A number that is always the same, as which the wire tells friends from rooms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kind<const N: u8>;

impl<const N: u8> Serialize for Kind<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(N)
    }
}

impl<'de, const N: u8> Deserialize<'de> for Kind<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            kind if kind == N => Ok(Self),
            _ => Err(de::Error::custom(format_args!("the type is not {N}"))),
        }
    }
}

/// Opcodes 103 and 113: a friend. The same as [`UserInfo`], then `type` 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FriendInfo {
    /// The friend's number.
    pub id: u64,
    /// The friend's name.
    pub username: String,
    /// The address.
    pub ip: String,
    /// The port, as text.
    pub port: String,
    /// Whether the friend is online now.
    pub online: bool,
    /// Always 0.
    #[serde(rename = "type", default)]
    pub kind: Kind<0>,
}

impl From<UserInfo> for FriendInfo {
    fn from(UserInfo { id, username, ip, port, online }: UserInfo) -> Self {
        Self { id, username, ip, port, online, kind: Kind }
    }
}

impl From<FriendInfo> for UserInfo {
    fn from(FriendInfo { id, username, ip, port, online, .. }: FriendInfo) -> Self {
        Self { id, username, ip, port, online }
    }
}

/// Opcodes 103 and 113: a room, with `type` 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomInfo {
    /// The room's number.
    pub id: u64,
    /// The room's name.
    pub room_name: String,
    /// Always 1.
    #[serde(rename = "type", default)]
    pub kind: Kind<1>,
}

impl RoomInfo {
    /// A room.
    pub fn new(id: u64, room_name: impl Into<String>) -> Self {
        Self { id, room_name: room_name.into(), kind: Kind }
    }
}

/// Opcode 103: a new friend or a new room, told apart by `type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// `type` 0.
    Friend(FriendInfo),
    /// `type` 1.
    Room(RoomInfo),
}

impl Serialize for Contact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Friend(friend) => friend.serialize(serializer),
            Self::Room(room) => room.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Contact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.get("type").and_then(Value::as_u64) {
            Some(0) => from_value(value).map(Self::Friend).map_err(de::Error::custom),
            Some(1) => from_value(value).map(Self::Room).map_err(de::Error::custom),
            _ => Err(de::Error::custom("a contact's type is 0 or 1")),
        }
    }
}

/// Opcode 5: the answer to a friend request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveFriendRequest(
    /// Who asked.
    pub u64,
    /// Whether they are friends now.
    pub bool,
);

/// Opcodes 106 and 114: whether it worked, and if not, why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome(
    /// Whether it worked.
    pub bool,
    /// Why not; empty when it worked.
    pub String,
);

/// Opcode 107: a friend has come or gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FriendOnOffLine(
    /// Whether the friend is online.
    pub bool,
    /// The friend's number.
    pub u64,
);

/// Opcode 112: a member of a room has come or gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomUserOnOffLine(
    /// The room's number.
    pub u64,
    /// The user's number.
    pub u64,
    /// Whether the user is online.
    pub bool,
);

/// Opcode 111: who is in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomUsers(
    /// Number, name to show, online, name of each member.
    pub Vec<(u64, String, bool, String)>,
    /// The room's number.
    pub u64,
);

/// The name of the event that tells the members of a room of a new one (PROTOCOL.md §5.9).
pub const ROOM_JOINED: &str = "uchat.room.joined";

/// The arguments of [`ROOM_JOINED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomJoined {
    /// The number of the room.
    pub room: u64,
    /// The number of the new member, who is online.
    pub user: u64,
    /// The name of the new member.
    pub username: String,
}
