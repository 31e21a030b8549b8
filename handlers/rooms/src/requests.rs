//! The named call `uchat.room.requests`.

use uchat_db::Db;
use uchat_framework::codec::chat::room::RoomRequest;
use uchat_framework::prelude::*;

/// Lists who asks to come into a room that one owns, oldest first.
#[handler("uchat.room.requests")]
async fn requests(me: User, db: Service<Db>) -> Result<Vec<RoomRequest>> {
    let told =
        |(room, user): (u64, uchat_db::User)| RoomRequest { room, user: user.id, username: user.username };
    Ok(db.requests_to(me.id).await?.into_iter().map(told).collect())
}
