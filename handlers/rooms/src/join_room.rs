//! Opcode 7: joins a room by its number.

use uchat_db::{Db, Joining};
use uchat_framework::codec::chat::{ROOM_JOINED, RoomInfo, RoomJoined};
use uchat_framework::codec::opcode::{CONTACT_INFO, JOIN_ROOM};
use uchat_framework::prelude::*;

rejections! {
    /// One is a member.
    AlreadyMember = "已经在群里了",
    /// No room has this number.
    NoSuchRoom = "群不存在",
}

/// Joins a room; what is said from now on is delivered. Members who can hear it are told.
#[handler(JOIN_ROOM, reply = CONTACT_INFO)]
async fn join_room(me: User, Args(room): Args<u64>, db: Service<Db>, online: Online) -> Result<RoomInfo> {
    match db.join_room(me.id, room).await? {
        Joining::Joined(room) => {
            let joined = RoomJoined { room: room.id, user: me.id, username: me.name.to_string() };
            let members = db.room_member_ids(room.id).await?.into_iter();
            for member in members.filter(|member| *member != me.id && online.hears_names(*member)) {
                online.hint(member, ROOM_JOINED, &joined);
            }
            Ok(RoomInfo::new(room.id, room.name))
        }
        Joining::AlreadyMember => Err(AlreadyMember.into()),
        Joining::NoSuchRoom => Err(NoSuchRoom.into()),
    }
}
