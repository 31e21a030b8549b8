//! Opcode 7: joins a room by its number.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::{REQUESTED, RoomRequest};
use uchat_framework::codec::chat::{ROOM_JOINED, RoomInfo, RoomJoined};
use uchat_framework::codec::opcode::{CONTACT_INFO, GENERAL_MSG, JOIN_ROOM};
use uchat_framework::prelude::*;

use crate::act::act;

/// Joins a room, or asks its owner, as the room's rule is; what is said from joining on is delivered.
#[handler(JOIN_ROOM)]
async fn join_room(
    me: User,
    Args(room): Args<u64>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<Replies> {
    let changed = act(&me, room, RoomAction::Enter, &db, &settings, &online).await?;
    if changed.joined.is_some() {
        let joined = RoomJoined { room, user: me.id, username: me.name.to_string() };
        for member in
            changed.concerned.iter().filter(|member| **member != me.id && online.hears_names(**member))
        {
            online.hint(*member, ROOM_JOINED, &joined);
        }
        let room = changed.state.room;
        return Replies::one(CONTACT_INFO, &RoomInfo::new(room.id, room.name));
    }
    if let Some(owner) = changed.state.owner {
        online.tell(owner, REQUESTED, &RoomRequest { room, user: me.id, username: me.name.to_string() });
    }
    Replies::one(GENERAL_MSG, "已发送申请，请等待群主同意")
}
