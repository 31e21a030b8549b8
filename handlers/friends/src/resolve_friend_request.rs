//! Opcode 5: answers a friend request.

use uchat_config::Settings;
use uchat_db::{Acceptance, Db};
use uchat_framework::codec::chat::{FriendInfo, ResolveFriendRequest};
use uchat_framework::codec::opcode::{CONTACT_INFO, RESOLVE_FRIEND_REQUEST};
use uchat_framework::prelude::*;

use crate::{TooManyFriends, info};

rejections! {
    /// There is no such request, or it has been answered.
    NoRequest = "没有该好友请求",
}

/// Accepts or refuses a friend request; both hear of an acceptance, nobody of a refusal.
#[handler(RESOLVE_FRIEND_REQUEST)]
async fn resolve_friend_request(
    me: User,
    Args(ResolveFriendRequest(requester, accept)): Args<ResolveFriendRequest>,
    db: Service<Db>,
    online: Online,
    settings: Service<Settings>,
) -> Result<Replies> {
    if !accept {
        ensure!(db.refuse_friend(me.id, requester).await?, NoRequest);
        return Ok(Replies::none());
    }
    match db.accept_friend_within(me.id, requester, settings.friends.max_friends).await? {
        Acceptance::Accepted => {}
        Acceptance::TooManyFriends => return Err(TooManyFriends.into()),
        // Both had asked, and the other one has answered first: there is nothing left to tell.
        Acceptance::AlreadyFriends => return Ok(Replies::none()),
        Acceptance::NoRequest => return Err(NoRequest.into()),
    }
    let them = db.user(requester).await?.ok_or(NoRequest)?;
    if let Some(myself) = db.user(me.id).await? {
        online.send(requester, CONTACT_INFO, &FriendInfo::from(info(myself, &online)));
    }
    Replies::one(CONTACT_INFO, &FriendInfo::from(info(them, &online)))
}
