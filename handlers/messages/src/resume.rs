//! The named calls `uchat.resume` and `uchat.history`: what a client does not have.

use std::sync::Arc;

use uchat_config::Settings;
use uchat_db::{Cursor, Db, Page, Resume as Asked, Standing as Found, Target};
use uchat_framework::AnswerThen;
use uchat_framework::codec::chat::{
    HistoryAsked, NUMBERS, Numbered, Resume, Resumed, Standing, TARGET_ROOM, TARGET_USER,
};
use uchat_framework::prelude::*;

use crate::numbered::{NeedsNumbers, NoConversation, NumberedHistory, from_store};

/// Says how things stand and what is new for the client; from then on messages come live.
#[handler("uchat.resume", rate = "60/min")]
async fn resume(
    me: User,
    caller: Caller,
    Args(asked): Args<Resume>,
    db: Service<Db>,
    settings: Service<Settings>,
) -> Result<AnswerThen<Resumed>> {
    ensure!(caller.has(NUMBERS), NeedsNumbers);
    let asked = Asked {
        have: asked.have.into_iter().collect(),
        page: asked.page.min(settings.delivery.page),
        max_messages: settings.history.max_messages,
        max_bytes: settings.history.max_bytes,
        max_others: settings.delivery.receipt_members,
    };
    let found = db.resume(me.id, asked).await?;
    let answer = Resumed {
        conversations: found.conversations.into_iter().map(standing).collect(),
        messages: found.messages.iter().map(|item| from_store(me.id, item)).collect::<Result<_>>()?,
    };
    let feed = Arc::new(NumberedHistory(Arc::clone(&db)));
    Ok(AnswerThen(answer, Replies::none().then_follow(feed, found.position)))
}

fn standing(found: Found) -> Standing {
    let (target_type, target_id) = match found.target {
        Target::User(id) => (TARGET_USER, id),
        Target::Room(id) => (TARGET_ROOM, id),
    };
    let other = |(user, cursor): (UserId, Cursor)| (user, cursor.received, cursor.shown);
    Standing {
        conversation: found.conversation,
        target_type,
        target_id,
        first: found.first,
        latest: found.latest,
        received: found.cursor.received,
        read: found.cursor.read,
        others: found.others.into_iter().map(other).collect(),
    }
}

/// A page of a conversation: behind a number, or before one.
#[handler("uchat.history")]
async fn history(
    me: User,
    caller: Caller,
    Args(asked): Args<HistoryAsked>,
    db: Service<Db>,
    settings: Service<Settings>,
) -> Result<Vec<Numbered>> {
    ensure!(caller.has(NUMBERS), NeedsNumbers);
    let page = match (asked.after, asked.before) {
        (Some(after), _) => Page::After(after),
        (None, before) => Page::Before(before.unwrap_or(u64::MAX)),
    };
    let limit = asked.limit.clamp(1, settings.delivery.page);
    let found = db.page(me.id, asked.conversation, page, limit, settings.history.max_bytes).await?;
    found.ok_or(NoConversation)?.iter().map(|item| from_store(me.id, item)).collect()
}
