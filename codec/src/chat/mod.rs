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
pub mod operator;
pub mod room;

pub use account::{
    CHANGE_PASSWORD, ChangePassword, LOGIN_WITH_KEY, Login, LoginBundle, LoginWithKey, Refused, Register,
};
pub use call::{Call, CallError, CallResult, FoundUser, NamedEvent, SEARCH_USERS, SearchUsers};
pub use certificate::{CERTIFICATE, CertificateOf, Certificates, REQUEST_CERTIFICATE, RequestCertificate};
pub use contact::{
    Contact, FriendInfo, FriendOnOffLine, Outcome, ResolveFriendRequest, RoomInfo, RoomUserOnOffLine,
    RoomUsers, UserInfo,
};
pub use conversation::{MessageBody, NewMessage, SendMessage, TARGET_ROOM, TARGET_USER};
pub use delivery::{MESSAGE_ID_BYTES, SEND, SendOnce, Sent};

pub use crate::serde::Blob;
