//! What a client can ask of a server, and how each request becomes a message.

use bytes::Bytes;
use serde::Serialize;
use uchat_codec::chat::{Blob, SEARCH_USERS, SEND, SearchUsers, SendMessage, SendOnce};
use uchat_codec::chat::{
    CHANGE_PASSWORD, Call, LOGIN_WITH_KEY, LoginWithKey, MessageBody, ResolveFriendRequest,
};
use uchat_codec::chat::{TARGET_ROOM, TARGET_USER};
use uchat_codec::{EncodeError, Value, encode_message, opcode, to_value};
use zeroize::Zeroize as _;

use crate::Secret;
use crate::room::{self, RoomAct};
use crate::state::ConversationId;

/// The number of the call that logs in by key; no other call has it.
pub(crate) const KEY_LOGIN_CALL: u64 = 0;

/// The calls that send messages have the numbers from here on; those of the connection's own begin beyond all of them.
pub(crate) const SEND_CALLS: u64 = 1 << 59;

/// One request. The answer, where there is one, comes as an [`Event`](crate::Event).
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Makes an account.
    Register(Registration),
    /// Logs in.
    Login {
        /// The user's name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// Logs in without a password, over the strong suite, to an account that has logged in from this home before.
    LoginWithKey {
        /// The user's name.
        username: String,
    },
    /// Changes the password of the account that is logged in. The answer is that of a call.
    ChangePassword {
        /// The number that the answer will carry.
        id: u64,
        /// The password that the account has.
        old: Secret,
        /// The one that it is to have.
        new: Secret,
    },
    /// Asks a user, by name, to become a friend.
    AddFriend(String),
    /// Ends a friendship, by name.
    DeleteFriend(String),
    /// Accepts or refuses somebody's request.
    ResolveFriendRequest {
        /// Who asked.
        requester: u64,
        /// Whether they are to be friends.
        accept: bool,
    },
    /// Sends a message. [`Request::text`] and [`Request::image`] make the usual ones.
    Send {
        /// To whom.
        to: ConversationId,
        /// The content, passed on by the server as it is.
        message: Value,
    },
    /// Sends a message that the server stores once, however often it is sent: over the strong suite only. The answer is
    /// that of a call.
    SendOnce {
        /// The number that the answer will carry.
        call: u64,
        /// What the message is known by: random, and the same whenever it is sent again.
        name: [u8; 16],
        /// Until when it may be taken.
        turn: Turn,
        /// To whom.
        to: ConversationId,
        /// The content, passed on by the server as it is.
        message: Value,
    },
    /// Becomes a member of a room.
    JoinRoom(u64),
    /// Makes a room.
    CreateRoom(String),
    /// Asks who is in a room.
    QueryRoomUsers(u64),
    /// Asks for the rules of a room and who is what in it; the existing server does not know it.
    AskRoom(u64),
    /// Asks for the own invitations.
    AskInvitations,
    /// Asks who wants to come into the own rooms.
    AskRoomRequests,
    /// Does something with a room. The answer is that of a call.
    Room {
        /// The number that the answer will carry.
        id: u64,
        /// What.
        act: RoomAct,
    },
    /// Asks for a value to be sent back.
    Echo(Value),
    /// A named call.
    Call {
        /// The number that the answer will carry.
        id: u64,
        /// Which operation.
        name: String,
        /// What it needs.
        args: Value,
    },
}

/// What a new account needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The name that the user wants.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// The e-mail.
    pub email: String,
    /// `保密`, `男` or `女`.
    pub sex: String,
    /// `保密`, or `0` to `100`.
    pub age: String,
}

impl Registration {
    /// What a user may keep to himself: the existing program writes it for sex and age.
    pub const UNSAID: &'static str = "保密";

    /// An account whose owner tells neither sex nor age.
    pub fn new(username: impl Into<String>, password: impl Into<Secret>, email: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: password.into(),
            email: email.into(),
            sex: Self::UNSAID.into(),
            age: Self::UNSAID.into(),
        }
    }
}

impl Request {
    /// A text message in the given size (points) and colour (`#rrggbb`).
    pub fn text(
        to: ConversationId,
        text: impl Into<String>,
        fontsize: u32,
        fontcolor: impl Into<String>,
    ) -> Result<Self, EncodeError> {
        let body = MessageBody::Text { data: text.into(), fontsize, fontcolor: fontcolor.into() };
        Ok(Self::Send { to, message: body.into_value()? })
    }

    /// An image, or any other file, as the existing program sends it, and what it is called.
    pub fn image(to: ConversationId, content: Bytes, name: Option<String>) -> Result<Self, EncodeError> {
        let body = MessageBody::Image { data: uchat_codec::Blob(content), name };
        Ok(Self::Send { to, message: body.into_value()? })
    }

    /// A search of users by the beginning of their name.
    pub fn search_users(id: u64, prefix: impl Into<String>, limit: u32) -> Result<Self, EncodeError> {
        let args = to_value(&SearchUsers { prefix: prefix.into(), limit })?;
        Ok(Self::Call { id, name: SEARCH_USERS.into(), args })
    }

    /// The plaintext of the frame. `ip` and `port` are what the handshake has announced: the original server refuses
    /// a registration that names another address.
    pub(crate) fn encode(&self, ip: &str, port: &str) -> Result<Plaintext, EncodeError> {
        let bytes = match self {
            Self::Register(Registration { username, password, email, sex, age }) => {
                let fields: [&str; 7] = [username, password.expose(), email, ip, port, sex, age];
                encode_message(opcode::REGISTER, &fields)
            }
            Self::Login { username, password } => {
                encode_message(opcode::LOGIN, &[username.as_str(), password.expose()])
            }
            Self::LoginWithKey { username } => {
                let args = to_value(&LoginWithKey { username: username.clone() })?;
                encode_message(opcode::CALL, &Call { name: LOGIN_WITH_KEY.into(), id: KEY_LOGIN_CALL, args })
            }
            Self::ChangePassword { id, old, new } => encode_message(
                opcode::CALL,
                &CallWithSecrets {
                    name: CHANGE_PASSWORD,
                    id: *id,
                    args: NewPassword { old: old.expose(), new: new.expose() },
                },
            ),
            Self::AddFriend(name) => encode_message(opcode::ADD_FRIEND, name),
            Self::DeleteFriend(name) => encode_message(opcode::DEL_FRIEND, name),
            Self::ResolveFriendRequest { requester, accept } => {
                encode_message(opcode::RESOLVE_FRIEND_REQUEST, &ResolveFriendRequest(*requester, *accept))
            }
            Self::Send { to, message } => encode_send(*to, message),
            Self::SendOnce { call, name, to, message, .. } => encode_send_once(*call, name, *to, message),
            Self::JoinRoom(room) => encode_message(opcode::JOIN_ROOM, room),
            Self::CreateRoom(name) => encode_message(opcode::CREATE_ROOM, name),
            Self::QueryRoomUsers(room) => encode_message(opcode::QUERY_ROOM_USERS, room),
            Self::AskRoom(room) => match room::details_call(*room)? {
                Some(call) => encode_message(opcode::CALL, &call),
                None => encode_message(opcode::QUERY_ROOM_USERS, room),
            },
            Self::AskInvitations => encode_message(opcode::CALL, &room::invitations_call()?),
            Self::AskRoomRequests => encode_message(opcode::CALL, &room::requests_call()?),
            Self::Room { id, act } => encode_message(opcode::CALL, &act.call(*id)?),
            Self::Echo(value) => encode_message(opcode::CLIENT_ECHO, value),
            Self::Call { id, name, args } => {
                encode_message(opcode::CALL, &Call { name: name.clone(), id: *id, args: args.clone() })
            }
        }?;
        let secret = matches!(self, Self::Register(_) | Self::Login { .. } | Self::ChangePassword { .. });
        Ok(Plaintext { bytes, secret })
    }
}

/// On which connection a message is handed over, and after how many refusals there. The connection takes no message of an
/// earlier turn than the present one: so nothing goes out before a message that was refused, or lost with a connection
/// whose end is not known yet to whoever sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// The number that [`Event::Connected`](crate::Event::Connected) told.
    pub connection: u64,
    /// One more after each refusal.
    pub round: u64,
}

/// A call whose arguments are copied nowhere but into the plaintext, which is wiped.
#[derive(Serialize)]
struct CallWithSecrets<'a> {
    name: &'static str,
    id: u64,
    args: NewPassword<'a>,
}

/// The arguments of [`CHANGE_PASSWORD`].
#[derive(Serialize)]
struct NewPassword<'a> {
    old: &'a str,
    new: &'a str,
}

fn encode_send(to: ConversationId, message: &Value) -> Result<Bytes, EncodeError> {
    let (target_type, target_id) = target(to);
    encode_message(opcode::SEND_MESSAGE, &SendMessage { target_type, target_id, message: message.clone() })
}

fn encode_send_once(
    call: u64,
    name: &[u8; 16],
    to: ConversationId,
    message: &Value,
) -> Result<Bytes, EncodeError> {
    let (target_type, target_id) = target(to);
    let id = Blob(Bytes::copy_from_slice(name));
    let args = to_value(&SendOnce { target_type, target_id, id, message: message.clone() })?;
    encode_message(opcode::CALL, &Call { name: SEND.into(), id: call, args })
}

/// A conversation as the wire names it.
fn target(to: ConversationId) -> (u8, u64) {
    match to {
        ConversationId::Friend(user) => (TARGET_USER, user),
        ConversationId::Room(room) => (TARGET_ROOM, room),
    }
}

/// What goes into a frame; wiped when dropped if there is a password in it.
pub(crate) struct Plaintext {
    bytes: Bytes,
    secret: bool,
}

impl Plaintext {
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Plaintext {
    fn drop(&mut self) {
        if self.secret
            && let Ok(mut bytes) = std::mem::take(&mut self.bytes).try_into_mut()
        {
            bytes.as_mut().zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use uchat_codec::chat::ChangePassword;
    use uchat_codec::{Limits, Message, from_value};

    use super::*;

    #[test]
    fn a_new_password_is_a_call_as_the_server_reads_it() {
        let request = Request::ChangePassword { id: 7, old: "old".into(), new: "new".into() };
        let plaintext = request.encode("", "").unwrap();
        let message =
            Message::decode(Bytes::copy_from_slice(plaintext.as_slice()), &Limits::default()).unwrap();
        let call: Call = from_value(message.parameters).unwrap();
        assert_eq!((message.opcode, call.name.as_str(), call.id), (opcode::CALL, CHANGE_PASSWORD, 7));
        let args: ChangePassword = from_value(call.args).unwrap();
        assert_eq!(args, ChangePassword { old: "old".into(), new: "new".into() });
        assert!(!format!("{args:?} {request:?}").contains("new\""));
    }
}
