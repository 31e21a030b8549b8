//! The named call `uchat.room.set_entry`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::SetEntry;
use uchat_framework::prelude::*;

use crate::act::act;
use crate::members::stored_entry;

/// Sets how one becomes a member: by the number, by invitation, or when the owner agrees; the owner only.
#[handler("uchat.room.set_entry")]
async fn set_entry(
    me: User,
    Args(asked): Args<SetEntry>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    let action = RoomAction::SetEntry(stored_entry(asked.entry));
    act(&me, asked.room, action, &db, &settings, &online).await.map(|_| ())
}
