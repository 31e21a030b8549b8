//! The parameters of every operation of the chat, shared by server and client (PROTOCOL.md §4).
//!
//! The order of fields is the order on the wire. Operations whose parameters are one number or one text need no
//! struct: `add_friend` takes a `String`, `join_room` a `u64`.

mod account;
mod call;
mod certificate;
mod contact;
mod conversation;
mod delivery;
mod file;
pub mod operator;
mod recall;
pub mod room;

pub use account::{
    CHANGE_PASSWORD, ChangePassword, LOGIN_WITH_KEY, Login, LoginBundle, LoginWithKey, Refused, Register,
};
pub use call::{Call, CallError, CallResult, FoundUser, NamedEvent, SEARCH_USERS, SearchUsers};
pub use certificate::{CERTIFICATE, CertificateOf, Certificates, REQUEST_CERTIFICATE, RequestCertificate};
pub use contact::{
    Contact, FriendInfo, FriendOnOffLine, Outcome, ROOM_JOINED, ResolveFriendRequest, RoomInfo, RoomJoined,
    RoomUserOnOffLine, RoomUsers, UserInfo,
};
pub use conversation::{MessageBody, NewMessage, SendMessage, TARGET_ROOM, TARGET_USER};
pub use delivery::{
    CURSOR_EVENT, CursorMoved, HISTORY, HistoryAsked, MESSAGE_EVENT, MESSAGE_ID_BYTES, NUMBERS, Numbered,
    READ, RECEIVED, RESUME, Resume, Resumed, SEND, SendOnce, Sent, Standing, UpTo,
};
pub use file::{
    FILE_BEGIN, FILE_CANCEL, FILE_CHUNK, FILE_FETCH, FILE_FINISH, FileBegin, FileBegun, FileChunk, FileFetch,
    FileHash, FileHave, FileNamed, FilePiece, FileRef, MAX_FILE_NAME, MAX_PIECE, MAX_THUMBNAIL,
};
pub use recall::{RECALL, RecallAsked, TakenBack};

pub use crate::serde::Blob;
