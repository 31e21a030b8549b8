//! Any bytes as a message, and its parameters as those of every operation: an error or a value, never a panic.
#![no_main]

use std::fmt::Debug;

use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uchat_codec::{ArgsError, Limits, Message, Value, chat, encode_message, from_value, opcode};

fuzz_target!(|data: &[u8]| {
    let limits = Limits { max_elements: 10_000, ..Limits::default() };
    let Ok(message) = Message::decode(Bytes::copy_from_slice(data), &limits) else { return };
    assert_eq!(Some(&message.opcode.0), data.first());
    let mut bytes = BytesMut::new();
    if message.encode(&mut bytes).is_ok() {
        let direct = encode_message(message.opcode, &message.parameters).expect("both encoders agree");
        assert_eq!(bytes, direct);
    }
    let parameters = message.parameters;
    match message.opcode {
        opcode::LOGIN => again::<chat::Login>(parameters),
        opcode::REGISTER => again::<chat::Register>(parameters),
        opcode::RESOLVE_FRIEND_REQUEST => again::<chat::ResolveFriendRequest>(parameters),
        opcode::SEND_MESSAGE => again::<chat::SendMessage>(parameters),
        opcode::CALL => again::<chat::Call>(parameters),
        opcode::CALL_RESULT => again::<chat::CallResult>(parameters),
        opcode::CONTACT_INFO => again::<chat::Contact>(parameters),
        opcode::ON_NEW_MESSAGE => again::<chat::NewMessage>(parameters),
        opcode::LOGIN_BUNDLE => again::<chat::LoginBundle>(parameters),
        opcode::QUERY_ROOM_USERS_RESULT => again::<chat::RoomUsers>(parameters),
        opcode::ADD_FRIEND_RESULT | opcode::DEL_FRIEND_RESULT => again::<chat::Outcome>(parameters),
        _ => again::<chat::UserInfo>(parameters),
    }
});

/// What was read as a type and can be written is read as the same again.
fn again<T: Serialize + DeserializeOwned + Debug>(parameters: Value) {
    let read: Result<T, ArgsError> = from_value(parameters);
    match read {
        Ok(args) => {
            let shown = format!("{args:?}");
            if let Ok(value) = uchat_codec::to_value(&args) {
                let back: T = from_value(value).expect("what was written can be read");
                assert_eq!(shown, format!("{back:?}"));
            }
        }
        Err(error) => drop(error.to_string()),
    }
}
