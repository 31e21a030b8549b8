//! Who may come into a room, who may speak there, and what changes it.

use std::sync::Arc;

use bytes::Bytes;

use crate::model::{Room, RoomId, Stored, User, UserId};

/// How one becomes a member of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Entry {
    /// Whoever knows the number comes in.
    #[default]
    Open,
    /// Only who was invited by a member.
    Invitation,
    /// The owner lets in each one who asks.
    Approval,
}

/// A room with its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomState {
    /// The room.
    pub room: Room,
    /// Whose it is; none in an imported database.
    pub owner: Option<UserId>,
    /// How one becomes a member.
    pub entry: Entry,
    /// Whether only the owner and those named may speak.
    pub muted: bool,
}

/// A member of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: User,
    /// Whether the room is this user's.
    pub owner: bool,
    /// Whether the user may speak while the room is muted, without being its owner.
    pub voice: bool,
}

/// What a user does with a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomAction {
    /// Comes in by the number, as the room's rule is: at once, or the owner is asked.
    Enter,
    /// Leaves. An owner's room goes to the member who has been there longest; the last one closes it.
    Leave,
    /// Asks a friend in.
    Invite(UserId),
    /// Takes an invitation, or doesn't.
    Answer(bool),
    /// The owner gives it another name.
    Rename(String),
    /// The owner puts a member out.
    Remove(UserId),
    /// The owner gives it to a member.
    HandOver(UserId),
    /// The owner sets how one becomes a member.
    SetEntry(Entry),
    /// The owner sets whether only he, and those named, may speak.
    SetMuted(bool),
    /// The owner names a member who may speak while it is muted, or no longer.
    SetVoice(UserId, bool),
    /// The owner lets somebody in who has asked, or doesn't.
    Resolve(UserId, bool),
    /// The owner ends it for all.
    Close,
}

/// An action to be done.
#[derive(Clone, Debug)]
pub struct RoomChange {
    /// Who does it.
    pub actor: UserId,
    /// Where.
    pub room: RoomId,
    /// What.
    pub action: RoomAction,
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
    /// How many members a room has at most.
    pub most_members: usize,
    /// How many invitations, and how many requests, a room has open at most; and a user invitations.
    pub most_waiting: usize,
}

/// Why an action was not done. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomRefusal {
    /// There is no such room.
    NoSuchRoom,
    /// Only members may do this.
    NotMember,
    /// Only the owner may do this.
    NotOwner,
    /// The one whom it is about is no member.
    NoSuchMember,
    /// The one whom it is about is a member already.
    AlreadyMember,
    /// An owner does not do this to himself.
    Yourself,
    /// Only friends can be invited.
    NotFriends,
    /// One comes in by invitation only.
    InvitationOnly,
    /// There is no such invitation or request.
    NothingOpen,
    /// It has been asked before.
    AlreadyAsked,
    /// Another room has this name.
    NameTaken,
    /// The room has as many members as it may have.
    Full,
    /// Too many invitations or requests are open.
    TooManyOpen,
}

/// What an action has done.
#[derive(Clone, Debug)]
pub struct RoomChanged {
    /// The room and its rules afterwards; as they were if it is closed.
    pub state: RoomState,
    /// Who was a member before or is one afterwards.
    pub concerned: Vec<UserId>,
    /// Who has the room because its owner has left.
    pub heir: Option<User>,
    /// Who has become a member.
    pub joined: Option<UserId>,
    /// Whether there is no such room any more.
    pub closed: bool,
    /// The message that tells the members of it.
    pub line: Option<Arc<Stored>>,
}

/// Writes the message that tells the members of a change, which is stored with the change; none if nothing is told.
pub type RoomLine = Box<dyn FnOnce(&RoomChanged) -> Option<Bytes> + Send>;

/// An invitation that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Where to.
    pub room: Room,
    /// Who invites.
    pub by: User,
}
