//! Recall: a message is taken back for a while after it was sent, on every device, also on those that come later.
//!
//! What was said is replaced in the store, and a notice is stored behind it as a message of its own. So whoever has the
//! message learns of it in the way and with the certainty with which messages come, and a client that knows nothing of it
//! shows a line of text.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use uchat_db::{Db, Page, Recall, Recalling};
use uchat_events::MessageDraft;
use uchat_framework::codec::chat::{RecallAsked, TakenBack};
use uchat_framework::codec::{Limits, Value};
use uchat_framework::prelude::*;

/// What stands where the message was, for clients that know nothing of it.
const EMPTIED: &str = "[消息已撤回 / message taken back]";
/// What the notice says to them.
const NOTICE: &str = "[撤回了一条消息 / took a message back]";

rejections! {
    /// Another's message, none at all, or a notice.
    NoMessage = "没有可撤回的消息 (you have no such message)",
    /// The time is over.
    TooLate = "超过可撤回的时间 (it is too late to take it back)",
    /// Only the server says that something was taken back.
    Forged = "消息内容有误 (only the server says that a message was taken back)",
}

/// `[plugins.recall]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rules {
    /// For how many seconds after it was stored a message can be taken back.
    seconds: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self { seconds: 120 }
    }
}

/// The rules, from the configuration.
#[service]
fn rules(tables: Service<PluginSettings>) -> Result<Rules> {
    tables.read("recall")
}

/// Takes back a message that one has sent a moment ago.
#[handler("uchat.recall", rate = "20/min")]
async fn recall(
    me: User,
    Args(asked): Args<RecallAsked>,
    db: Service<Db>,
    online: Online,
    rules: Service<Rules>,
) -> Result<()> {
    ensure!(!is_notice(&db, me.id, asked).await?, NoMessage);
    let time_ms = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let recall = Recall {
        sender: me.id,
        conversation: asked.conversation,
        seq: asked.number,
        since_ms: time_ms.saturating_sub(rules.seconds.saturating_mul(1000)),
        emptied: body(TakenBack::This, EMPTIED)?,
        notice: body(TakenBack::Other(asked.number), NOTICE)?,
        time_ms,
    };
    match db.recall_message(recall).await? {
        // The notice is in the store: whoever is there reads it from there, in order and in the form that the client knows.
        Recalling::Done(members) => members.into_iter().for_each(|member| online.catch_up(member)),
        Recalling::Already => {}
        Recalling::TooLate => return Err(TooLate.into()),
        Recalling::NoMessage => return Err(NoMessage.into()),
    }
    Ok(())
}

/// Whether the message is itself a notice, which stays: who has not read it yet needs it.
async fn is_notice(db: &Db, me: UserId, asked: RecallAsked) -> Result<bool> {
    let before = Page::After(asked.number.saturating_sub(1));
    let page = db.page(me, asked.conversation, before, 1, usize::MAX).await?.unwrap_or_default();
    let Some(item) = page.into_iter().next().filter(|item| item.message.seq == asked.number) else {
        return Ok(false);
    };
    let content = Value::decode(item.message.body, &Limits::default())?;
    Ok(matches!(TakenBack::of(&content), Some(TakenBack::Other(_))))
}

fn body(said: TakenBack, text: &str) -> Result<Bytes> {
    let mut body = BytesMut::new();
    said.content(text)?.encode(&mut body)?;
    Ok(body.freeze())
}

/// Refuses messages in which a client says what only the server may say.
#[filter]
async fn no_forged_recall(draft: MessageDraft) -> Result<MessageDraft> {
    ensure!(TakenBack::of(&draft.message).is_none(), Forged);
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uchat_db::{NewMessage, Target};
    use uchat_framework::testkit;

    async fn say(db: &Db, sender: UserId, time_ms: u64) {
        let new = NewMessage {
            sender,
            target: Target::User(3 - sender),
            body: Bytes::from_static(&[0]),
            time_ms,
            sent: true,
        };
        db.post_message(new, Box::new(|_| {})).await.unwrap();
    }

    #[tokio::test]
    async fn only_a_new_message_of_ones_own_is_taken_back_and_a_notice_never() {
        let db = uchat_db::testkit::with_users(&["ann", "bob"]).await;
        db.request_friend(1, 2).await.unwrap();
        db.accept_friend(2, 1).await.unwrap();
        say(&db, 1, 1000).await;
        say(&db, 1, u64::MAX / 4).await;
        say(&db, 2, u64::MAX / 4).await;
        let ask = |number| {
            let (me, asked) = (testkit::user(1, "ann"), Args(RecallAsked { conversation: 1, number }));
            recall(
                me,
                asked,
                Service::new(Db::clone(&db)),
                Online::recorder(),
                Service::new(Rules::default()),
            )
        };
        assert!(ask(1).await.unwrap_err() == TooLate);
        assert!(ask(3).await.unwrap_err() == NoMessage);
        assert!(ask(9).await.unwrap_err() == NoMessage);
        ask(2).await.unwrap();
        ask(2).await.unwrap();
        assert!(ask(4).await.unwrap_err() == NoMessage, "4 is the notice");
        let page = db.page(2, 1, Page::After(1), 9, usize::MAX).await.unwrap().unwrap();
        let said = |at: usize| {
            let body = page[at].message.body.clone();
            TakenBack::of(&Value::decode(body, &Limits::default()).unwrap())
        };
        assert_eq!((page.len(), said(0), said(2)), (3, Some(TakenBack::This), Some(TakenBack::Other(2))));
    }

    #[tokio::test]
    async fn nobody_says_in_the_name_of_the_server_that_something_was_taken_back() {
        let draft =
            |message| MessageDraft { sender: testkit::user(1, "ann"), to_room: false, target: 2, message };
        let forged = TakenBack::Other(1).content("hi").unwrap();
        assert!(no_forged_recall(draft(forged)).await.unwrap_err() == Forged);
        assert!(no_forged_recall(draft(Value::from("hi"))).await.is_ok());
    }
}
