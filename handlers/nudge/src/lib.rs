//! Nudge: shakes the window of a friend who is online.

use serde::{Deserialize, Serialize};
use uchat_db::Db;
use uchat_framework::prelude::*;

rejections! {
    /// Only friends can be nudged; the same answer for users that there aren't.
    NotFriends = "还不是好友 (not friends)",
    /// Offline, or with a client that knows nothing of it.
    NotThere = "对方不在线 (not there)",
}

/// Whom to nudge.
#[derive(Deserialize)]
struct Nudge {
    user: UserId,
}

/// What the friend is told, as `uchat.nudged`.
#[derive(Serialize)]
struct Nudged<'a> {
    from: UserId,
    name: &'a str,
}

/// Shakes the window of a friend who is online.
#[handler("uchat.nudge", rate = "6/min")]
async fn nudge(me: User, Args(whom): Args<Nudge>, db: Service<Db>, online: Online) -> Result<()> {
    ensure!(db.are_friends(me.id, whom.user).await?, NotFriends);
    ensure!(online.tell(whom.user, "uchat.nudged", &Nudged { from: me.id, name: &me.name }), NotThere);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::testkit;

    #[tokio::test]
    async fn only_friends_are_nudged_and_learn_by_whom() {
        let db = uchat_db::testkit::with_users(&["ann", "bob", "eve"]).await;
        db.request_friend(1, 2).await.unwrap();
        db.accept_friend(2, 1).await.unwrap();
        let online = Online::recorder();
        let ask = |user| {
            let (me, whom) = (testkit::user(1, "ann"), Args(Nudge { user }));
            nudge(me, whom, Service::new(db.clone()), online.clone())
        };
        assert!(ask(3).await.unwrap_err() == NotFriends);
        assert!(online.sent().is_empty());
        ask(2).await.unwrap();
        let sent = online.sent();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].0 == 2 && format!("{:?}", sent[0].1).contains("uchat.nudged"));
    }
}
