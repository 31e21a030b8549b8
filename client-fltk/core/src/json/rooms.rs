//! Rooms: what is told about them, and what the commands about them mean.

use serde_json::{Value as Json, json};
use uchat_codec::chat::room::{RoomDetails, SystemLine};

use super::{JsonCommand, Target, UnknownTarget};
use crate::{Event, RoomAct, State};

/// An event about rooms; null for any other.
pub(super) fn event(event: &Event) -> Json {
    match event {
        Event::RoomDetails(RoomDetails { room, name, entry, muted, members, requests }) => json!({
            "event": "room_details", "room": room, "name": name, "entry": entry, "muted": muted, "members": members,
            "requests": requests,
        }),
        Event::RoomChanged(news) => json!({
            "event": "room_changed", "room": news.room, "name": news.name, "what": news.event, "actor": news.actor,
            "user": news.user, "detail": news.detail, "members": news.members,
        }),
        Event::Invited(to) => json!({
            "event": "invited", "room": to.room, "name": to.name, "by": to.by, "by_name": to.by_name,
        }),
        Event::Invitations(all) => json!({"event": "invitations", "invitations": all}),
        Event::RoomRequested(request) => json!({
            "event": "room_requested", "room": request.room, "user": request.user, "username": request.username,
        }),
        Event::RoomRequests(all) => json!({"event": "room_requests", "requests": all}),
        _ => Json::Null,
    }
}

/// A line of the server within a room.
pub(super) fn line(line: &SystemLine, text: &str) -> Json {
    json!({
        "kind": "system", "text": text, "what": line.event, "user": line.user, "name": line.name,
        "detail": line.detail,
    })
}

impl JsonCommand {
    /// What is to be done with a room; none if the command is about something else.
    pub fn room_act(&self, state: &State) -> Result<Option<RoomAct>, UnknownTarget> {
        let member = |room: &Target, user: &Target| -> Result<(u64, u64), UnknownTarget> {
            let room = room.room(state)?;
            Ok((room, user.member(room, state)?))
        };
        Ok(Some(match self {
            Self::LeaveRoom { room } => RoomAct::Leave { room: room.room(state)? },
            Self::Invite { room, user } => {
                RoomAct::Invite { room: room.room(state)?, user: user.friend(state)? }
            }
            Self::AnswerInvitation { room, accept } => {
                RoomAct::Answer { room: room.invitation(state)?, accept: *accept }
            }
            Self::RenameRoom { room, name } => {
                RoomAct::Rename { room: room.room(state)?, name: name.clone() }
            }
            Self::RemoveMember { room, user } => {
                let (room, user) = member(room, user)?;
                RoomAct::Remove { room, user }
            }
            Self::HandOver { room, user } => {
                let (room, user) = member(room, user)?;
                RoomAct::HandOver { room, user }
            }
            Self::SetEntry { room, entry } => RoomAct::SetEntry { room: room.room(state)?, entry: *entry },
            Self::AnswerRequest { room, user, accept } => {
                let (room, user) = member(room, user)?;
                RoomAct::Resolve { room, user, accept: *accept }
            }
            Self::SetMuted { room, muted } => RoomAct::SetMuted { room: room.room(state)?, muted: *muted },
            Self::SetVoice { room, user, voice } => {
                let (room, user) = member(room, user)?;
                RoomAct::SetVoice { room, user, voice: *voice }
            }
            Self::CloseRoom { room } => RoomAct::Close { room: room.room(state)? },
            _ => return Ok(None),
        }))
    }
}
