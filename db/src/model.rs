//! What goes into a store and comes out of it.

mod circle;
mod delivery;
mod files;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

pub use circle::{Audience, Circle};
pub use delivery::{Cursor, Moved, Page, Resume, Resumption, Standing};
pub use files::{Beginning, FileBounds, FileHash, FilePart, Finishing, NewFile, Swept, Writing};

/// The number of a user.
pub type UserId = u64;
/// The number of a room.
pub type RoomId = u64;
/// The number of a message: unique, and greater than that of every message committed before.
pub type MessageId = u64;
/// The number of a conversation: of two users, or of a room.
pub type ConversationId = u64;

/// A user, without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Number.
    pub id: UserId,
    /// Name, trimmed and in lower case.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// IP address of the last login, as text.
    pub ip: String,
    /// Port of the last login, as text.
    pub port: String,
    /// One of `保密`, `男`, `女`.
    pub sex: String,
    /// `保密`, or a number.
    pub age: String,
}

/// A stored password hash. Does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// What a login is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose.
    pub id: UserId,
    /// The hash.
    pub password: PasswordHash,
    /// Whether the account has logged in over the strong suite before.
    pub strong: bool,
    /// Whether an operator has shut it.
    pub disabled: bool,
}

/// What a login with a device key is checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// Whose key it is.
    pub id: UserId,
    /// Whether an operator has shut the account.
    pub disabled: bool,
}

/// An Ed25519 public key, by which a device is known over the strong suite.
pub type IdentityKey = [u8; 32];

/// What a login was checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password, whose hash this was.
    Password(PasswordHash),
    /// A device key of the account.
    Key(IdentityKey),
}

/// A login to take note of.
#[derive(Clone, Debug)]
pub struct NewLogin {
    /// Who.
    pub user: UserId,
    /// What it was checked against.
    pub proof: Proof,
    /// IP address, as text.
    pub ip: String,
    /// Port, as text.
    pub port: String,
    /// The key that the device has proved to have, as it does over the strong suite.
    pub device_key: Option<IdentityKey>,
    /// How many keys the account may have; those used longest ago are forgotten.
    pub most_keys: usize,
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
}

/// Which device keys an account keeps when its password changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptKeys {
    /// All: the password is the same, its hash is another one.
    All,
    /// This one, if it is known.
    Only(IdentityKey),
    /// None.
    None,
}

/// A user as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The user.
    pub user: User,
    /// Whether an operator has shut the account.
    pub disabled: bool,
    /// Whether the account has logged in over the strong suite.
    pub strong: bool,
    /// How many device keys it has.
    pub device_keys: u64,
}

/// A user to be.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Name, trimmed and in lower case.
    pub username: String,
    /// Hash of the password.
    pub password: PasswordHash,
    /// E-mail address; unique whatever the case.
    pub email: String,
    /// IP address, as text.
    pub ip: String,
    /// Port, as text.
    pub port: String,
    /// Sex.
    pub sex: String,
    /// Age.
    pub age: String,
    /// The public number of the client's classic certificate, decimal, if it is known.
    pub public_key: Option<String>,
}

/// How a registration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// There is a new user.
    Created(UserId),
    /// Somebody has this name.
    NameTaken,
    /// Somebody has this e-mail.
    EmailTaken,
}

/// How accepting a friend request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// They are friends now.
    Accepted,
    /// They were friends before.
    AlreadyFriends,
    /// Nobody had asked.
    NoRequest,
    /// The user has as many friends as there may be.
    TooManyFriends,
}

/// How asking somebody to become a friend ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// The request waits for its answer.
    Asked,
    /// It was made before, or they are friends, or one of them is no user.
    Already,
    /// With the open requests of the one who asks there would be more friends than there may be.
    TooManyFriends,
    /// As many requests as there may be wait for the answers of others.
    TooManySent,
    /// As many requests as there may be wait for the answer of the one who is asked.
    TooManyReceived,
}

/// How many friends and open requests a user has at most.
#[derive(Clone, Copy, Debug)]
pub struct FriendLimits {
    /// Friends.
    pub friends: usize,
    /// Requests that wait for the answers of others, and requests that wait for the user's, each.
    pub open_requests: usize,
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Number, by which people join.
    pub id: RoomId,
    /// Name.
    pub name: String,
}

/// How joining a room ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joining {
    /// The user is a member now.
    Joined(Room),
    /// The user was a member before.
    AlreadyMember,
    /// There is no such room.
    NoSuchRoom,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To one user.
    User(UserId),
    /// To all members of a room.
    Room(RoomId),
}

/// A message to be stored.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Who sends it.
    pub sender: UserId,
    /// To whom.
    pub target: Target,
    /// What it says; bytes to the store.
    pub body: Bytes,
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
    /// Whether a receiver was online; kept for readers of the table, unread state does not come from it.
    pub sent: bool,
}

/// The name that a sender has given to a message; the sender never gives it to another one.
pub type ClientMessageId = [u8; 16];

/// Where and when a message was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The conversation that it belongs to.
    pub conversation: ConversationId,
    /// Its number in the conversation: from 1, without gaps.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
}

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its number; strictly increasing in the order of commits.
    pub id: MessageId,
    /// The conversation that it belongs to.
    pub conversation: ConversationId,
    /// Its number in the conversation: from 1, without gaps.
    pub seq: u64,
    /// Who sent it.
    pub sender: UserId,
    /// The sender's name.
    pub sender_name: String,
    /// Where it went.
    pub target: Target,
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
    /// What it says.
    pub body: Bytes,
    /// Who gets it: sender and receiver, or the members in the order of joining, with the sender. Empty when it was
    /// read from the history of one user.
    pub recipients: Vec<UserId>,
}

impl Stored {
    /// Where and when it was stored.
    pub fn receipt(&self) -> Receipt {
        Receipt { conversation: self.conversation, seq: self.seq, time_ms: self.time_ms }
    }

    /// The target as `viewer` sees it: a private message belongs to the conversation with the other one.
    pub fn target_for(&self, viewer: UserId) -> Target {
        match self.target {
            Target::User(_) if viewer != self.sender => Target::User(self.sender),
            target => target,
        }
    }
}

/// How storing a message ended.
#[derive(Clone, Debug)]
pub enum Posting {
    /// It is durable.
    Stored(Arc<Stored>),
    /// It was durable before: the sender repeats it. Nothing was stored.
    Repeated(Receipt),
    /// Sender and receiver are no friends.
    NotFriends,
    /// The sender is no member of the room.
    NotMember,
    /// The room is muted, and the sender not one of those who may speak.
    Muted,
    /// It refers to a file that is not there, or that the sender may not have.
    NoSuchFile,
}

/// A message that its sender takes back: another body takes its place, and a notice is stored behind it.
#[derive(Clone, Debug)]
pub struct Recall {
    /// Who takes it back; nobody else can.
    pub sender: UserId,
    /// The conversation.
    pub conversation: ConversationId,
    /// Its number there.
    pub seq: u64,
    /// Messages that were stored before, in milliseconds since 1970, stay.
    pub since_ms: u64,
    /// What is there from now on.
    pub emptied: Bytes,
    /// The body of the notice.
    pub notice: Bytes,
    /// The time of the notice, in milliseconds since 1970.
    pub time_ms: u64,
}

/// How taking a message back ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recalling {
    /// It is durable; these users have the conversation, the sender too.
    Done(Vec<UserId>),
    /// It was taken back before.
    Already,
    /// It was stored too long ago.
    TooLate,
    /// The sender has no such message there.
    NoMessage,
}

/// A message in the history of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryItem {
    /// The message.
    pub message: Stored,
    /// Whether the user has received it, or sent it.
    pub delivered: bool,
}

/// What a user sees at login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginHistory {
    /// Oldest first.
    pub messages: Vec<HistoryItem>,
    /// Everything for the user up to this number is in `messages` or was cut as old and delivered; what comes after
    /// it is to be had from [`messages_after`](crate::Messages::messages_after).
    pub position: MessageId,
}

/// A certificate to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCertificate {
    /// Whose.
    pub user: UserId,
    /// The key that it is about.
    pub key: IdentityKey,
    /// All of it; bytes to the store.
    pub der: Bytes,
    /// From when on it is valid, in seconds since 1970.
    pub not_before: u64,
    /// Until when it is valid, in seconds since 1970.
    pub not_after: u64,
}

/// A stored certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCertificate {
    /// Whose.
    pub user: UserId,
    /// The user's name.
    pub username: String,
    /// The key that it is about.
    pub key: IdentityKey,
    /// All of it.
    pub der: Bytes,
    /// From when on it is valid, in seconds since 1970.
    pub not_before: u64,
    /// Until when it is valid, in seconds since 1970.
    pub not_after: u64,
    /// When its key was revoked, in seconds since 1970.
    pub revoked: Option<u64>,
}

/// How storing a certificate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filing {
    /// It is durable.
    Stored,
    /// Its key is revoked.
    Revoked,
}

/// Where a plug-in keeps a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuePlace {
    /// Whose plug-in.
    pub plugin: String,
    /// What kind of thing it is about: `server`, `user`, `room`, …
    pub scope: String,
    /// Which of them.
    pub scope_id: u64,
    /// The key.
    pub key: String,
}

/// What came of changing a value of a plug-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swapped {
    /// It is done.
    Done,
    /// The value was another one.
    Changed,
    /// The plug-in has as many values as it may have.
    Full,
}
