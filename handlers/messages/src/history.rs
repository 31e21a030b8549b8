//! The feed of stored messages: what a session that fell behind, or has just logged in, still gets.

use std::sync::Arc;

use bytes::Bytes;
use uchat_db::{ConversationId, Db, HistoryItem, Target};
use uchat_framework::codec::chat::{FileRef, NewMessage};
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
    let bytes = in_words(user, &item)?;
    let message = item.message;
    let written = delivered(db, user, message.conversation, message.seq);
    Ok(FeedItem::new(message.id, bytes, Some(Box::new(written))))
}

/// A message as `on_new_message` brings it to `user`.
pub(crate) fn new_message(user: UserId, item: &HistoryItem) -> Result<Bytes> {
    encoded(user, item, Value::decode(item.message.body.clone(), &Limits::default())?)
}

/// The same for a client that knows no files: it gets a small picture or a line of text in the place of one.
fn in_words(user: UserId, item: &HistoryItem) -> Result<Bytes> {
    let said = Value::decode(item.message.body.clone(), &Limits::default())?;
    match FileRef::in_message(&said) {
        Some(file) => encoded(user, item, file.for_old_clients()?),
        None => encoded(user, item, said),
    }
}

fn encoded(user: UserId, item: &HistoryItem, said: Value) -> Result<Bytes> {
    let message = &item.message;
    let (target_type, target_id) = match message.target_for(user) {
        Target::User(id) => (0, id),
        Target::Room(id) => (1, id),
    };
    let parameters = NewMessage {
        message: said,
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use uchat_db::Stored;
    use uchat_framework::codec::chat::FileHash;

    fn told_of(name: &str, thumbnail: &'static [u8]) -> HistoryItem {
        let (sha256, name) = (FileHash([0xab; 32]), name.to_owned());
        let file = FileRef { sha256, size: 3, name, thumbnail: Bytes::from_static(thumbnail).into() };
        let mut body = bytes::BytesMut::new();
        file.into_message().unwrap().encode(&mut body).unwrap();
        let stored = Stored {
            id: 1,
            conversation: 1,
            seq: 1,
            sender: 1,
            sender_name: "ann".into(),
            target: Target::User(2),
            time_ms: 1,
            body: body.freeze(),
            recipients: vec![1, 2],
        };
        HistoryItem { message: stored, delivered: false }
    }

    fn has(bytes: &Bytes, wanted: &[u8]) -> bool {
        bytes.windows(wanted.len()).any(|part| part == wanted)
    }

    #[test]
    fn a_file_is_a_line_of_text_for_old_programs() {
        let item = told_of("holiday.pdf", b"");
        let (old, new) = (in_words(2, &item).unwrap(), new_message(2, &item).unwrap());
        assert!(has(&old, b"holiday.pdf") && !has(&old, &[0xab; 32]));
        assert!(has(&new, b"holiday.pdf") && has(&new, &[0xab; 32]));
    }

    #[test]
    fn of_a_picture_old_programs_see_the_small_one_and_of_anything_else_nothing_but_words() {
        let said = |item: &HistoryItem| {
            let told = in_words(2, item).unwrap();
            let value = Value::decode(told.slice(1..), &Limits::default()).unwrap();
            value.get("message").unwrap().clone()
        };
        let picture = said(&told_of("sunset.png", b"\xff\xd8\xff and so on"));
        assert_eq!(picture.get("type").and_then(Value::as_u64), Some(1));
        assert!(matches!(picture.get("data"), Some(Value::Bytes(data)) if data.ends_with(b"and so on")));
        let strange = said(&told_of("sunset.png", b"MZ no picture"));
        assert_eq!(strange.get("type").and_then(Value::as_u64), Some(0));
    }
}
