//! What is typed about the room that is open.

use uchat_client_core::json::Target;
use uchat_client_core::state::{ConversationId, entry_of};
use uchat_client_core::{Request, RoomAct};
use uchat_codec::chat::room::RoomNews;

use super::Chat;

/// The words of these commands; `/members` with a room goes anywhere.
pub(super) const WORDS: [&str; 15] = [
    "leave",
    "invite",
    "rename",
    "remove",
    "handover",
    "entry",
    "letin",
    "turnaway",
    "mute",
    "unmute",
    "voice",
    "unvoice",
    "close-room",
    "room",
    "members",
];

impl Chat {
    /// The room that is open.
    pub(super) fn open_room(&self) -> Option<u64> {
        match self.app.state.open_conversation() {
            Some(ConversationId::Room(room)) => Some(room),
            _ => None,
        }
    }

    /// Whether the user reads of a change in a line of the room: not who goes, nor anybody when the room is closed.
    pub(super) fn is_read(&self, news: &RoomNews) -> bool {
        news.event != "closed" && self.app.state.me().is_none_or(|me| me.id != news.user)
    }

    /// Asks who is in a room: the existing server does not know what the members are there.
    pub(super) fn ask_room(&self, room: u64) -> Request {
        if self.strong { Request::AskRoom(room) } else { Request::QueryRoomUsers(room) }
    }

    /// The request that does something with a room.
    pub(super) fn do_with_room(&self, act: RoomAct) -> Request {
        Request::Room { id: self.app.client.next_call(), act }
    }

    /// Does what was typed about this room.
    pub(super) async fn in_room(&mut self, room: u64, word: &str, rest: &str) -> anyhow::Result<()> {
        if matches!(word, "members" | "room") {
            let room = if rest.is_empty() { room } else { Target::typed(rest).room(&self.app.state)? };
            return self.request(self.ask_room(room)).await;
        }
        match self.room_act(room, word, rest)? {
            Some(act) => self.request(self.do_with_room(act)).await,
            None => Ok(self.screen.print(self.language.help())?),
        }
    }

    /// What the words mean; none where one is missing.
    fn room_act(&self, room: u64, word: &str, rest: &str) -> anyhow::Result<Option<RoomAct>> {
        let (state, target) = (&self.app.state, Target::typed(rest));
        let member = || target.member(room, state);
        Ok(Some(match (word, rest) {
            ("leave", _) => RoomAct::Leave { room },
            ("mute" | "unmute", _) => RoomAct::SetMuted { room, muted: word == "mute" },
            ("close-room", _) => RoomAct::Close { room },
            (_, "") => return Ok(None),
            ("invite", _) => RoomAct::Invite { room, user: target.friend(state)? },
            ("rename", name) => RoomAct::Rename { room, name: name.into() },
            ("remove", _) => RoomAct::Remove { room, user: member()? },
            ("handover", _) => RoomAct::HandOver { room, user: member()? },
            ("voice" | "unvoice", _) => RoomAct::SetVoice { room, user: member()?, voice: word == "voice" },
            ("letin" | "turnaway", _) => RoomAct::Resolve { room, user: member()?, accept: word == "letin" },
            ("entry", rule) => match entry_of(rule) {
                Some(entry) => RoomAct::SetEntry { room, entry },
                None => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }
}
