//! Messages: an opcode and its parameters.
//!
//! ```text
//! +----------+----------------------+
//! | opcode 1 | parameters: a value  |
//! +----------+----------------------+
//! ```

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use crate::value::{DecodeErrorKind, decode};
use crate::{DecodeError, EncodeError, Limits, Value, encode_to};

/// Which operation a message asks for, or what it tells.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Opcode(pub u8);

macro_rules! opcodes {
    ($($number:literal $constant:ident $name:literal $doc:literal)*) => {
        /// The opcodes that have a name (PROTOCOL.md §4).
        pub mod opcode {
            use super::Opcode;
            $(
                #[doc = $doc]
                pub const $constant: Opcode = Opcode($number);
            )*
            /// The number of [`CALL`], for patterns.
            pub const CALL_CODE: u8 = CALL.0;
            /// The number of [`CALL_RESULT`], for patterns.
            pub const CALL_RESULT_CODE: u8 = CALL_RESULT.0;
        }

        impl Opcode {
            /// Every opcode that has a name, in order.
            pub const NAMED: &'static [Self] = &[$(opcode::$constant),*];

            /// The name in lower case, if the opcode has one.
            pub fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

opcodes! {
    1 LOGIN "login" "Client: name and password."
    2 REGISTER "register" "Client: a new account."
    3 CLIENT_ECHO "client_echo" "Client: send this back."
    4 ADD_FRIEND "add_friend" "Client: ask a user, by name, to become a friend."
    5 RESOLVE_FRIEND_REQUEST "resolve_friend_request" "Client: accept or refuse a request."
    6 SEND_MESSAGE "send_message" "Client: a message for a friend or a room."
    7 JOIN_ROOM "join_room" "Client: become a member of a room."
    8 CREATE_ROOM "create_room" "Client: a new room."
    9 QUERY_ROOM_USERS "query_room_users" "Client: who is in a room."
    10 BAD "bad" "Client: an operation that fails on purpose."
    11 DEL_FRIEND "del_friend" "Client: end a friendship."
    12 CALL "call" "Client: a named call. Not in the original."
    100 LOGIN_SUCCESSFUL "login_successful" "Server: logged in, and as whom."
    101 REGISTER_SUCCESSFUL "register_successful" "Server: the number of the new account."
    102 INCOMING_FRIEND_REQUEST "incoming_friend_request" "Server: somebody wants to be a friend."
    103 CONTACT_INFO "contact_info" "Server: a new friend or room."
    104 CHAT_HISTORY "chat_history" "Never used."
    105 SERVER_ECHO "server_echo" "Server: what was sent."
    106 ADD_FRIEND_RESULT "add_friend_result" "Server: whether the request went out."
    107 FRIEND_ON_OFF_LINE "friend_on_off_line" "Server: a friend has come or gone."
    108 NOTIFY_CHAT_HISTORY "notify_chat_history" "Never used."
    109 ON_NEW_MESSAGE "on_new_message" "Server: a message."
    110 SERVER_KICK "server_kick" "Server: logged in elsewhere; the connection ends."
    111 QUERY_ROOM_USERS_RESULT "query_room_users_result" "Server: who is in a room."
    112 ROOM_USER_ON_OFF_LINE "room_user_on_off_line" "Server: a member of a room has come or gone."
    113 LOGIN_BUNDLE "login_bundle" "Server: rooms, friends and messages after a login."
    114 DEL_FRIEND_RESULT "del_friend_result" "Server: whether the friendship was ended."
    115 DEL_INFO "del_info" "Server: this user is no friend any more."
    116 CALL_RESULT "call_result" "Server: the answer to a named call. Not in the original."
    117 NAMED_EVENT "named_event" "Server: something that a plug-in tells, by name. Strong only."
    201 LOGIN_FAILED "login_failed" "Server: wrong name or password."
    202 USERNAME_TAKEN "username_taken" "Server: somebody has this name."
    203 GENERAL_FAILURE "general_failure" "Server: why a request was refused."
    204 GENERAL_MSG "general_msg" "Server: a text for the user."
    205 REFUSED "refused" "Server: why this connection is not served; it ends. Strong only."
}

impl Opcode {
    /// Whether the existing program knows this opcode.
    pub fn is_classic(self) -> bool {
        matches!(self.0, 1..=11 | 100..=115 | 201..=204)
    }
}

/// The name, or the number where there is none.
impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => self.0.fmt(f),
        }
    }
}

impl fmt::Debug for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opcode({self})")
    }
}

/// What is inside one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Which operation it is about.
    pub opcode: Opcode,
    /// What the operation needs, or tells.
    pub parameters: Value,
}

impl Message {
    /// Reads the plaintext of a frame. An opcode that nobody has heard of is not an error: a plug-in may serve it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is read shares these bytes: the caller gives them away"
    )]
    pub fn decode(plaintext: Bytes, limits: &Limits) -> Result<Self, DecodeError> {
        let Some(&code) = plaintext.first() else { return Err(DecodeErrorKind::EmptyMessage.at(0)) };
        Ok(Self { opcode: Opcode(code), parameters: decode::top_level(&plaintext, 1, limits)? })
    }

    /// Appends the plaintext of a frame to `out`; after an error `out` is as it was.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        let before = out.len();
        out.put_u8(self.opcode.0);
        self.parameters.encode(out).inspect_err(|_| out.truncate(before))
    }
}

/// Most messages fit into so many bytes, which are taken at once for them.
const SMALL_MESSAGE: usize = 256;

/// The plaintext of a message whose parameters are any serde type, without a [`Value`] in between.
pub fn encode_message<T: Serialize + ?Sized>(opcode: Opcode, parameters: &T) -> Result<Bytes, EncodeError> {
    let mut out = BytesMut::with_capacity(SMALL_MESSAGE);
    out.put_u8(opcode.0);
    encode_to(parameters, &mut out)?;
    Ok(out.freeze())
}
