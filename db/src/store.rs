//! The traits that an engine implements.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::Result;
use crate::model::{
    Acceptance, Asking, Audience, Beginning, Circle, ClientMessageId, ConversationId, Creation, Credentials,
    Cursor, FileBounds, FileHash, FilePart, Filing, Finishing, FriendLimits, HistoryItem, IdentityKey,
    Joining, KeptKeys, KeyHolder, Listed, LoginHistory, MessageId, Moved, NewCertificate, NewFile, NewLogin,
    NewMessage, NewUser, Page, PasswordHash, Posting, Recall, Recalling, Resume, Resumption, Room, RoomId,
    Stored, StoredCertificate, Swapped, Swept, User, UserId, ValuePlace, Writing,
};
use crate::room_rules::{Invitation, Member, RoomChange, RoomChanged, RoomLine, RoomRefusal, RoomState};

/// A store, shared.
pub type Db = Arc<dyn Store>;

/// The rest of storing a message that has its place: see [`Messages::queue_message`].
pub type Queued = Pin<Box<dyn Future<Output = Result<Posting>> + Send>>;

/// Runs after the commit of a message: see [`Messages::queue_message`].
pub type Committed = Box<dyn FnOnce(&Stored) + Send>;

/// Everything that Uchat remembers. What a write method reports has happened is durable when it returns.
#[async_trait]
pub trait Store:
    Accounts
    + Logins
    + Certificates
    + Friends
    + Circles
    + Rooms
    + Messages
    + Delivery
    + Files
    + PluginValues
    + Send
    + Sync
    + 'static
{
    /// Writes what is waiting and stops; operations after it fail with [`Error::Closed`](crate::Error::Closed).
    async fn close(&self);
}

/// Users. Names are stored as given: callers trim and fold them. Nobody is found who was deleted.
#[async_trait]
pub trait Accounts {
    /// Makes a user, unless name or e-mail are taken. The name of a deleted user stays taken.
    async fn create_user(&self, new: NewUser) -> Result<Creation>;
    /// The user with this number.
    async fn user(&self, id: UserId) -> Result<Option<User>>;
    /// The user with exactly this name.
    async fn user_by_name(&self, name: &str) -> Result<Option<User>>;
    /// Users whose names begin with `prefix`, in order of name; `%` and `_` are plain characters.
    async fn users_by_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<User>>;
    /// Users whose names come after `name`, in order of name, as an operator sees them.
    async fn users_after(&self, name: &str, limit: usize) -> Result<Vec<Listed>>;
    /// Shuts an account or opens it again; false if there is no such user.
    async fn set_disabled(&self, id: UserId, disabled: bool) -> Result<bool>;
    /// Takes a user out of the store: friendships, requests, memberships, device keys, password and everything personal
    /// go. What the user has said stays with those who could see it, under the name, which nobody else can have. The
    /// answer is who the friends were, or nothing if there is no such user.
    async fn delete_user(&self, id: UserId) -> Result<Option<Vec<UserId>>>;
}

/// How users log in.
#[async_trait]
pub trait Logins {
    /// What a login under this name is checked against.
    async fn credentials(&self, name: &str) -> Result<Option<Credentials>>;
    /// Whose key this is, if the user with this name has it.
    async fn key_holder(&self, name: &str, key: &IdentityKey) -> Result<Option<KeyHolder>>;
    /// Takes note of a login: where from, and the device key, which also says that the account has used the strong
    /// suite. False, and nothing is noted, if what it was checked against does not hold any more: the account was shut or
    /// deleted meanwhile, the password was changed, the key was forgotten.
    async fn note_login(&self, login: NewLogin) -> Result<bool>;
    /// Replaces the password, and forgets device keys. With `from`, only if that is still its hash; false if it isn't, or
    /// there is no such user.
    async fn replace_password(
        &self,
        id: UserId,
        from: Option<PasswordHash>,
        to: PasswordHash,
        keys: KeptKeys,
    ) -> Result<bool>;
}

/// Certificates and revoked keys. What they say is checked elsewhere.
#[async_trait]
pub trait Certificates {
    /// Stores a certificate in the place of an older one of the same user and key. Only the `most` newest keys of a user
    /// are kept.
    async fn add_certificate(&self, new: NewCertificate, most: usize) -> Result<Filing>;
    /// The certificate of a user that was stored last, of those that are valid at `now` (seconds since 1970) and whose keys
    /// are not revoked.
    async fn certificate_of(&self, user: UserId, now: u64) -> Result<Option<StoredCertificate>>;
    /// Whether an identity key is revoked; also by another process, a moment ago.
    async fn is_revoked(&self, key: IdentityKey) -> Result<bool>;
}

/// Small values that plug-ins keep. What they mean is theirs.
#[async_trait]
pub trait PluginValues {
    /// The value there, if there is one.
    async fn plugin_value(&self, place: ValuePlace) -> Result<Option<Bytes>>;
    /// Replaces what is there by `new` (none takes it away) if it is `old`. A plug-in has at most `most` values.
    async fn swap_plugin_value(
        &self,
        place: ValuePlace,
        old: Option<Bytes>,
        new: Option<Bytes>,
        most: usize,
    ) -> Result<Swapped>;
    /// Up to `most` keys and values of the same plug-in and scope, behind the key, in order of key.
    async fn plugin_values(&self, after: ValuePlace, most: usize) -> Result<Vec<(String, Bytes)>>;
}

/// Friends and requests. A friendship is mutual.
#[async_trait]
pub trait Friends {
    /// Asks, within these limits.
    async fn ask_friend(&self, from: UserId, to: UserId, limits: FriendLimits) -> Result<Asking>;
    /// Asks; false if `from` has asked `to` before or they are friends. Nothing is counted.
    async fn request_friend(&self, from: UserId, to: UserId) -> Result<bool> {
        let limits = FriendLimits { friends: usize::MAX, open_requests: usize::MAX };
        Ok(self.ask_friend(from, to, limits).await? == Asking::Asked)
    }
    /// Who waits for an answer of `user`, oldest request first.
    async fn pending_requests(&self, user: UserId) -> Result<Vec<User>>;
    /// Accepts what `requester` asked `user`. A request in the other direction is settled by it too.
    /// Nothing is counted.
    async fn accept_friend(&self, user: UserId, requester: UserId) -> Result<Acceptance> {
        self.accept_friend_within(user, requester, usize::MAX).await
    }
    /// The same, if `user` has fewer than so many friends.
    async fn accept_friend_within(&self, user: UserId, requester: UserId, most: usize) -> Result<Acceptance>;
    /// Refuses what `requester` asked `user`; false if nothing was asked. It may be asked again.
    async fn refuse_friend(&self, user: UserId, requester: UserId) -> Result<bool>;
    /// Ends a friendship; false if there is none. What was said stays.
    async fn remove_friend(&self, one: UserId, other: UserId) -> Result<bool>;
    /// Whether they are friends.
    async fn are_friends(&self, one: UserId, other: UserId) -> Result<bool>;
    /// The friends of a user, oldest friendship first.
    async fn friends(&self, user: UserId) -> Result<Vec<User>>;
    /// The numbers of the same.
    async fn friend_ids(&self, user: UserId) -> Result<Vec<UserId>>;
}

/// Who is around a user, all at once.
#[async_trait]
pub trait Circles {
    /// What a user sees of others at login; none if there is no such user.
    async fn circle(&self, user: UserId) -> Result<Option<Circle>>;
    /// Who hears that a user comes or goes; nobody if there is no such user.
    async fn audience(&self, user: UserId) -> Result<Audience>;
}

/// Rooms and their members.
#[async_trait]
pub trait Rooms {
    /// Makes a room whose first member is its owner; none if the name is taken, whatever the case.
    async fn create_room(&self, owner: UserId, name: &str) -> Result<Option<Room>>;
    /// The room with this number.
    async fn room(&self, id: RoomId) -> Result<Option<Room>>;
    /// Makes a user a member, whatever the rules of the room; messages from then on are the user's.
    async fn join_room(&self, user: UserId, room: RoomId) -> Result<Joining>;
    /// The rooms of a user, in the order of joining.
    async fn rooms_of(&self, user: UserId) -> Result<Vec<Room>>;
    /// The members of a room, in the order of joining.
    async fn room_members(&self, room: RoomId) -> Result<Vec<User>>;
    /// The numbers of the same.
    async fn room_member_ids(&self, room: RoomId) -> Result<Vec<UserId>>;
    /// Whether a user is a member.
    async fn is_member(&self, user: UserId, room: RoomId) -> Result<bool>;
    /// What members and owners do with a room, if they may; with it is stored what `line` writes, and `committed` runs
    /// as with [`Messages::post_message`]. Every right to change a room is checked here.
    async fn change_room(
        &self,
        change: RoomChange,
        line: RoomLine,
        committed: Committed,
    ) -> Result<Result<RoomChanged, RoomRefusal>>;
    /// A room with its rules. Where no owner is written down it is the longest member's.
    async fn room_state(&self, room: RoomId) -> Result<Option<RoomState>>;
    /// The members of a room with what they are there, in the order of joining.
    async fn room_people(&self, room: RoomId) -> Result<Vec<Member>>;
    /// The invitations that a user has not answered, oldest first.
    async fn invitations_of(&self, user: UserId) -> Result<Vec<Invitation>>;
    /// Who asks to come into a room, oldest first.
    async fn room_requests(&self, room: RoomId) -> Result<Vec<User>>;
    /// Who asks to come into any room of this owner, oldest first.
    async fn requests_to(&self, owner: UserId) -> Result<Vec<(RoomId, User)>>;
}

/// Messages: stored once, numbered in their conversation, with a cursor for each member.
#[async_trait]
pub trait Messages {
    /// Gives a message its place among all that is written, if the sender may send it there; what is returned ends when the
    /// message is durable. `committed` runs then, before that end, for all messages of the store one after the other, in
    /// the order of their numbers, which is that of their places. It must be quick and not block.
    ///
    /// If the sender has a message of this name in the store, nothing is stored or checked, `committed` does not run, and the
    /// answer is where that one is. A name is known as long as its message is kept.
    async fn queue_message(
        &self,
        name: Option<ClientMessageId>,
        new: NewMessage,
        committed: Committed,
    ) -> Result<Queued>;
    /// Stores a message and waits until it is durable.
    async fn post_message(&self, new: NewMessage, committed: Committed) -> Result<Posting> {
        self.queue_message(None, new, committed).await?.await
    }
    /// The same with a name.
    async fn post_message_once(
        &self,
        name: ClientMessageId,
        new: NewMessage,
        committed: Committed,
    ) -> Result<Posting> {
        self.queue_message(Some(name), new, committed).await?.await
    }
    /// Replaces the body of a message by another one and stores a notice behind it, both or neither. Whoever has the message
    /// learns of it by the notice, which comes as every message does.
    async fn recall_message(&self, recall: Recall) -> Result<Recalling>;
    /// What `user` sees at login: the newest messages of all conversations, within both limits. If something that the
    /// user has not received does not fit, the history ends before the oldest such message, and `position` with it.
    /// Everything is read in one moment.
    async fn login_history(
        &self,
        user: UserId,
        max_messages: usize,
        max_bytes: usize,
    ) -> Result<LoginHistory>;
    /// Messages to and from `user` after `position`, oldest first, within both limits, but at least one if there is any.
    async fn messages_after(
        &self,
        user: UserId,
        position: MessageId,
        max_messages: usize,
        max_bytes: usize,
    ) -> Result<Vec<HistoryItem>>;
    /// `user` has received everything of `conversation` up to `seq` with a client that can't say what was read: so it
    /// counts as read, but not for others. As [`note_cursor`](Delivery::note_cursor).
    fn note_delivered(&self, user: UserId, conversation: ConversationId, seq: u64);
}

/// Cursors and pages for clients that know the numbers of messages.
#[async_trait]
pub trait Delivery {
    /// How things stand for `user`, with what is new; read in one moment.
    async fn resume(&self, user: UserId, asked: Resume) -> Result<Resumption>;
    /// A part of a conversation, the oldest message first, within both limits but at least one message if there is any.
    /// Nothing if the conversation is not the user's.
    async fn page(
        &self,
        user: UserId,
        conversation: ConversationId,
        page: Page,
        max_messages: usize,
        max_bytes: usize,
    ) -> Result<Option<Vec<HistoryItem>>>;
    /// Moves the cursor of a user forward, but not beyond the last message, and says who may know of it; nobody where
    /// there are more than `max_others` others. Nothing if the conversation is not the user's. What is moved before a read is
    /// seen by it, and is durable a moment later.
    async fn move_cursor(
        &self,
        user: UserId,
        conversation: ConversationId,
        to: Cursor,
        max_others: usize,
    ) -> Result<Option<Moved>>;
    /// The same of numbers that are known to be there. Returns at once.
    fn note_cursor(&self, user: UserId, conversation: ConversationId, to: Cursor);
}

/// Files: stored once by their SHA-256, whoever brings them. A file is kept as long as somebody who has brought it is
/// charged for it, and a message refers to it.
#[async_trait]
pub trait Files {
    /// Begins an upload, or goes on with the same one of before. Makes room within the bounds: the oldest files of the
    /// user go. A file that is there counts as complete only for those who may have it: nobody comes by a file by
    /// knowing its SHA-256.
    async fn begin_file(&self, new: NewFile, bounds: FileBounds) -> Result<Beginning>;
    /// Writes the next piece of an upload; one that is there already is not written again. It survives a crash of the
    /// process, a power cut only after [`finish_file`](Self::finish_file).
    async fn write_file(&self, user: UserId, sha256: FileHash, offset: u64, data: Bytes) -> Result<Writing>;
    /// Makes a complete upload a file, at the time `time_ms` in milliseconds since 1970.
    async fn finish_file(&self, user: UserId, sha256: FileHash, time_ms: u64) -> Result<Finishing>;
    /// Gives up an upload; false if there is none.
    async fn cancel_file(&self, user: UserId, sha256: FileHash) -> Result<bool>;
    /// A piece of a file, at most `length` bytes. None if there is no such file, or `reader` may not have it: who has
    /// brought it may, and who sees a message that refers to it.
    async fn read_file(
        &self,
        reader: UserId,
        sha256: FileHash,
        offset: u64,
        length: usize,
    ) -> Result<Option<FilePart>>;
    /// The same as [`queue_message`](Messages::queue_message) for a message that refers to a file. The answer is
    /// [`Posting::NoSuchFile`], and nothing is stored, if there is no such file or the sender may not have it; a message
    /// that was stored under its name before is answered as it was then.
    async fn queue_file_message(
        &self,
        name: Option<ClientMessageId>,
        new: NewMessage,
        sha256: FileHash,
        committed: Committed,
    ) -> Result<Queued>;
    /// Takes away the files to which no message refers and that nobody has brought since `unused_before`, and the
    /// uploads that nobody has begun or gone on with since `broken_off_before`; milliseconds since 1970.
    async fn sweep_files(&self, unused_before: u64, broken_off_before: u64) -> Result<Swept>;
}
