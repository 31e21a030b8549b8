//! The named call `uchat.room.invite`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::{INVITED, InvitationTo, UserInRoom};
use uchat_framework::prelude::*;

use crate::act::act;

/// Invites a friend into a room; any member may.
#[handler("uchat.room.invite")]
async fn invite(
    me: User,
    Args(asked): Args<UserInRoom>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    let invited = RoomAction::Invite(asked.user);
    let room = act(&me, asked.room, invited, &db, &settings, &online).await?.state.room;
    let told = InvitationTo { room: room.id, name: room.name, by: me.id, by_name: me.name.to_string() };
    online.tell(asked.user, INVITED, &told);
    Ok(())
}
