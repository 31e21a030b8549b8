//! The named call `uchat.room.resolve`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::ResolveRequest;
use uchat_framework::prelude::*;

use crate::act::act;

/// Lets in who has asked, or doesn't; the owner only.
#[handler("uchat.room.resolve")]
async fn resolve_request(
    me: User,
    Args(asked): Args<ResolveRequest>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    act(&me, asked.room, RoomAction::Resolve(asked.user, asked.accept), &db, &settings, &online)
        .await
        .map(|_| ())
}
