//! Messages with their numbers, for clients that have asked for them (PROTOCOL.md §5.8).

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use uchat_db::{Db, HistoryItem, Stored};
use uchat_framework::codec::chat::{Blob, MESSAGE_EVENT, NUMBERS, Numbered};
use uchat_framework::codec::{encode_message, opcode::NAMED_EVENT};
use uchat_framework::prelude::*;
use uchat_framework::{BoxFuture, Feed, FeedItem};

use crate::history::{PAGE, new_message};

rejections! {
    /// The connection has proved no key.
    pub(crate) NeedsStrong = "旧版方式不能使用该操作 (this operation needs the strong suite)",
    /// The feature has to be switched on before the login.
    TooLate = "登录后不能再切换 (switch this on before the login)",
    /// The client has not said that it knows numbers.
    pub(crate) NeedsNumbers = "请先调用 uchat.numbers (call uchat.numbers before the login)",
    /// No such conversation, or not one of the user's: the same answer for both.
    pub(crate) NoConversation = "没有该会话 (there is no such conversation)",
}

/// From now on this client gets messages with their numbers, and confirms what it has.
#[handler("uchat.numbers")]
async fn numbers(caller: Caller) -> Result<()> {
    ensure!(caller.is_strong(), NeedsStrong);
    ensure!(caller.user().is_none(), TooLate);
    caller.enable(NUMBERS);
    Ok(())
}

/// A message as the event that brings it. `parameters` are those of the `on_new_message` that it would be.
pub(crate) fn event(stored: &Stored, parameters: Bytes) -> Result<Bytes> {
    let args = numbered(stored, parameters);
    Ok(encode_message(NAMED_EVENT, &NumberedEvent { name: MESSAGE_EVENT, args })?)
}

/// A `NamedEvent` whose particulars need no value in between: this is made for every message.
#[derive(Serialize)]
struct NumberedEvent {
    name: &'static str,
    args: Numbered,
}

/// A message from the store, with its number, as `user` sees it.
pub(crate) fn from_store(user: UserId, item: &HistoryItem) -> Result<Numbered> {
    Ok(numbered(&item.message, new_message(user, item)?.slice(1..)))
}

fn numbered(stored: &Stored, parameters: Bytes) -> Numbered {
    Numbered { conversation: stored.conversation, number: stored.seq, said: Blob(parameters) }
}

/// The stored messages of each user with their numbers.
pub(crate) struct NumberedHistory(pub(crate) Db);

impl Feed for NumberedHistory {
    fn after(&self, user: UserId, position: u64, budget: usize) -> BoxFuture<Result<Vec<FeedItem>>> {
        let db = Arc::clone(&self.0);
        Box::pin(async move {
            let page = db.messages_after(user, position, PAGE, budget).await?;
            let item = |item: HistoryItem| {
                let parameters = new_message(user, &item)?.slice(1..);
                Ok(FeedItem::new(item.message.id, event(&item.message, parameters)?, None))
            };
            page.into_iter().map(item).collect()
        })
    }
}
