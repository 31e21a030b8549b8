//! The named call `uchat.room.remove`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::UserInRoom;
use uchat_framework::prelude::*;

use crate::act::act;

/// Puts a member out; the owner only.
#[handler("uchat.room.remove")]
async fn remove_member(
    me: User,
    Args(asked): Args<UserInRoom>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    act(&me, asked.room, RoomAction::Remove(asked.user), &db, &settings, &online).await.map(|_| ())
}
