//! Opcode 4: asks another user to become a friend.

use uchat_db::Db;
use uchat_framework::codec::opcode::{ADD_FRIEND, ADD_FRIEND_RESULT, INCOMING_FRIEND_REQUEST};
use uchat_framework::prelude::*;

use crate::{NoSuchUser, fold, info};

rejections! {
    /// One is no friend of oneself.
    IsYou = "不能加自己为好友",
    /// They are friends, or the request waits for its answer.
    Already = "已经是好友/已经发送过好友请求",
}

/// Asks another user, by name, to become a friend.
#[handler(ADD_FRIEND, outcome = ADD_FRIEND_RESULT)]
async fn add_friend(me: User, Args(name): Args<String>, db: Service<Db>, online: Online) -> Result<()> {
    let them = db.user_by_name(&fold(&name)).await?.ok_or(NoSuchUser)?;
    ensure!(them.id != me.id, IsYou);
    ensure!(db.request_friend(me.id, them.id).await?, Already);
    if let Some(myself) = db.user(me.id).await? {
        online.send(them.id, INCOMING_FRIEND_REQUEST, &info(myself, &online));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_framework::testkit;

    #[tokio::test]
    async fn nobody_becomes_a_friend_of_himself() {
        let (db, online) = (uchat_db::testkit::with_users(&["ann"]).await, Online::recorder());
        let ann = testkit::user(1, "ann");
        let error = add_friend(ann, Args(" ANN ".into()), Service::new(db), online).await.unwrap_err();
        assert!(error == IsYou);
    }

    #[tokio::test]
    async fn who_is_asked_hears_of_it_once() {
        let db = uchat_db::testkit::with_users(&["ann", "bob"]).await;
        let (ann, online) = (testkit::user(1, "ann"), Online::recorder());
        let ask = || add_friend(ann.clone(), Args("bob".into()), Service::new(db.clone()), online.clone());
        ask().await.unwrap();
        assert!(ask().await.unwrap_err() == Already);
        let sent = online.sent();
        assert_eq!((sent.len(), sent[0].0, sent[0].1.opcode), (1, 2, INCOMING_FRIEND_REQUEST));
    }
}
