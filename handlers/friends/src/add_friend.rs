//! Opcode 4: asks another user to become a friend.

use uchat_config::Settings;
use uchat_db::{Asking, Db, FriendLimits};
use uchat_framework::codec::opcode::{ADD_FRIEND, ADD_FRIEND_RESULT, INCOMING_FRIEND_REQUEST};
use uchat_framework::prelude::*;

use crate::{NoSuchUser, TooManyFriends, fold, info};

rejections! {
    /// One is no friend of oneself.
    IsYou = "不能加自己为好友",
    /// They are friends, or the request waits for its answer.
    Already = "已经是好友/已经发送过好友请求",
    /// Too many wait for the answers of others.
    TooManySent = "等待答复的好友请求太多 (friends.max_open_requests)",
    /// Too many wait for the answer of who is asked.
    TooManyReceived = "对方待处理的好友请求太多 (friends.max_open_requests)",
}

/// Asks another user, by name, to become a friend.
#[handler(ADD_FRIEND, outcome = ADD_FRIEND_RESULT)]
async fn add_friend(
    me: User,
    Args(name): Args<String>,
    db: Service<Db>,
    online: Online,
    settings: Service<Settings>,
) -> Result<()> {
    let them = db.user_by_name(&fold(&name)).await?.ok_or(NoSuchUser)?;
    ensure!(them.id != me.id, IsYou);
    match db.ask_friend(me.id, them.id, limits(&settings)).await? {
        Asking::Asked => {}
        Asking::Already => return Err(Already.into()),
        Asking::TooManyFriends => return Err(TooManyFriends.into()),
        Asking::TooManySent => return Err(TooManySent.into()),
        Asking::TooManyReceived => return Err(TooManyReceived.into()),
    }
    if let Some(myself) = db.user(me.id).await? {
        online.send(them.id, INCOMING_FRIEND_REQUEST, &info(myself, &online));
    }
    Ok(())
}

fn limits(settings: &Settings) -> FriendLimits {
    let friends = &settings.friends;
    FriendLimits { friends: friends.max_friends, open_requests: friends.max_open_requests }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::testkit;

    #[tokio::test]
    async fn nobody_becomes_a_friend_of_himself() {
        let (db, online) = (uchat_db::testkit::with_users(&["ann"]).await, Online::recorder());
        let ann = testkit::user(1, "ann");
        let settings = Service::new(Settings::default());
        let error =
            add_friend(ann, Args(" ANN ".into()), Service::new(db), online, settings).await.unwrap_err();
        assert!(error == IsYou);
    }

    #[tokio::test]
    async fn a_limit_is_told_by_its_name_and_nobody_is_bothered() {
        let db = uchat_db::testkit::with_users(&["ann", "bob", "eve"]).await;
        let (ann, online) = (testkit::user(1, "ann"), Online::recorder());
        let mut settings = Settings::default();
        settings.friends.max_open_requests = 1;
        let settings = Service::new(settings);
        let ask = |name: &str| {
            let (whom, db) = (Args(name.into()), Service::new(db.clone()));
            add_friend(ann.clone(), whom, db, online.clone(), settings.clone())
        };
        ask("bob").await.unwrap();
        let error = ask("eve").await.unwrap_err();
        assert!(error == TooManySent && error.to_string().contains("friends.max_open_requests"));
        assert_eq!(online.sent().len(), 1);
    }

    #[tokio::test]
    async fn who_is_asked_hears_of_it_once() {
        let db = uchat_db::testkit::with_users(&["ann", "bob"]).await;
        let (ann, online) = (testkit::user(1, "ann"), Online::recorder());
        let settings = Service::new(Settings::default());
        let ask = || {
            let (whom, db) = (Args("bob".into()), Service::new(db.clone()));
            add_friend(ann.clone(), whom, db, online.clone(), settings.clone())
        };
        ask().await.unwrap();
        assert!(ask().await.unwrap_err() == Already);
        let sent = online.sent();
        assert_eq!((sent.len(), sent[0].0, sent[0].1.opcode), (1, 2, INCOMING_FRIEND_REQUEST));
    }
}
