//! What every change of a room has in common: the store decides, the members are told.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::BytesMut;
use uchat_config::Settings;
use uchat_db::{Committed, Db, RoomAction, RoomChange, RoomChanged, RoomRefusal, Stored};
use uchat_framework::codec::chat::room::{CHANGED, RoomNews, SystemLine};
use uchat_framework::codec::chat::{NUMBERS, NewMessage, RoomInfo, TARGET_ROOM};
use uchat_framework::codec::opcode::{CONTACT_INFO, ON_NEW_MESSAGE};
use uchat_framework::codec::{Value, encode_message};
use uchat_framework::prelude::*;
use uchat_framework::{Error, Rejection};

use crate::words::{about, detail, event, text};

rejections! {
    /// No room has this number.
    pub(crate) NoSuchRoom = "群不存在",
    /// Members only.
    pub(crate) NotMember = "不在群里",
    /// The owner only.
    NotOwner = "只有群主可以这样做 (only the owner may do this)",
    /// The one whom it is about is no member.
    NoSuchMember = "该用户不在群里 (not a member)",
    /// One is a member.
    AlreadyMember = "已经在群里了",
    /// An owner does not do this to himself.
    Yourself = "不能对自己这样做 (not to yourself)",
    /// Only friends can be invited.
    NotFriends = "还不是好友 (not friends)",
    /// One comes in by invitation only.
    InvitationOnly = "该群只能受邀加入 (by invitation only)",
    /// There is no such invitation or request.
    NothingOpen = "没有这个邀请或申请 (no such invitation or request)",
    /// It waits for its answer.
    AlreadyAsked = "已经发送过，请等待回复 (asked before)",
    /// Another room has this name.
    pub(crate) NameTaken = "群名称已存在",
    /// The room has as many members as it may have.
    Full = "群成员已满 (rooms.max_members)",
    /// Too many invitations or requests wait.
    TooManyOpen = "待处理的邀请或申请过多 (rooms.max_open_requests)",
}

fn rejection(refusal: RoomRefusal) -> Rejection {
    match refusal {
        RoomRefusal::NoSuchRoom => NoSuchRoom,
        RoomRefusal::NotMember => NotMember,
        RoomRefusal::NotOwner => NotOwner,
        RoomRefusal::NoSuchMember => NoSuchMember,
        RoomRefusal::AlreadyMember => AlreadyMember,
        RoomRefusal::Yourself => Yourself,
        RoomRefusal::NotFriends => NotFriends,
        RoomRefusal::InvitationOnly => InvitationOnly,
        RoomRefusal::NothingOpen => NothingOpen,
        RoomRefusal::AlreadyAsked => AlreadyAsked,
        RoomRefusal::NameTaken => NameTaken,
        RoomRefusal::Full => Full,
        RoomRefusal::TooManyOpen => TooManyOpen,
    }
}

/// Does it, or says why not; the members get a line, and those with a client that knows of it an event.
pub(crate) async fn act(
    me: &User,
    room: u64,
    action: RoomAction,
    db: &Db,
    settings: &Settings,
    online: &Online,
) -> Result<RoomChanged> {
    let user = about(&action).unwrap_or(me.id);
    let name = if user == me.id {
        me.name.to_string()
    } else {
        db.user(user).await?.map(|user| user.username).unwrap_or_default()
    };
    let time_ms = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let change = RoomChange {
        actor: me.id,
        room,
        action: action.clone(),
        time_ms,
        most_members: settings.rooms.max_members,
        most_waiting: settings.rooms.max_open_requests,
    };
    let (told, named) = (action.clone(), name.clone());
    let line = Box::new(move |changed: &RoomChanged| {
        let event = event(&told, changed)?.to_owned();
        let text = text(&told, changed, &named)?;
        let detail = detail(&told, changed, &named);
        let message = SystemLine { event, user, name: named, detail }.message(text).ok()?;
        let mut body = BytesMut::new();
        message.encode(&mut body).ok()?;
        Some(body.freeze())
    });
    let outcome = db.change_room(change, line, publisher(room, db, online)).await?;
    let changed = outcome.map_err(rejection)?;
    tell(me, (user, &name), &action, &changed, online);
    Ok(changed)
}

/// Hands the stored line to the members who are there.
fn publisher(room: u64, db: &Db, online: &Online) -> Committed {
    let (db, online) = (Arc::clone(db), online.clone());
    Box::new(move |stored: &Stored| {
        let encoded = Value::decode(stored.body.clone(), &uchat_framework::codec::Limits::default())
            .map_err(Error::from)
            .and_then(|message| {
                let line = NewMessage {
                    message,
                    sender_id: stored.sender,
                    sender_name: stored.sender_name.clone(),
                    target_type: TARGET_ROOM,
                    time: stored.time_ms,
                    target_id: room,
                };
                Ok(encode_message(ON_NEW_MESSAGE, &line)?)
            });
        let Ok(bytes) = encoded else { return };
        for recipient in &stored.recipients {
            // A client that knows numbers reads it from the store, with its number.
            if online.has(*recipient, NUMBERS) {
                online.catch_up(*recipient);
                continue;
            }
            let (db, recipient) = (Arc::clone(&db), *recipient);
            let (conversation, seq) = (stored.conversation, stored.seq);
            let written = move || db.note_delivered(recipient, conversation, seq);
            online.publish(recipient, stored.id, |_| Push::encoded(bytes.clone()).then(written));
        }
    })
}

fn tell(
    me: &User,
    (user, name): (UserId, &str),
    action: &RoomAction,
    changed: &RoomChanged,
    online: &Online,
) {
    let Some(event) = event(action, changed) else { return };
    let room = &changed.state.room;
    // Who has been let in by somebody else learns of the room as if it had been joined by number.
    if let Some(joined) = changed.joined.filter(|joined| *joined != me.id) {
        online.send(joined, CONTACT_INFO, &RoomInfo::new(room.id, room.name.clone()));
    }
    let gone = usize::from(matches!(action, RoomAction::Leave | RoomAction::Remove(_)));
    let members = if changed.closed { 0 } else { changed.concerned.len().saturating_sub(gone) };
    let news = RoomNews {
        room: room.id,
        name: room.name.clone(),
        event: event.to_owned(),
        actor: me.id,
        user,
        detail: detail(action, changed, name),
        members: u64::try_from(members).unwrap_or(u64::MAX),
    };
    // Who comes in by the number has the answer.
    let knows = |member: u64| member == me.id && matches!(action, RoomAction::Enter);
    for member in changed.concerned.iter().filter(|member| !knows(**member)) {
        online.tell(*member, CHANGED, &news);
    }
}
