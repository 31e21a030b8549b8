//! Who comes and goes, told to friends (opcode 107) and to the members of common rooms (opcode 112).
//!
//! The state that is told is true when it is told: sign-ins and sign-outs of one user run one after the other.

use uchat_db::Db;
use uchat_framework::codec::chat::{FriendOnOffLine, RoomUserOnOffLine};
use uchat_framework::codec::opcode::{FRIEND_ON_OFF_LINE, ROOM_USER_ON_OFF_LINE};
use uchat_framework::prelude::*;

/// Tells friends, and the members of the user's rooms, that a user is there.
#[hook]
async fn others_hear_online(event: UserOnline, db: Service<Db>, online: Online) -> Result<()> {
    tell_others(event.user.id, true, &db, &online).await
}

/// Tells friends, and the members of the user's rooms, that a user has gone.
#[hook]
async fn others_hear_offline(event: UserOffline, db: Service<Db>, online: Online) -> Result<()> {
    tell_others(event.user.id, false, &db, &online).await
}

async fn tell_others(user: UserId, is_online: bool, db: &Db, online: &Online) -> Result<()> {
    let audience = db.audience(user).await?;
    online.send_all(audience.friends, FRIEND_ON_OFF_LINE, &FriendOnOffLine(is_online, user));
    for (room, members) in audience.rooms {
        let others = members.into_iter().filter(|member| *member != user);
        online.send_all(others, ROOM_USER_ON_OFF_LINE, &RoomUserOnOffLine(room, user, is_online));
    }
    Ok(())
}
