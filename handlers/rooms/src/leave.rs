//! The named call `uchat.room.leave`.

use uchat_config::Settings;
use uchat_db::{Db, RoomAction};
use uchat_framework::codec::chat::room::InRoom;
use uchat_framework::prelude::*;

use crate::act::act;

/// Leaves a room; an owner's goes to the longest member, the last one closes it.
#[handler("uchat.room.leave")]
async fn leave(
    me: User,
    Args(asked): Args<InRoom>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    act(&me, asked.room, RoomAction::Leave, &db, &settings, &online).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::codec::opcode::{NAMED_EVENT, ON_NEW_MESSAGE};
    use uchat_framework::testkit;

    #[tokio::test]
    async fn those_who_stay_read_who_has_left_and_how_many_they_are() {
        let db = uchat_db::testkit::with_users(&["ann", "bob"]).await;
        db.create_room(1, "tea").await.unwrap();
        db.join_room(2, 1).await.unwrap();
        let online = Online::recorder();
        let settings = Service::new(Settings::default());
        let (me, room) = (testkit::user(2, "bob"), Args(InRoom { room: 1 }));
        leave(me, room, Service::new(db.clone()), settings, online.clone()).await.unwrap();
        assert_eq!(db.room_member_ids(1).await.unwrap(), [1]);
        let sent = online.sent();
        let line = sent.iter().find(|(user, push)| *user == 1 && push.opcode == ON_NEW_MESSAGE);
        assert!(format!("{line:?}").contains("退出了群"));
        let event = sent.iter().find(|(user, push)| *user == 1 && push.opcode == NAMED_EVENT).unwrap();
        let args = event.1.parameters.get("args").unwrap();
        assert_eq!(args.get("members").and_then(uchat_framework::codec::Value::as_u64), Some(1));
    }
}
