//! The named call `uchat.room.members`.

use uchat_db::{Db, Entry as StoredEntry, Member};
use uchat_framework::codec::chat::room::{Entry, InRoom, RoomDetails, RoomMember, RoomRequest};
use uchat_framework::prelude::*;

use crate::act::{NoSuchRoom, NotMember};

/// Tells a member the rules of a room and who is in it, and its owner who asks to come in.
#[handler("uchat.room.members")]
async fn members(
    me: User,
    Args(asked): Args<InRoom>,
    db: Service<Db>,
    online: Online,
) -> Result<RoomDetails> {
    ensure!(db.is_member(me.id, asked.room).await?, NotMember);
    let state = db.room_state(asked.room).await?.ok_or(NoSuchRoom)?;
    let asking = if state.owner == Some(me.id) { db.room_requests(asked.room).await? } else { Vec::new() };
    let request =
        |user: uchat_db::User| RoomRequest { room: asked.room, user: user.id, username: user.username };
    let member = |Member { user, owner, voice }: Member| RoomMember {
        online: online.is_online(user.id),
        id: user.id,
        username: user.username,
        owner,
        voice,
    };
    Ok(RoomDetails {
        room: state.room.id,
        name: state.room.name,
        entry: told_entry(state.entry),
        muted: state.muted,
        members: db.room_people(asked.room).await?.into_iter().map(member).collect(),
        requests: asking.into_iter().map(request).collect(),
    })
}

fn told_entry(entry: StoredEntry) -> Entry {
    match entry {
        StoredEntry::Open => Entry::Open,
        StoredEntry::Invitation => Entry::Invitation,
        StoredEntry::Approval => Entry::Approval,
    }
}

/// The same, the other way round.
pub(crate) fn stored_entry(entry: Entry) -> StoredEntry {
    match entry {
        Entry::Open => StoredEntry::Open,
        Entry::Invitation => StoredEntry::Invitation,
        Entry::Approval => StoredEntry::Approval,
    }
}
