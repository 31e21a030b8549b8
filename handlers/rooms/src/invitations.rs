//! The named call `uchat.room.invitations`.

use uchat_db::{Db, Invitation};
use uchat_framework::codec::chat::room::InvitationTo;
use uchat_framework::prelude::*;

/// Lists the invitations that one has not answered, oldest first.
#[handler("uchat.room.invitations")]
async fn invitations(me: User, db: Service<Db>) -> Result<Vec<InvitationTo>> {
    let told = |Invitation { room, by }: Invitation| InvitationTo {
        room: room.id,
        name: room.name,
        by: by.id,
        by_name: by.username,
    };
    Ok(db.invitations_of(me.id).await?.into_iter().map(told).collect())
}
