//! Who comes and goes, told to friends (opcode 107) and to the members of common rooms (opcode 112).
//!
//! The state that is told is true when it is told: sign-ins and sign-outs of one user run one after the other.

use uchat_db::Db;
use uchat_framework::codec::chat::{FriendOnOffLine, RoomUserOnOffLine};
use uchat_framework::codec::opcode::{FRIEND_ON_OFF_LINE, ROOM_USER_ON_OFF_LINE};
use uchat_framework::prelude::*;

/// Tells friends that a user is there.
#[hook]
async fn friends_hear_online(event: UserOnline, db: Service<Db>, online: Online) -> Result<()> {
    tell_friends(event.user.id, true, &db, &online).await
}

/// Tells friends that a user has gone.
#[hook]
async fn friends_hear_offline(event: UserOffline, db: Service<Db>, online: Online) -> Result<()> {
    tell_friends(event.user.id, false, &db, &online).await
}

/// Tells the members of the user's rooms that the user is there.
#[hook]
async fn rooms_hear_online(event: UserOnline, db: Service<Db>, online: Online) -> Result<()> {
    tell_rooms(event.user.id, true, &db, &online).await
}

/// Tells the members of the user's rooms that the user has gone.
#[hook]
async fn rooms_hear_offline(event: UserOffline, db: Service<Db>, online: Online) -> Result<()> {
    tell_rooms(event.user.id, false, &db, &online).await
}

async fn tell_friends(user: UserId, is_online: bool, db: &Db, online: &Online) -> Result<()> {
    let friends = db.friend_ids(user).await?;
    online.send_all(friends, FRIEND_ON_OFF_LINE, &FriendOnOffLine(is_online, user));
    Ok(())
}

async fn tell_rooms(user: UserId, is_online: bool, db: &Db, online: &Online) -> Result<()> {
    for room in db.rooms_of(user).await? {
        let others = db.room_member_ids(room.id).await?.into_iter().filter(|member| *member != user);
        online.send_all(others, ROOM_USER_ON_OFF_LINE, &RoomUserOnOffLine(room.id, user, is_online));
    }
    Ok(())
}
