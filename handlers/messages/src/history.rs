//! The feed of stored messages: what a session that fell behind, or has just logged in, still gets.

use std::sync::Arc;

use bytes::Bytes;
use uchat_db::{ConversationId, Db, HistoryItem, Target};
use uchat_framework::codec::chat::NewMessage;
use uchat_framework::codec::{Limits, Value, encode_message, opcode::ON_NEW_MESSAGE};
use uchat_framework::prelude::*;
use uchat_framework::{BoxFuture, Feed, FeedItem};

/// How many messages a session takes from the store at once.
pub(crate) const PAGE: usize = 256;

/// The stored messages of each user, by their number.
struct History(Db);

/// The feed that sessions follow after login.
#[service]
fn feed(db: Service<Db>) -> Result<Arc<dyn Feed>> {
    Ok(Arc::new(History(Arc::clone(&db))))
}

impl Feed for History {
    fn after(&self, user: UserId, position: u64, budget: usize) -> BoxFuture<Result<Vec<FeedItem>>> {
        let db = Arc::clone(&self.0);
        Box::pin(async move {
            let page = db.messages_after(user, position, PAGE, budget).await?;
            page.into_iter().map(|item| feed_item(&db, user, item)).collect()
        })
    }
}

fn feed_item(db: &Db, user: UserId, item: HistoryItem) -> Result<FeedItem> {
    let bytes = new_message(user, &item)?;
    let message = item.message;
    let written = delivered(db, user, message.conversation, message.seq);
    Ok(FeedItem::new(message.id, bytes, Some(Box::new(written))))
}

/// A message as `on_new_message` brings it to `user`.
pub(crate) fn new_message(user: UserId, item: &HistoryItem) -> Result<Bytes> {
    let message = &item.message;
    let (target_type, target_id) = match message.target_for(user) {
        Target::User(id) => (0, id),
        Target::Room(id) => (1, id),
    };
    let parameters = NewMessage {
        message: Value::decode(message.body.clone(), &Limits::default())?,
        sender_id: message.sender,
        sender_name: message.sender_name.clone(),
        target_type,
        time: message.time_ms,
        target_id,
    };
    Ok(encode_message(ON_NEW_MESSAGE, &parameters)?)
}

/// Notes that a message has left for its receiver: only then does the cursor move.
pub(crate) fn delivered(
    db: &Db,
    user: UserId,
    conversation: ConversationId,
    seq: u64,
) -> impl FnOnce() + Send + Sync + 'static {
    let db = Arc::clone(db);
    move || db.note_delivered(user, conversation, seq)
}
