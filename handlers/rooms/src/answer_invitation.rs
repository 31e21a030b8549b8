//! The named call `uchat.room.answer`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::AnswerInvitation;
use uchat_framework::prelude::*;

use crate::act::act;

/// Takes an invitation, or doesn't.
#[handler("uchat.room.answer")]
async fn answer_invitation(
    me: User,
    Args(asked): Args<AnswerInvitation>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    act(&me, asked.room, RoomAction::Answer(asked.accept), &db, &settings, &online).await.map(|_| ())
}
