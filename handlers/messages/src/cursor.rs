//! The named calls `uchat.received` and `uchat.read`: how far a user is.

use uchat_config::Settings;
use uchat_db::{Cursor, Db};
use uchat_framework::codec::chat::{CURSOR_EVENT, CursorMoved, NUMBERS, UpTo};
use uchat_framework::prelude::*;

use crate::numbered::{NeedsNumbers, NoConversation};

/// The client has everything up to this number.
#[handler("uchat.received")]
async fn received(
    me: User,
    caller: Caller,
    Args(at): Args<UpTo>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    ensure!(caller.has(NUMBERS), NeedsNumbers);
    let to = Cursor { received: at.number, ..Cursor::default() };
    go_to(&me, at.conversation, to, &db, &settings, &online).await
}

/// The user has read everything up to this number; with `quiet`, others are not told.
#[handler("uchat.read")]
async fn read(
    me: User,
    caller: Caller,
    Args(at): Args<UpTo>,
    db: Service<Db>,
    settings: Service<Settings>,
    online: Online,
) -> Result<()> {
    ensure!(caller.has(NUMBERS), NeedsNumbers);
    let shown = if at.quiet { 0 } else { at.number };
    let to = Cursor { received: at.number, read: at.number, shown };
    go_to(&me, at.conversation, to, &db, &settings, &online).await
}

async fn go_to(
    me: &User,
    conversation: u64,
    to: Cursor,
    db: &Db,
    settings: &Settings,
    online: &Online,
) -> Result<()> {
    let most = settings.delivery.receipt_members;
    let moved = db.move_cursor(me.id, conversation, to, most).await?.ok_or(NoConversation)?;
    let Cursor { received, shown, .. } = moved.cursor;
    let told = CursorMoved { conversation, user: me.id, received, read: shown };
    for sender in moved.senders.into_iter().filter(|sender| online.has(*sender, NUMBERS)) {
        online.hint(sender, CURSOR_EVENT, &told);
    }
    Ok(())
}
