//! The named call `uchat.room.hand_over`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::UserInRoom;
use uchat_framework::prelude::*;

use crate::act::act;

/// Gives the room to a member; the owner only.
#[handler("uchat.room.hand_over")]
async fn hand_over(
    me: User,
    Args(asked): Args<UserInRoom>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    act(&me, asked.room, RoomAction::HandOver(asked.user), &db, &settings, &online).await.map(|_| ())
}
