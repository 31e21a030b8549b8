//! Who is around a user.

use super::{Room, RoomId, User, UserId};

/// What a user sees of others when logging in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// The user.
    pub me: User,
    /// Who waits for an answer of the user, oldest request first.
    pub requests: Vec<User>,
    /// Friends, oldest friendship first.
    pub friends: Vec<User>,
    /// Rooms, in the order of joining.
    pub rooms: Vec<Room>,
}

/// Who hears that a user comes or goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Friends, oldest friendship first.
    pub friends: Vec<UserId>,
    /// The members of each of the user's rooms, the user among them, in the order of joining.
    pub rooms: Vec<(RoomId, Vec<UserId>)>,
}
