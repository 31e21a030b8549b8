//! Opcode 6: a message to a friend or a room.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use uchat_db::{ClientMessageId, Db, NewMessage as Letter, Posting, Receipt, Stored, Target};
use uchat_events::MessageDraft;
use uchat_framework::codec::chat::room::SYSTEM_KEY;
use uchat_framework::codec::chat::{FileRef, NUMBERS, NewMessage, SendMessage};
use uchat_framework::codec::{
    encode_message,
    opcode::{ON_NEW_MESSAGE, SEND_MESSAGE},
};
use uchat_framework::prelude::*;

use crate::history::delivered;
use crate::numbered::event;

rejections! {
    /// They are not friends.
    NotFriends = "还不是好友",
    /// Not a member of the room, or there is no such room.
    NotMember = "还没有加入该群",
    /// The room is muted: only its owner speaks, and who was given a voice.
    Muted = "群主已开启禁言",
    /// A content of this kind comes from the server only.
    SystemContent = "不能发送系统消息 (only the server says this)",
    /// It refers to a file that is not there, or that the sender may not have.
    NoSuchFile = "文件不存在或已过期 (no such file, or not for you)",
    /// The target is neither a user (0) nor a room (1).
    NoSuchTarget = "未知的消息目标 (target_type must be 0 or 1)",
}

/// Sends a message to a friend or a room. The sender's copy comes back when the message is durable.
#[handler(SEND_MESSAGE)]
async fn send_message(
    me: User,
    Args(new): Args<SendMessage>,
    db: Service<Db>,
    online: Online,
    notifier: Notifier,
) -> Result<Later<()>> {
    let stored = post(&me, None, new, &db, online, &notifier).await?;
    Ok(Later::new(async move { stored.await.map(|_| ()) }))
}

/// Gives a message its place in the store, which hands it to those who are there; with a name, unless it was stored under it
/// before. What is returned ends when the message is durable.
pub(crate) async fn post(
    me: &User,
    name: Option<ClientMessageId>,
    mut new: SendMessage,
    db: &Db,
    online: Online,
    notifier: &Notifier,
) -> Result<impl Future<Output = Result<Receipt>> + Send + use<>> {
    let target = match new.target_type {
        0 => Target::User(new.target_id),
        1 => Target::Room(new.target_id),
        _ => return Err(NoSuchTarget.into()),
    };
    let draft = MessageDraft {
        sender: me.clone(),
        to_room: matches!(target, Target::Room(_)),
        target: new.target_id,
        message: new.message,
    };
    new.message = notifier.filter(draft).await?.message;
    // What our clients show as a line of the server itself can't be said by anybody else.
    ensure!(new.message.get(SYSTEM_KEY).is_none(), SystemContent);
    let file = FileRef::in_message(&new.message);
    let mut body = BytesMut::new();
    new.message.encode(&mut body)?;
    let time_ms = now_ms()?;
    let file_hash = file.as_ref().map(|file| file.sha256.0);
    // Who knows no numbers knows no files either.
    let in_words = match file {
        Some(file) => Some(encode_copies(
            me,
            SendMessage {
                message: file.for_old_clients()?,
                target_type: new.target_type,
                target_id: new.target_id,
            },
            time_ms,
        )?),
        None => None,
    };
    let (to_sender, to_others) = encode_copies(me, new, time_ms)?;
    let sent = match target {
        Target::User(user) => online.is_online(user),
        Target::Room(_) => true,
    };
    let letter = Letter { sender: me.id, target, body: body.freeze(), time_ms, sent };
    let (store, sender) = (Arc::clone(db), me.id);
    let publish = move |stored: &Stored| {
        let copies = Copies::new(to_sender, to_others, in_words, stored);
        for recipient in &stored.recipients {
            online.publish(*recipient, stored.id, |client| {
                let own = *recipient == sender;
                // Who knows numbers says itself what has arrived.
                match client.has(NUMBERS).then(|| copies.numbered(own)).flatten() {
                    Some(bytes) => Push::encoded(bytes),
                    None => Push::encoded(copies.simple(own)).then(delivered(
                        &store,
                        *recipient,
                        stored.conversation,
                        stored.seq,
                    )),
                }
            });
        }
    };
    let stored = match file_hash {
        Some(file) => db.queue_file_message(name, letter, file, Box::new(publish)).await?,
        None => db.queue_message(name, letter, Box::new(publish)).await?,
    };
    Ok(async move {
        match stored.await? {
            Posting::Stored(stored) => Ok(stored.receipt()),
            Posting::Repeated(receipt) => Ok(receipt),
            Posting::NotFriends => Err(NotFriends.into()),
            Posting::NotMember => Err(NotMember.into()),
            Posting::Muted => Err(Muted.into()),
            Posting::NoSuchFile => Err(NoSuchFile.into()),
        }
    })
}

/// What the receivers of one message get: each form is encoded once, whatever their number.
struct Copies<'a> {
    to_sender: Bytes,
    to_others: Bytes,
    /// The two for clients that would not understand them.
    in_words: Option<(Bytes, Bytes)>,
    stored: &'a Stored,
    numbered_to_sender: OnceCell<Option<Bytes>>,
    numbered_to_others: OnceCell<Option<Bytes>>,
}

impl<'a> Copies<'a> {
    fn new(to_sender: Bytes, to_others: Bytes, in_words: Option<(Bytes, Bytes)>, stored: &'a Stored) -> Self {
        let (numbered_to_sender, numbered_to_others) = Default::default();
        Self { to_sender, to_others, in_words, stored, numbered_to_sender, numbered_to_others }
    }

    fn plain(&self, own: bool) -> Bytes {
        if own { self.to_sender.clone() } else { self.to_others.clone() }
    }

    fn simple(&self, own: bool) -> Bytes {
        match &self.in_words {
            Some((to_sender, to_others)) => {
                if own {
                    to_sender.clone()
                } else {
                    to_others.clone()
                }
            }
            None => self.plain(own),
        }
    }

    /// None for a message so long that it has no room for its number.
    fn numbered(&self, own: bool) -> Option<Bytes> {
        // In a room all get the same.
        let own = own && self.to_sender != self.to_others;
        let cell = if own { &self.numbered_to_sender } else { &self.numbered_to_others };
        cell.get_or_init(|| event(self.stored, self.plain(own).slice(1..)).ok()).clone()
    }
}

/// The message as the sender sees it and as everybody else does: a private message names to each the other one; in a
/// room both are the same bytes.
fn encode_copies(me: &User, new: SendMessage, time_ms: u64) -> Result<(Bytes, Bytes)> {
    let private = new.target_type == 0;
    let mut copy = NewMessage {
        message: new.message,
        sender_id: me.id,
        sender_name: me.name.to_string(),
        target_type: new.target_type,
        time: time_ms,
        target_id: new.target_id,
    };
    let to_sender = encode_message(ON_NEW_MESSAGE, &copy)?;
    if !private {
        return Ok((to_sender.clone(), to_sender));
    }
    copy.target_id = me.id;
    Ok((to_sender, encode_message(ON_NEW_MESSAGE, &copy)?))
}

/// Milliseconds since 1970, by the server's clock.
fn now_ms() -> Result<u64> {
    Ok(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}
