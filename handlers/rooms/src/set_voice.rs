//! The named call `uchat.room.set_voice`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::SetVoice;
use uchat_framework::prelude::*;

use crate::act::act;

/// Gives a member a voice or takes it; the owner only.
#[handler("uchat.room.set_voice")]
async fn set_voice(
    me: User,
    Args(asked): Args<SetVoice>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    act(&me, asked.room, RoomAction::SetVoice(asked.user, asked.voice), &db, &settings, &online)
        .await
        .map(|_| ())
}
