//! The words of the state: what can happen to it, what is to be done about it, how much it may hold.

use uchat_codec::Value;
use uchat_codec::chat::UserInfo;

use super::{Contact, ConversationId};
use crate::arrived::Place;
use crate::connection::RequestError;
use crate::store::Unsent;
use crate::{DisconnectReason, Event, Request};

/// What can happen to a state.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Something from the connection.
    Event(Event),
    /// Something from the user.
    Command(Command),
}

impl From<Event> for Input {
    fn from(event: Event) -> Self {
        Self::Event(event)
    }
}

impl From<Command> for Input {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}

/// What a user can do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Looks at a conversation: nothing in it is unread any more.
    Open(ConversationId),
    /// Looks at none.
    Close,
    /// Decides about a friend request later: the server brings it again at the next login.
    Postpone(u64),
    /// The same about an invitation into this room.
    PostponeInvitation(u64),
    /// The same about somebody who wants to come into a room of the user's.
    PostponeRoomRequest {
        /// Which room.
        room: u64,
        /// Who asks.
        user: u64,
    },
    /// Asks the server.
    Request(Request),
    /// What is known from an earlier time: shown as it is until the server has told better, and what was unread then
    /// is unread still. To be given once a sign-in. Nothing happens when somebody else is logged in.
    Restore {
        /// Whose contacts these are.
        me: UserInfo,
        /// Friends and rooms as they were last.
        contacts: Vec<Contact>,
    },
    /// Own messages of an earlier time that the server has not confirmed, to be sent under the names that they have. To be
    /// given once a sign-in.
    RestoreOutgoing(Vec<Unsent>),
    /// Sends a message and keeps it in sight until the server has it.
    Send {
        /// The conversation.
        to: ConversationId,
        /// The content, as [`Request::text`] and [`Request::image`] make it.
        message: Value,
        /// Now, in milliseconds since 1970 UTC.
        time: u64,
    },
    /// Sends a failed message again.
    Retry {
        /// [`Outgoing::id`](super::Outgoing::id).
        id: u64,
        /// Now, in milliseconds since 1970 UTC.
        time: u64,
    },
    /// Gives up a message that did not get out.
    Discard(u64),
    /// The connection did not take a message. One with a name waits if that can change; else it has failed.
    NotSent {
        /// [`Outgoing::id`](super::Outgoing::id).
        id: u64,
        /// What the connection said.
        why: RequestError,
    },
}

/// What is to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Hand this to [`Client::request`](crate::Client::request).
    Request(Request),
    /// The same for a message; when it is not taken, say so with [`Command::NotSent`].
    Send {
        /// [`Outgoing::id`](super::Outgoing::id).
        id: u64,
        /// The request.
        request: Request,
    },
    /// Own messages of this conversation are sending, sent or failed now.
    OutgoingChanged(ConversationId),
    /// Store the content of an image or a file under this name of ours.
    SaveFile {
        /// [`Attachment::file_name`](crate::attachment::Attachment::file_name).
        name: String,
        /// The content.
        data: bytes::Bytes,
    },
    /// The list of contacts looks different now.
    ContactsChanged,
    /// This conversation has new messages or another name.
    ConversationChanged(ConversationId),
    /// Tell the server that the user has read up to this place.
    Read(Place),
    /// Own messages of this conversation may have come farther: see [`State::reached`](super::State::reached).
    ReachedChanged(ConversationId),
    /// A message of somebody else came while its conversation was not open.
    Notify(ConversationId),
    /// The friend requests are others now, or the invitations, or who asks to come into a room.
    RequestsChanged,
    /// The members of this room are others now, or its rules.
    MembersChanged(u64),
    /// [`State::link`](super::State::link) or [`State::me`](super::State::me) is another now.
    LinkChanged,
}

/// How things are with the server.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Link {
    /// Not begun.
    #[default]
    Idle,
    /// On the way.
    Connecting,
    /// Requests are taken.
    Connected,
    /// No connection; whether it comes back by itself.
    Disconnected {
        /// Why.
        reason: DisconnectReason,
        /// Whether another attempt follows by itself.
        comes_back: bool,
    },
    /// The account is used elsewhere.
    Kicked,
}

/// How much a state may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Messages in one conversation.
    pub messages: usize,
    /// Bytes of messages in one conversation, about. The newest message stays, however long.
    pub history_bytes: usize,
    /// Friends, rooms and people of before, all together.
    pub contacts: usize,
    /// Friend requests; as many invitations, and requests to come into rooms.
    pub requests: usize,
    /// Members of one room.
    pub members: usize,
    /// Own messages that the server has not confirmed.
    pub outgoing: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            messages: 5_000,
            history_bytes: 4 * 1024 * 1024,
            contacts: 10_000,
            requests: 1_000,
            members: 10_000,
            outgoing: 200,
        }
    }
}
