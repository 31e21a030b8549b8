//! The named call `uchat.room.set_muted`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::SetMuted;
use uchat_framework::prelude::*;

use crate::act::act;

/// Sets whether only the owner speaks, and who has a voice; the owner only.
#[handler("uchat.room.set_muted")]
async fn set_muted(
    me: User,
    Args(asked): Args<SetMuted>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    act(&me, asked.room, RoomAction::SetMuted(asked.muted), &db, &settings, &online).await.map(|_| ())
}
