//! What happens once somebody has proved who he is: signed in, noted, and told what was missed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::BytesMut;
use uchat_config::Settings;
use uchat_db::{Db, HistoryItem, LoginHistory, NewLogin, Proof, Target, User as Account};
use uchat_framework::Feed;
use uchat_framework::codec::chat::{
    Blob, FileRef, FriendInfo, LoginBundle, NUMBERS, NewMessage, RoomInfo, UserInfo,
};
use uchat_framework::codec::opcode::{INCOMING_FRIEND_REQUEST, LOGIN_BUNDLE, LOGIN_SUCCESSFUL, SERVER_KICK};
use uchat_framework::codec::{Limits, Value, encode_to};
use uchat_framework::prelude::*;

rejections! {
    /// An operator has shut the account.
    pub(crate) Disabled = "账户已停用，请联系管理员 (this account has been disabled)",
}

/// The role of the users that `accounts.operators` names, and of who has the server's own key.
pub const OPERATOR: &str = "operator";

/// What it takes to let somebody in.
pub(crate) struct Entrance {
    pub(crate) caller: Caller,
    pub(crate) db: Service<Db>,
    pub(crate) settings: Service<Settings>,
    pub(crate) feed: Service<Arc<dyn Feed>>,
    pub(crate) online: Online,
}

impl Entrance {
    /// Signs a user in who has given this proof. None, and nobody is signed in, if it does not hold any more.
    pub(crate) async fn enter(self, id: UserId, name: &str, proof: Proof) -> Result<Option<Replies>> {
        let operators = &self.settings.accounts.operators;
        let roles: Vec<String> =
            operators.iter().filter(|operator| **operator == name).map(|_| OPERATOR.into()).collect();
        let how = if matches!(proof, Proof::Key(_)) { "logs in by key" } else { "logs in by password" };
        tracing::debug!(user = name, how, "proved");
        self.caller.sign_in(id, name, &roles, Push::new(SERVER_KICK, &())?).await;
        // From here on what others send reaches this session, so nothing falls between the history and the feed. And who
        // takes the proof's worth away (a new password, an account that is shut) finds the session to end it, or has
        // done so before it is looked at once more.
        let entered = match self.note(id, proof).await {
            Ok(true) => self.welcome(id).await.map(Some),
            refused => refused.map(|_| None),
        };
        match entered {
            Ok(Some(replies)) => Ok(Some(replies)),
            refused => {
                self.caller.sign_out().await;
                refused.map(|_| None)
            }
        }
    }

    /// What is said to who has come in.
    async fn welcome(&self, id: UserId) -> Result<Replies> {
        let Self { db, settings, online, .. } = self;
        let circle = db.circle(id).await?.ok_or(Disabled)?;
        let mut replies = Replies::one(LOGIN_SUCCESSFUL, &info(circle.me, online))?;
        for requester in circle.requests {
            replies = replies.and(INCOMING_FRIEND_REQUEST, &info(requester, online))?;
        }
        // A client that knows numbers asks for messages itself, with what it has.
        let history = if self.caller.has(NUMBERS) {
            None
        } else {
            Some(db.login_history(id, settings.history.max_messages, settings.history.max_bytes).await?)
        };
        let friends = circle.friends.into_iter().map(|friend| FriendInfo::from(info(friend, online)));
        let rooms = circle.rooms.into_iter().map(|room| RoomInfo::new(room.id, room.name));
        let messages = history.as_ref().map_or_else(|| Ok(Vec::new()), |history| entries(id, history))?;
        let push = Push::new(
            LOGIN_BUNDLE,
            &LoginBundle { rooms: rooms.collect(), friends: friends.collect(), messages },
        )?;
        Ok(match history {
            None => replies.push(push),
            Some(history) => replies
                .push(delivered_when_written(push, id, &history, db))
                .then_follow(Arc::clone(&self.feed), history.position),
        })
    }

    async fn note(&self, user: UserId, proof: Proof) -> Result<bool> {
        let address = self.caller.address();
        let login = NewLogin {
            user,
            proof,
            ip: address.ip().to_canonical().to_string(),
            port: address.port().to_string(),
            device_key: self.caller.identity().identity_key,
            most_keys: self.settings.accounts.device_keys,
            time_ms: u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?,
        };
        Ok(self.db.note_login(login).await?)
    }
}

pub(crate) fn info(user: Account, online: &Online) -> UserInfo {
    UserInfo {
        online: online.is_online(user.id),
        id: user.id,
        username: user.username,
        ip: user.ip,
        port: user.port,
    }
}

/// The messages as the bundle holds them: the parameters of an `on_new_message` in bytes, and whether they are news.
fn entries(me: UserId, history: &LoginHistory) -> Result<Vec<(Blob, u8)>> {
    let entry = |item: &HistoryItem| {
        let message = &item.message;
        let (target_type, target_id) = match message.target_for(me) {
            Target::User(id) => (0, id),
            Target::Room(id) => (1, id),
        };
        let said = Value::decode(message.body.clone(), &Limits::default())?;
        // Only clients that know no numbers, and so no files, get their messages here.
        let said = match FileRef::in_message(&said) {
            Some(file) => file.for_old_clients()?,
            None => said,
        };
        let parameters = NewMessage {
            message: said,
            sender_id: message.sender,
            sender_name: message.sender_name.clone(),
            target_type,
            time: message.time_ms,
            target_id,
        };
        let mut bytes = BytesMut::new();
        encode_to(&parameters, &mut bytes)?;
        Ok((Blob(bytes.freeze()), u8::from(item.delivered)))
    };
    history.messages.iter().map(entry).collect()
}

/// Only what has left the server counts as delivered: if the connection breaks first, it is news again next time.
fn delivered_when_written(push: Push, me: UserId, history: &LoginHistory, db: &Db) -> Push {
    let mut newest = HashMap::new();
    for item in history.messages.iter().filter(|item| !item.delivered) {
        newest.insert(item.message.conversation, item.message.seq);
    }
    let db = Arc::clone(db);
    push.then(move || {
        for (conversation, seq) in newest {
            db.note_delivered(me, conversation, seq);
        }
    })
}
