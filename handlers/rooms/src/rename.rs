//! The named call `uchat.room.rename`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::RenameRoom;
use uchat_framework::prelude::*;

use crate::act::act;
use crate::create_room::checked_name;

/// Gives a room another name; the owner only.
#[handler("uchat.room.rename")]
async fn rename(
    me: User,
    Args(asked): Args<RenameRoom>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    let name = checked_name(&asked.name, &settings)?.to_owned();
    act(&me, asked.room, RoomAction::Rename(name), &db, &settings, &online).await.map(|_| ())
}
