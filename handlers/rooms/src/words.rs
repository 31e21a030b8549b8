//! What the members read of a change.

use uchat_db::{Entry, RoomAction, RoomChanged};
use uchat_framework::prelude::*;

/// Whom an action is about, if not the one who does it.
pub(crate) fn about(action: &RoomAction) -> Option<UserId> {
    match action {
        RoomAction::Invite(user)
        | RoomAction::Remove(user)
        | RoomAction::HandOver(user)
        | RoomAction::SetVoice(user, _)
        | RoomAction::Resolve(user, _) => Some(*user),
        _ => None,
    }
}

/// The name of what has happened; none if the members are not concerned.
pub(crate) fn event(action: &RoomAction, changed: &RoomChanged) -> Option<&'static str> {
    match action {
        RoomAction::Enter | RoomAction::Answer(_) | RoomAction::Resolve(..) => {
            changed.joined.is_some().then_some("joined")
        }
        RoomAction::Invite(_) => None,
        RoomAction::Leave => Some("left"),
        RoomAction::Rename(_) => Some("renamed"),
        RoomAction::Remove(_) => Some("removed"),
        RoomAction::HandOver(_) => Some("handed_over"),
        RoomAction::SetEntry(_) => Some("entry"),
        RoomAction::SetMuted(_) => Some("muted"),
        RoomAction::SetVoice(..) => Some("voice"),
        RoomAction::Close => Some("closed"),
    }
}

/// What else there is to know, for clients with words of their own: see [`SystemLine::detail`].
///
/// [`SystemLine::detail`]: uchat_framework::codec::chat::room::SystemLine::detail
pub(crate) fn detail(action: &RoomAction, changed: &RoomChanged, name: &str) -> String {
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    match action {
        RoomAction::Rename(name) => name.clone(),
        RoomAction::SetEntry(Entry::Open) => "open".into(),
        RoomAction::SetEntry(Entry::Invitation) => "invitation".into(),
        RoomAction::SetEntry(Entry::Approval) => "approval".into(),
        RoomAction::SetMuted(on) | RoomAction::SetVoice(_, on) => switch(*on),
        RoomAction::Enter | RoomAction::Answer(_) | RoomAction::Resolve(..) => name.into(),
        RoomAction::Leave => changed.heir.as_ref().map(|heir| heir.username.clone()).unwrap_or_default(),
        RoomAction::Invite(_) | RoomAction::Remove(_) | RoomAction::HandOver(_) | RoomAction::Close => {
            String::new()
        }
    }
}

/// The text of the line, said by the one who does it. Who comes in by the number does so without one, as ever.
pub(crate) fn text(action: &RoomAction, changed: &RoomChanged, name: &str) -> Option<String> {
    let text = match action {
        RoomAction::Enter | RoomAction::Invite(_) => return None,
        RoomAction::Answer(_) => "接受邀请，加入了群".into(),
        RoomAction::Resolve(..) => format!("同意 {name} 加入群"),
        RoomAction::Leave => match &changed.heir {
            Some(heir) => format!("退出了群，群主现为 {}", heir.username),
            None => "退出了群".into(),
        },
        RoomAction::Rename(name) => format!("将群名改为 {name}"),
        RoomAction::Remove(_) => format!("将 {name} 移出了群"),
        RoomAction::HandOver(_) => format!("将群主转让给 {name}"),
        RoomAction::SetEntry(Entry::Open) => "设为凭群号加入".into(),
        RoomAction::SetEntry(Entry::Invitation) => "设为只能受邀加入".into(),
        RoomAction::SetEntry(Entry::Approval) => "设为经群主同意加入".into(),
        RoomAction::SetMuted(true) => "开启了禁言".into(),
        RoomAction::SetMuted(false) => "解除了禁言".into(),
        RoomAction::SetVoice(_, true) => format!("允许 {name} 在禁言时发言"),
        RoomAction::SetVoice(_, false) => format!("不再允许 {name} 在禁言时发言"),
        RoomAction::Close => "解散了群".into(),
    };
    Some(text)
}
