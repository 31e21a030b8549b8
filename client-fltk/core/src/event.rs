//! What a client hears: from the server, and from its own connection.

use std::path::PathBuf;
use std::time::Duration;

use uchat_codec::chat::room::{InvitationTo, RoomDetails, RoomNews, RoomRequest};
use uchat_codec::chat::{CallError, Contact, CursorMoved, FriendInfo, RoomInfo, Standing, UserInfo};
use uchat_codec::{Opcode, SuiteName, Value};

use crate::arrived::Arrived;

/// Something has happened. In the order in which it happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// An attempt to connect begins.
    Connecting {
        /// `host:port`.
        server: String,
        /// 1 for the first since the last connection.
        attempt: u32,
    },
    /// The handshake is done; requests are taken from now on.
    Connected {
        /// Which one of this client: 1 is the first.
        number: u64,
        /// `host:port`.
        server: String,
        /// How frames are protected.
        suite: SuiteName,
        /// The identity key that the server has proved to have, with the strong suite.
        server_key: Option<[u8; 32]>,
    },
    /// There is no connection any more, or none came about.
    Disconnected {
        /// Why.
        reason: DisconnectReason,
        /// When the next attempt comes by itself; `None` = not before [`Client::connect`](crate::Client::connect).
        retry_in: Option<Duration>,
        /// How many requests were queued and never sent.
        unsent: usize,
    },
    /// Messages are taken again, after one had been refused because too many requests were waiting.
    QueueHasRoom,
    /// Logged in, and as whom.
    LoggedIn(UserInfo),
    /// Wrong name or password.
    LoginFailed,
    /// The number of the new account.
    Registered(u64),
    /// Somebody has that name.
    UsernameTaken,
    /// The server has refused something; in its words.
    Failure(String),
    /// A text of the server for the user.
    Notice(String),
    /// Somebody wants to be a friend.
    FriendRequest(UserInfo),
    /// Whether a friend request of ours went out.
    FriendRequestResult {
        /// Whether it did.
        ok: bool,
        /// If not, why; in the server's words.
        text: String,
    },
    /// A new friend or room, or news about a known one.
    ContactAdded(Contact),
    /// Whether a friendship was ended on our request.
    FriendDeleteResult {
        /// Whether it was.
        ok: bool,
        /// If not, why; in the server's words.
        text: String,
    },
    /// This user is no friend any more.
    FriendDeleted(UserInfo),
    /// A friend has come or gone.
    Presence {
        /// The friend's number.
        user: u64,
        /// Whether online now.
        online: bool,
    },
    /// A member of one of our rooms has come or gone.
    RoomPresence {
        /// The room's number.
        room: u64,
        /// The member's number.
        user: u64,
        /// Whether online now.
        online: bool,
    },
    /// Who is in a room.
    RoomUsers {
        /// The room's number.
        room: u64,
        /// Its members.
        members: Vec<Member>,
    },
    /// A room with its rules, and who is what in it.
    RoomDetails(RoomDetails),
    /// A room has changed; also told to who is no member any more.
    RoomChanged(RoomNews),
    /// Somebody invites the user into a room.
    Invited(InvitationTo),
    /// All invitations that wait for an answer.
    Invitations(Vec<InvitationTo>),
    /// Somebody wants to come into a room of the user's.
    RoomRequested(RoomRequest),
    /// Everybody who wants to come into a room of the user's.
    RoomRequests(Vec<RoomRequest>),
    /// A message; our own come back this way too.
    Message(Arrived),
    /// Messages from before, that were missing here or were asked for.
    Fetched(Fetched),
    /// How far somebody else is in a conversation.
    Cursor(CursorMoved),
    /// What was there at login.
    Bundle(Bundle),
    /// The account was logged in elsewhere. The server ends the connection.
    Kicked,
    /// What was sent to be echoed.
    Echo(Value),
    /// The answer to a named call.
    CallAnswer {
        /// The number that [`Client::call`](crate::Client::call) gave.
        id: u64,
        /// What came of it.
        outcome: Result<Value, CallError>,
    },
    /// Something that a plug-in of the server tells.
    Named {
        /// What it is about: `acme.poked`.
        name: String,
        /// The particulars.
        args: Value,
    },
    /// The server has issued a certificate for our key, which is kept now.
    Certified {
        /// In whose name.
        username: String,
        /// Until when it is valid, in seconds since 1970.
        not_after: u64,
        /// Where it is, in PEM.
        path: PathBuf,
    },
    /// The safety number that was asked for.
    SafetyNumber(Safety),
    /// A friend whose key was verified has another one: a new device, or somebody who only seems to be the friend.
    KeyChanged {
        /// The friend's number.
        user: u64,
        /// The friend's name, as the certificate says.
        name: String,
        /// The new key.
        key: [u8; 32],
    },
    /// The server sent something that this client can't read. The connection goes on.
    Undecodable {
        /// What it was about, as far as that could be read.
        opcode: Option<Opcode>,
        /// What is wrong and where.
        why: String,
    },
}

/// How one can see whether a friend's key is the friend's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Safety {
    /// The friend's number.
    pub user: u64,
    /// The friend's name, as the certificate says.
    pub name: String,
    /// The friend's identity key.
    pub key: [u8; 32],
    /// The number to compare: 12 groups of 5 digits. Both friends see the same.
    pub number: String,
    /// Whether it was compared before and found right.
    pub verified: bool,
}

/// Rooms, friends and messages as they are at login.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bundle {
    /// The user's rooms.
    pub rooms: Vec<RoomInfo>,
    /// The user's friends.
    pub friends: Vec<FriendInfo>,
    /// Messages, the oldest first.
    pub messages: Vec<Arrived>,
    /// How things stand in each conversation, where the server numbers messages.
    pub standings: Vec<Standing>,
    /// How many messages could not be read.
    pub undecodable: usize,
}

/// A part of a conversation from before.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// The server's number of the conversation.
    pub conversation: u64,
    /// Messages, the oldest first.
    pub messages: Vec<Arrived>,
    /// Whether they were asked for with [`Client::older`](crate::Client::older); then none means that there are no older ones.
    pub asked: bool,
}

/// Who is in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The user's number.
    pub id: u64,
    /// The user's name.
    pub name: String,
    /// Whether online now.
    pub online: bool,
    /// Whether the room is this member's, where that is known.
    pub owner: bool,
    /// Whether the member may speak while the room is muted, without being its owner.
    pub voice: bool,
}

impl Member {
    /// One of whom nothing else is known.
    pub fn new(id: u64, name: impl Into<String>, online: bool) -> Self {
        Self { id, name: name.into(), online, owner: false, voice: false }
    }
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// Nobody listens there, or there is no way.
    #[error("could not connect: {0}")]
    Unreachable(String),
    /// The handshake failed.
    #[error("the handshake failed: {0}")]
    Handshake(String),
    /// The server has shown another identity key than the one that is known: somebody may be in between.
    #[error(
        "this is not the server that was there before: it shows the key {}. Somebody may be listening in. If its \
         operator says that the key has changed, give the new one with --fingerprint",
        fingerprint(found)
    )]
    WrongServerKey {
        /// The key that it has shown.
        found: [u8; 32],
    },
    /// The server's certificate is not what it should be: this may not be the server.
    #[error("the certificate of the server is not accepted: {0}")]
    ServerCertificate(String),
    /// The server does not serve this client.
    #[error("the server refuses the connection: {text}")]
    Refused {
        /// A word for programs: `revoked`, `expired`, …
        code: String,
        /// A sentence for people, in the server's words.
        text: String,
    },
    /// The home directory could not be used.
    #[error("{0}")]
    Home(String),
    /// The server closed the connection between two frames.
    #[error("the server closed the connection")]
    Closed,
    /// The server was gone in the middle of a frame, or the network failed.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// A frame too long, or with a wrong digest: the rest of the stream can't be believed.
    #[error("a frame could not be opened: {0}")]
    BadFrame(String),
    /// The server does not react.
    #[error("the server does not answer")]
    Silent,
    /// The account was logged in elsewhere.
    #[error("logged in elsewhere")]
    Kicked,
    /// The user wanted it.
    #[error("disconnected by the user")]
    Requested,
}

impl DisconnectReason {
    /// A word for programs, always the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Handshake(_) => "handshake",
            Self::WrongServerKey { .. } => "wrong_server_key",
            Self::ServerCertificate(_) => "server_certificate",
            Self::Refused { .. } => "refused",
            Self::Home(_) => "home",
            Self::Closed => "closed",
            Self::Broken(_) => "broken",
            Self::BadFrame(_) => "bad_frame",
            Self::Silent => "silent",
            Self::Kicked => "kicked",
            Self::Requested => "requested",
        }
    }

    /// Whether the client should come back by itself.
    pub fn is_unwanted(&self) -> bool {
        !matches!(
            self,
            Self::Kicked
                | Self::Requested
                | Self::Home(_)
                | Self::WrongServerKey { .. }
                | Self::ServerCertificate(_)
                | Self::Refused { .. }
        )
    }
}

/// An identity key as people compare it: hexadecimal, in groups of four.
pub fn fingerprint(key: &[u8; 32]) -> String {
    hex::encode(key).as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// Reads what [`fingerprint`] writes, with or without blanks.
pub fn parse_fingerprint(text: &str) -> Option<[u8; 32]> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let mut key = [0; 32];
    hex::decode_to_slice(digits, &mut key).ok().map(|()| key)
}
