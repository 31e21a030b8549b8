//! The typed parameters are those of the existing program: same entries, same order, same bytes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on should stop")]

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uchat_codec::chat::{
    Call, Contact, FriendInfo, FriendOnOffLine, Login, LoginBundle, MessageBody, NewMessage, Outcome,
    Register, ResolveFriendRequest, RoomInfo, RoomUserOnOffLine, RoomUsers, SendMessage, UserInfo,
};
use uchat_codec::{Blob, Dict, Limits, Message, Value, encode_message, from_value, opcode, to_value};

/// Reads the parameters as `T` and writes them again.
fn through<T: Serialize + DeserializeOwned>(message: Message) -> Bytes {
    let Message { opcode, parameters } = message;
    let typed: T = from_value(parameters).unwrap_or_else(|error| panic!("{opcode}: {error}"));
    encode_message(opcode, &typed).unwrap()
}

#[test]
fn typed_parameters_have_the_bytes_of_the_existing_program() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("data/classic.json")).unwrap();
    let mut typed = 0;
    for vector in vectors["messages"].as_array().unwrap() {
        let plaintext = Bytes::from(hex::decode(vector["plaintext"].as_str().unwrap()).unwrap());
        let message = Message::decode(plaintext.clone(), &Limits::default()).unwrap();
        let again = match message.opcode {
            opcode::LOGIN => through::<Login>(message),
            opcode::REGISTER => through::<Register>(message),
            opcode::RESOLVE_FRIEND_REQUEST => through::<ResolveFriendRequest>(message),
            opcode::SEND_MESSAGE => through::<SendMessage>(message),
            opcode::JOIN_ROOM | opcode::QUERY_ROOM_USERS | opcode::REGISTER_SUCCESSFUL => {
                through::<u64>(message)
            }
            opcode::DEL_FRIEND | opcode::GENERAL_MSG => through::<String>(message),
            opcode::LOGIN_SUCCESSFUL | opcode::INCOMING_FRIEND_REQUEST | opcode::DEL_INFO => {
                through::<UserInfo>(message)
            }
            opcode::CONTACT_INFO => through::<Contact>(message),
            opcode::ADD_FRIEND_RESULT | opcode::DEL_FRIEND_RESULT => through::<Outcome>(message),
            opcode::FRIEND_ON_OFF_LINE => through::<FriendOnOffLine>(message),
            opcode::ROOM_USER_ON_OFF_LINE => through::<RoomUserOnOffLine>(message),
            opcode::ON_NEW_MESSAGE => through::<NewMessage>(message),
            opcode::QUERY_ROOM_USERS_RESULT => through::<RoomUsers>(message),
            opcode::LOGIN_BUNDLE => through::<LoginBundle>(message),
            opcode::USERNAME_TAKEN | opcode::LOGIN_FAILED | opcode::SERVER_KICK => through::<()>(message),
            _ => continue,
        };
        assert_eq!(again, plaintext, "{}", vector["id"]);
        typed += 1;
    }
    assert_eq!(typed, 16);
}

#[test]
fn a_message_in_the_bundle_is_a_new_message_in_bytes() {
    let message = NewMessage {
        message: MessageBody::text("hi").into_value().unwrap(),
        sender_id: 1,
        sender_name: "alice".into(),
        target_type: 0,
        time: 1_562_754_761_321,
        target_id: 2,
    };
    let mut bytes = bytes::BytesMut::new();
    uchat_codec::encode_to(&message, &mut bytes).unwrap();
    assert_eq!(bytes[0], 5);
    let bundle = LoginBundle { messages: vec![(Blob(bytes.freeze()), 0)], ..LoginBundle::default() };
    let back: LoginBundle = from_value(to_value(&bundle).unwrap()).unwrap();
    let inner = Value::decode(back.messages[0].0.0.clone(), &Limits::default()).unwrap();
    assert_eq!(from_value::<NewMessage>(inner).unwrap(), message);
}

#[test]
fn a_contact_is_told_by_its_type() {
    let room = to_value(&Contact::Room(RoomInfo::new(7, "r"))).unwrap();
    assert_eq!(room.get("type"), Some(&Value::from(1)));
    assert_eq!(from_value::<Contact>(room.clone()).unwrap(), Contact::Room(RoomInfo::new(7, "r")));
    assert!(from_value::<FriendInfo>(room).is_err());
    let friend = FriendInfo::from(UserInfo { id: 2, username: "bob".into(), ..UserInfo::default() });
    let value = to_value(&Contact::Friend(friend.clone())).unwrap();
    assert_eq!(from_value::<Contact>(value).unwrap(), Contact::Friend(friend));
    assert!(from_value::<Contact>(Value::Dict(Dict::from_iter([("type", 2_u64)]))).is_err());
}

#[test]
fn contents_of_unknown_kinds_are_kept_as_they_came() {
    let dict = |pairs: &[(&str, Value)]| Value::Dict(pairs.iter().cloned().collect());
    let (zero, one) = (Value::from(0), Value::from(1));
    let more = dict(&[("type", one.clone()), ("data", Value::Bytes(Bytes::new())), ("name", Value::from(7))]);
    for odd in [Value::from("x"), more, dict(&[("type", zero.clone())]), dict(&[("type", Value::from(9))])] {
        assert_eq!(MessageBody::from(odd.clone()), MessageBody::Other(odd.clone()));
        assert_eq!(MessageBody::from(odd.clone()).into_value().unwrap(), odd);
    }
    let image = MessageBody::Image { data: Blob(vec![1, 2, 3].into()), name: None };
    assert_eq!(MessageBody::from(image.clone().into_value().unwrap()), image);
    let text = MessageBody::Text { data: "你好".into(), fontsize: 24, fontcolor: "#ff00aa".into() };
    let value = text.clone().into_value().unwrap();
    let keys: Vec<_> = value.as_dict().unwrap().iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["type", "data", "fontsize", "fontcolor"]);
    assert_eq!(MessageBody::from(value), text);
}

#[test]
fn a_call_without_arguments_leaves_them_out() {
    let call = Call { name: "uchat.search_users".into(), id: 3, args: Value::None };
    let value = to_value(&call).unwrap();
    assert_eq!(value.as_dict().unwrap().len(), 2);
    assert_eq!(from_value::<Call>(value).unwrap(), call);
}

#[test]
fn passwords_are_never_shown() {
    let login = Login("alice".into(), "hunter2".into());
    assert_eq!(format!("{login:?}"), r#"Login("alice", ..)"#);
    let register = Register { username: "alice".into(), password: "hunter2".into(), ..Register::default() };
    let shown = format!("{register:?}");
    assert!(shown.contains("alice") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn the_existing_program_knows_its_own_opcodes_and_not_ours() {
    let classic = uchat_codec::Opcode::NAMED.iter().filter(|opcode| opcode.is_classic()).count();
    assert_eq!(classic, 11 + 16 + 4);
    assert!(!opcode::CALL.is_classic() && !opcode::CALL_RESULT.is_classic());
    assert_eq!(
        (opcode::LOGIN.to_string(), uchat_codec::Opcode(99).to_string()),
        ("login".into(), "99".into())
    );
}
