//! Nudge: shakes the window of a friend who is online.

use serde::{Deserialize, Serialize};
use uchat_framework::prelude::*;

grants! { tell = ["uchat.nudged"] }

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
async fn nudge(me: User, Args(whom): Args<Nudge>, reach: Reach) -> Result<()> {
    ensure!(whom.user != me.id && reach.may_tell(whom.user).await?, NotFriends);
    ensure!(reach.tell(whom.user, "uchat.nudged", &Nudged { from: me.id, name: &me.name }).await?, NotThere);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::testkit::{self, Circle};

    #[tokio::test]
    async fn only_friends_are_nudged_and_learn_by_whom() {
        let (friends, online) = (Circle::default().pair(1, 2), Online::recorder());
        let ask = |user| nudge(testkit::user(1, "ann"), Args(Nudge { user }), friends.reach(1, &online));
        assert!(ask(3).await.unwrap_err() == NotFriends);
        assert!(online.sent().is_empty());
        ask(2).await.unwrap();
        let sent = online.sent();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].0 == 2 && format!("{:?}", sent[0].1).contains("uchat.nudged"));
    }
}
