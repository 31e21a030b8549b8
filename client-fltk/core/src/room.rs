//! What members and owners do with a room (PROTOCOL.md §5.11), as requests; and what the server answers about rooms.

use serde::Serialize;
use serde::de::DeserializeOwned;
use uchat_codec::chat::room::{
    AnswerInvitation, CHANGED, Entry, INVITED, InRoom, REQUESTED, RenameRoom, ResolveRequest, SetEntry,
    SetMuted, SetVoice, UserInRoom,
};
use uchat_codec::chat::{Call, CallError};
use uchat_codec::{EncodeError, Value, from_value, opcode, to_value};

use crate::Event;

/// The calls that ask for a room have the numbers from here on, with the room's number added.
const DETAILS_CALLS: u64 = 1 << 57;
/// Behind the last of them: asks for invitations.
const INVITATIONS_CALL: u64 = 1 << 58;
/// Asks who wants to come into the own rooms.
const REQUESTS_CALL: u64 = INVITATIONS_CALL + 1;

/// Something that is done with a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomAct {
    /// Leaves it. An owner's room goes to the member who has been there longest; the last one closes it.
    Leave {
        /// Which room.
        room: u64,
    },
    /// Invites a friend into it.
    Invite {
        /// Which room.
        room: u64,
        /// The friend's number.
        user: u64,
    },
    /// Takes an invitation, or doesn't.
    Answer {
        /// Where one is invited to.
        room: u64,
        /// Whether one comes.
        accept: bool,
    },
    /// Gives it another name.
    Rename {
        /// Which room.
        room: u64,
        /// The name.
        name: String,
    },
    /// Puts a member out.
    Remove {
        /// Which room.
        room: u64,
        /// The member's number.
        user: u64,
    },
    /// Makes another member its owner.
    HandOver {
        /// Which room.
        room: u64,
        /// The member's number.
        user: u64,
    },
    /// Sets how one comes in.
    SetEntry {
        /// Which room.
        room: u64,
        /// How.
        entry: Entry,
    },
    /// Lets in who asks, or doesn't.
    Resolve {
        /// Which room.
        room: u64,
        /// Who asks.
        user: u64,
        /// Whether the user comes in.
        accept: bool,
    },
    /// Sets whether only the owner may speak, and who has a voice.
    SetMuted {
        /// Which room.
        room: u64,
        /// Whether it is so.
        muted: bool,
    },
    /// Gives a member a voice in the muted room, or takes it.
    SetVoice {
        /// Which room.
        room: u64,
        /// The member's number.
        user: u64,
        /// Whether the member may speak.
        voice: bool,
    },
    /// Ends it for all.
    Close {
        /// Which room.
        room: u64,
    },
}

impl RoomAct {
    /// Which room it is about.
    pub fn room(&self) -> u64 {
        match self {
            Self::Leave { room }
            | Self::Invite { room, .. }
            | Self::Answer { room, .. }
            | Self::Rename { room, .. }
            | Self::Remove { room, .. }
            | Self::HandOver { room, .. }
            | Self::SetEntry { room, .. }
            | Self::Resolve { room, .. }
            | Self::SetMuted { room, .. }
            | Self::SetVoice { room, .. }
            | Self::Close { room } => *room,
        }
    }

    /// The named call that does it.
    pub(crate) fn call(&self, id: u64) -> Result<Call, EncodeError> {
        let (name, args) = match self.clone() {
            Self::Leave { room } => ("leave", to_value(&InRoom { room })?),
            Self::Invite { room, user } => ("invite", to_value(&UserInRoom { room, user })?),
            Self::Answer { room, accept } => ("answer", to_value(&AnswerInvitation { room, accept })?),
            Self::Rename { room, name } => ("rename", to_value(&RenameRoom { room, name })?),
            Self::Remove { room, user } => ("remove", to_value(&UserInRoom { room, user })?),
            Self::HandOver { room, user } => ("hand_over", to_value(&UserInRoom { room, user })?),
            Self::SetEntry { room, entry } => ("set_entry", to_value(&SetEntry { room, entry })?),
            Self::Resolve { room, user, accept } => {
                ("resolve", to_value(&ResolveRequest { room, user, accept })?)
            }
            Self::SetMuted { room, muted } => ("set_muted", to_value(&SetMuted { room, muted })?),
            Self::SetVoice { room, user, voice } => ("set_voice", to_value(&SetVoice { room, user, voice })?),
            Self::Close { room } => ("close", to_value(&InRoom { room })?),
        };
        Ok(Call { name: format!("uchat.room.{name}"), id, args })
    }
}

/// The call that asks for a room with its members; none for a number that no room has.
pub(crate) fn details_call(room: u64) -> Result<Option<Call>, EncodeError> {
    let id = Some(room).filter(|room| *room < DETAILS_CALLS).map(|room| DETAILS_CALLS + room);
    id.map(|id| own_call("members", id, &InRoom { room })).transpose()
}

/// The call that asks for the own invitations.
pub(crate) fn invitations_call() -> Result<Call, EncodeError> {
    own_call("invitations", INVITATIONS_CALL, &())
}

/// The call that asks who wants to come into the own rooms.
pub(crate) fn requests_call() -> Result<Call, EncodeError> {
    own_call("requests", REQUESTS_CALL, &())
}

fn own_call<T: Serialize>(name: &str, id: u64, args: &T) -> Result<Call, EncodeError> {
    Ok(Call { name: format!("uchat.room.{name}"), id, args: to_value(args)? })
}

/// What the answer to a call of this module's own tells; any other is given back as it is.
pub(crate) fn answered(id: u64, outcome: Result<Value, CallError>) -> Event {
    match (id, outcome) {
        // A server that knows nothing of it has none.
        (INVITATIONS_CALL, outcome) => Event::Invitations(list(outcome)),
        (REQUESTS_CALL, outcome) => Event::RoomRequests(list(outcome)),
        (DETAILS_CALLS..INVITATIONS_CALL, Ok(value)) => {
            from_value(value).map_or_else(|error| unreadable(error.to_string()), Event::RoomDetails)
        }
        (DETAILS_CALLS..INVITATIONS_CALL, Err(error)) => Event::Failure(error.message),
        (id, outcome) => Event::CallAnswer { id, outcome },
    }
}

fn list<T: DeserializeOwned>(outcome: Result<Value, CallError>) -> Vec<T> {
    outcome.ok().and_then(|value| from_value(value).ok()).unwrap_or_default()
}

fn unreadable(why: String) -> Event {
    Event::Undecodable { opcode: Some(opcode::CALL_RESULT), why }
}

/// What the server tells by name, where that is about rooms.
pub(crate) fn told(name: String, args: Value) -> Event {
    let event = match name.as_str() {
        CHANGED => from_value(args.clone()).map(Event::RoomChanged),
        INVITED => from_value(args.clone()).map(Event::Invited),
        REQUESTED => from_value(args.clone()).map(Event::RoomRequested),
        _ => return Event::Named { name, args },
    };
    event.unwrap_or(Event::Named { name, args })
}

#[cfg(test)]
mod tests {
    use uchat_codec::chat::room::RoomDetails;

    use super::*;

    #[test]
    fn only_answers_to_what_was_asked_here_are_about_rooms() {
        let refused = || Err(CallError { code: "not_member".into(), message: "不在群里".into() });
        assert_eq!(answered(DETAILS_CALLS + 7, refused()), Event::Failure("不在群里".into()));
        assert_eq!(answered(INVITATIONS_CALL, refused()), Event::Invitations(vec![]));
        assert!(matches!(answered(7, refused()), Event::CallAnswer { id: 7, .. }));
        assert!(matches!(answered(crate::request::SEND_CALLS, refused()), Event::CallAnswer { .. }));
        let details = RoomDetails {
            room: 7,
            name: "tea".into(),
            entry: Entry::Approval,
            muted: true,
            members: vec![],
            requests: vec![],
        };
        let answer = answered(DETAILS_CALLS + 7, Ok(to_value(&details).unwrap()));
        assert_eq!(answer, Event::RoomDetails(details));
    }

    #[test]
    fn a_number_that_no_room_has_is_not_asked_for() {
        assert_eq!(details_call(u64::MAX).unwrap(), None);
        assert_eq!(details_call(7).unwrap().unwrap().id, DETAILS_CALLS + 7);
    }
}
