//! The named call `uchat.room.close`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::InRoom;
use uchat_framework::prelude::*;

use crate::act::act;

/// Ends a room for all; the owner only.
#[handler("uchat.room.close")]
async fn close(
    me: User,
    Args(asked): Args<InRoom>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    act(&me, asked.room, RoomAction::Close, &db, &settings, &online).await.map(|_| ())
}
