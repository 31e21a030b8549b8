//! The calls of `uchat.room.`: what members and owners do with a room.

use serde::{Deserialize, Serialize};

use crate::{EncodeError, Value, from_value, to_value};

/// The entry of a text message that makes it a line of the server: a [`SystemLine`]. The server takes it from nobody.
pub const SYSTEM_KEY: &str = "system";
/// Tells what has changed, as a [`RoomNews`].
pub const CHANGED: &str = "uchat.room.changed";
/// Tells of an invitation, as an [`InvitationTo`].
pub const INVITED: &str = "uchat.room.invited";
/// Tells the owner who asks to come in, as a [`RoomRequest`].
pub const REQUESTED: &str = "uchat.room.requested";

/// A room, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InRoom {
    /// Which.
    pub room: u64,
}

/// A user, and a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInRoom {
    /// Which room.
    pub room: u64,
    /// Whom it is about.
    pub user: u64,
}

/// The answer to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerInvitation {
    /// Which room.
    pub room: u64,
    /// Whether one comes.
    pub accept: bool,
}

/// The owner's answer to who asks to come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveRequest {
    /// Which room.
    pub room: u64,
    /// Who asks.
    pub user: u64,
    /// Whether the user comes in.
    pub accept: bool,
}

/// Another name for a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenameRoom {
    /// Which room.
    pub room: u64,
    /// The name.
    pub name: String,
}

/// How one becomes a member of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// Whoever knows the number comes in.
    #[default]
    Open,
    /// Only who was invited by a member.
    Invitation,
    /// The owner lets in each one who asks.
    Approval,
}

/// Sets how one becomes a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetEntry {
    /// Which room.
    pub room: u64,
    /// How.
    pub entry: Entry,
}

/// Sets who may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMuted {
    /// Which room.
    pub room: u64,
    /// Whether only the owner speaks, and who has a voice.
    pub muted: bool,
}

/// Gives a member a voice, or takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetVoice {
    /// Which room.
    pub room: u64,
    /// Which member.
    pub user: u64,
    /// Whether the member may speak while the room is muted.
    pub voice: bool,
}

/// A member of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomMember {
    /// Number.
    pub id: u64,
    /// Name.
    pub username: String,
    /// Whether the member is online.
    pub online: bool,
    /// Whether the room is this member's.
    pub owner: bool,
    /// Whether the member may speak while the room is muted, without being its owner.
    pub voice: bool,
}

/// A room as its members see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomDetails {
    /// Number.
    pub room: u64,
    /// Name.
    pub name: String,
    /// How one becomes a member.
    pub entry: Entry,
    /// Whether only the owner speaks, and who has a voice.
    pub muted: bool,
    /// In the order of joining.
    pub members: Vec<RoomMember>,
    /// Who asks to come in, oldest first; only the owner is told.
    pub requests: Vec<RoomRequest>,
}

/// Somebody who asks to come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomRequest {
    /// Where.
    pub room: u64,
    /// Who.
    pub user: u64,
    /// The name of who asks.
    pub username: String,
}

/// An invitation that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationTo {
    /// Where to.
    pub room: u64,
    /// The name of the room.
    pub name: String,
    /// Who invites.
    pub by: u64,
    /// The name of who invites.
    pub by_name: String,
}

/// What has happened in a room. Members that it concerns no longer are told too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomNews {
    /// Where.
    pub room: u64,
    /// Its name.
    pub name: String,
    /// What: `joined`, `left`, `removed`, `renamed`, `handed_over`, `entry`, `muted`, `voice`, `closed`.
    pub event: String,
    /// Who did it.
    pub actor: u64,
    /// Whom it is about: who came, went or was named.
    pub user: u64,
    /// What else is to know, as in a [`SystemLine`].
    #[serde(default)]
    pub detail: String,
    /// How many members there are now.
    pub members: u64,
}

/// What is said in a line of the server, beside its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemLine {
    /// What has happened, as in [`RoomNews`].
    pub event: String,
    /// Whom it is about.
    pub user: u64,
    /// The name of the one.
    pub name: String,
    /// What else is to know: the new name of the room (`renamed`), the rule (`entry`), `on` or `off` (`muted`, `voice`), the name
    /// of who comes in (`joined`), or of who has the room now because its owner has gone (`left`); else empty.
    #[serde(default)]
    pub detail: String,
}

#[derive(Serialize)]
struct SystemText {
    #[serde(rename = "type")]
    kind: u8,
    data: String,
    fontsize: u32,
    fontcolor: &'static str,
    system: SystemLine,
}

impl SystemLine {
    /// A message with this line: to a client that knows nothing of it, a text of its sender.
    pub fn message(self, text: impl Into<String>) -> Result<Value, EncodeError> {
        to_value(&SystemText { kind: 0, data: text.into(), fontsize: 16, fontcolor: "#808080", system: self })
    }

    /// The line in the content of a message, and its text; most have none.
    pub fn of(content: &Value) -> Option<(Self, &str)> {
        let line = from_value(content.get(SYSTEM_KEY)?.clone()).ok()?;
        Some((line, content.get("data")?.as_str()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::MessageBody;

    #[test]
    fn a_line_of_the_server_is_told_from_a_text_and_carries_what_it_is_about() {
        let (event, name, detail) = ("voice".to_owned(), "bob".to_owned(), "on".to_owned());
        let line = SystemLine { event, user: 2, name, detail };
        let content = line.clone().message("bob may speak").unwrap();
        assert_eq!(SystemLine::of(&content), Some((line, "bob may speak")));
        assert_eq!(SystemLine::of(&MessageBody::text("bob may speak").into_value().unwrap()), None);
    }

    #[test]
    fn what_has_no_detail_is_read_as_well() {
        let fields = [("event", Value::from("left")), ("user", Value::from(2)), ("name", Value::from("bob"))];
        let line: SystemLine = from_value(Value::Dict(fields.into_iter().collect())).unwrap();
        assert_eq!((line.event.as_str(), line.detail.as_str()), ("left", ""));
    }
}
