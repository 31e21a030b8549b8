//! Opcode 1: who one is, and what one missed.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::BytesMut;
use uchat_config::Settings;
use uchat_db::{Credentials, Db, HistoryItem, LoginHistory, Target, User as Account};
use uchat_framework::codec::chat::{Blob, FriendInfo, Login, LoginBundle, NewMessage, RoomInfo, UserInfo};
use uchat_framework::codec::opcode::{
    INCOMING_FRIEND_REQUEST, LOGIN, LOGIN_BUNDLE, LOGIN_FAILED, LOGIN_SUCCESSFUL, SERVER_KICK,
};
use uchat_framework::codec::{Limits, Value, encode_to};
use uchat_framework::prelude::*;
use uchat_framework::{Feed, Rejection};

use crate::password::{Passwords, Verdict};
use crate::rules;

rejections! {
    /// No such user, or another password: the same answer for both.
    WrongCredentials = "登入失败，请检查用户名密码" => LOGIN_FAILED,
    /// The account has used the strong suite, and the classic one is not for it any more.
    ClassicRefused = "该账户已用安全方式登录过，不能再用旧版方式登录 (this account has used the strong suite; log in with it)",
}

/// The role of the users that `accounts.operators` names.
const OPERATOR: &str = "operator";

/// Logs in: answers with the user, the friend requests that wait, then rooms, friends and messages.
#[handler(LOGIN)]
async fn login(
    caller: Caller,
    Args(Login(name, password)): Args<Login>,
    db: Service<Db>,
    settings: Service<Settings>,
    passwords: Service<Passwords>,
    feed: Service<Arc<dyn Feed>>,
    online: Online,
) -> Result<Replies> {
    let name = rules::fold(&name);
    let Credentials { id, strong, .. } = authenticate(&name, &password, &db, &passwords).await?;
    // Told only to who knows the password.
    ensure!(caller.is_strong() || !strong || settings.accounts.classic_after_strong, ClassicRefused);
    if caller.is_strong() && !strong {
        db.set_strong(id).await?;
    }
    let address = caller.address();
    db.set_address(id, &address.ip().to_canonical().to_string(), &address.port().to_string()).await?;
    let roles: Vec<String> = settings
        .accounts
        .operators
        .iter()
        .filter(|operator| **operator == name)
        .map(|_| OPERATOR.into())
        .collect();
    caller.sign_in(id, &name, &roles, Push::new(SERVER_KICK, &())?).await;
    // From here on what others send reaches this session, so nothing falls between the history and the feed.
    match welcome(id, &db, &settings, &online).await {
        Ok((replies, position)) => Ok(replies.then_follow(Arc::clone(&feed), position)),
        Err(error) => {
            caller.sign_out().await;
            Err(error)
        }
    }
}

async fn authenticate(name: &str, password: &str, db: &Db, passwords: &Passwords) -> Result<Credentials> {
    let credentials = db.credentials(name).await?;
    let stored = credentials.as_ref().map(|credentials| credentials.password.clone());
    let verdict = passwords.verify(password, stored).await?;
    let Some(credentials) = credentials.filter(|_| verdict != Verdict::Wrong) else {
        tracing::info!(user = %loggable(name), "login refused");
        return Err(Rejection::into(WrongCredentials));
    };
    if verdict == Verdict::RightButOld {
        db.set_password(credentials.id, passwords.hash(password).await?).await?;
        tracing::info!(user = name, "the old password hash was replaced");
    }
    Ok(credentials)
}

/// A name that nobody has checked, cut short and without control characters for the log.
fn loggable(name: &str) -> String {
    name.chars().take(32).filter(|c| !c.is_control()).collect()
}

async fn welcome(id: UserId, db: &Db, settings: &Settings, online: &Online) -> Result<(Replies, u64)> {
    let me = db.user(id).await?.ok_or(WrongCredentials)?;
    let mut replies = Replies::one(LOGIN_SUCCESSFUL, &info(me, online))?;
    for requester in db.pending_requests(id).await? {
        replies = replies.and(INCOMING_FRIEND_REQUEST, &info(requester, online))?;
    }
    let history = db.login_history(id, settings.history.max_messages, settings.history.max_bytes).await?;
    let position = history.position;
    let friends =
        db.friends(id).await?.into_iter().map(|friend| FriendInfo::from(info(friend, online))).collect();
    let rooms = db.rooms_of(id).await?.into_iter().map(|room| RoomInfo::new(room.id, room.name)).collect();
    let bundle = LoginBundle { rooms, friends, messages: entries(id, &history)? };
    let push = Push::new(LOGIN_BUNDLE, &bundle)?;
    Ok((replies.push(delivered_when_written(push, id, &history, db)), position))
}

fn info(user: Account, online: &Online) -> UserInfo {
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
        let parameters = NewMessage {
            message: Value::decode(message.body.clone(), &Limits::default())?,
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
