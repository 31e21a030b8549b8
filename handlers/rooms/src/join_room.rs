//! Opcode 7: joins a room by its number.

use uchat_db::{Db, Joining};
use uchat_framework::codec::chat::RoomInfo;
use uchat_framework::codec::opcode::{CONTACT_INFO, JOIN_ROOM};
use uchat_framework::prelude::*;

rejections! {
    /// One is a member.
    AlreadyMember = "已经在群里了",
    /// No room has this number.
    NoSuchRoom = "群不存在",
}

/// Joins a room; what is said from now on is delivered.
#[handler(JOIN_ROOM, reply = CONTACT_INFO)]
async fn join_room(me: User, Args(room): Args<u64>, db: Service<Db>) -> Result<RoomInfo> {
    match db.join_room(me.id, room).await? {
        Joining::Joined(room) => Ok(RoomInfo::new(room.id, room.name)),
        Joining::AlreadyMember => Err(AlreadyMember.into()),
        Joining::NoSuchRoom => Err(NoSuchRoom.into()),
    }
}
