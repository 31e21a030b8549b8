//! Whom a caller may reach through a plug-in: friends, and the members of its rooms.

use std::sync::Arc;

use uchat_db::Db;
use uchat_framework::{BoxFuture, Result, Rights, UserId};

/// What the store says: friends reach each other, members share their room.
pub(crate) struct ChatRights(pub(crate) Db);

impl Rights for ChatRights {
    fn may_tell(&self, caller: UserId, to: UserId) -> BoxFuture<Result<bool>> {
        let db = Arc::clone(&self.0);
        Box::pin(async move { Ok(db.are_friends(caller, to).await?) })
    }

    fn may_keep(&self, caller: UserId, kind: &'static str, id: u64) -> BoxFuture<Result<bool>> {
        let db = Arc::clone(&self.0);
        Box::pin(async move { Ok(kind == "room" && db.is_member(caller, id).await?) })
    }

    fn members(&self, kind: &'static str, id: u64) -> BoxFuture<Result<Vec<UserId>>> {
        let db = Arc::clone(&self.0);
        Box::pin(
            async move { if kind == "room" { Ok(db.room_member_ids(id).await?) } else { Ok(Vec::new()) } },
        )
    }
}
