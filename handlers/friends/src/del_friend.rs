//! Opcode 11: ends a friendship for both.

use uchat_db::Db;
use uchat_framework::codec::opcode::{DEL_FRIEND, DEL_FRIEND_RESULT, DEL_INFO};
use uchat_framework::prelude::*;

use crate::{NoSuchUser, fold, info};

rejections! {
    /// One can't delete oneself.
    IsYou = "不能删除自己",
    /// They are not friends.
    NotFriends = "该用户还不是您的好友",
}

/// Deletes a friend, by name; both lists lose an entry.
#[handler(DEL_FRIEND, outcome = DEL_FRIEND_RESULT)]
async fn del_friend(me: User, Args(name): Args<String>, db: Service<Db>, online: Online) -> Result<Replies> {
    let them = db.user_by_name(&fold(&name)).await?.ok_or(NoSuchUser)?;
    ensure!(them.id != me.id, IsYou);
    ensure!(db.remove_friend(me.id, them.id).await?, NotFriends);
    if let Some(myself) = db.user(me.id).await? {
        online.send(them.id, DEL_INFO, &info(myself, &online));
    }
    Replies::one(DEL_INFO, &info(them, &online))
}
