//! Opcode 9: the members of a room.

use uchat_db::Db;
use uchat_framework::codec::chat::RoomUsers;
use uchat_framework::codec::opcode::{QUERY_ROOM_USERS, QUERY_ROOM_USERS_RESULT};
use uchat_framework::prelude::*;

use crate::act::NotMember;

/// Lists the members of a room, in the order of joining, with who is online.
#[handler(QUERY_ROOM_USERS, reply = QUERY_ROOM_USERS_RESULT)]
async fn query_room_users(
    me: User,
    Args(room): Args<u64>,
    db: Service<Db>,
    online: Online,
) -> Result<RoomUsers> {
    ensure!(db.is_member(me.id, room).await?, NotMember);
    let members = db.room_members(room).await?;
    // The name stands twice: the existing client shows the second entry and compares with the fourth.
    let row =
        |user: uchat_db::User| (user.id, user.username.clone(), online.is_online(user.id), user.username);
    Ok(RoomUsers(members.into_iter().map(row).collect(), room))
}
