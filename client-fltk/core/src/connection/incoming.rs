//! Messages of the server become events.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use uchat_codec::chat::{
    CallResult, FriendOnOffLine, LoginBundle, NamedEvent, NewMessage, Outcome, Refused, RoomUserOnOffLine,
    RoomUsers,
};
use uchat_codec::{ArgsError, Limits, Message, Opcode, Value, from_value, opcode};

use crate::room;
use crate::{Bundle, DisconnectReason, Event, Member};

/// Reads the plaintext of a frame. What can't be read becomes an event too: nothing is dropped silently.
pub(super) fn event(plaintext: Bytes, limits: &Limits) -> Event {
    let code = plaintext.first().copied().map(Opcode);
    match Message::decode(plaintext, limits) {
        Ok(Message { opcode, parameters }) => read(opcode, parameters, limits)
            .unwrap_or_else(|error| Event::Undecodable { opcode: Some(opcode), why: error.to_string() }),
        Err(error) => Event::Undecodable { opcode: code, why: error.to_string() },
    }
}

/// Why the server does not serve this connection, if that is what it says.
pub(super) fn refused(plaintext: &Bytes, limits: &Limits) -> Option<DisconnectReason> {
    if plaintext.first() != Some(&opcode::REFUSED.0) {
        return None;
    }
    let message = Message::decode(plaintext.clone(), limits).ok()?;
    let Refused(code, text) = from_value(message.parameters).ok()?;
    Some(DisconnectReason::Refused { code, text })
}

fn read(code: Opcode, value: Value, limits: &Limits) -> Result<Event, ArgsError> {
    Ok(match code {
        opcode::LOGIN_SUCCESSFUL => Event::LoggedIn(from_value(value)?),
        opcode::REGISTER_SUCCESSFUL => Event::Registered(from_value(value)?),
        opcode::INCOMING_FRIEND_REQUEST => Event::FriendRequest(from_value(value)?),
        opcode::CONTACT_INFO => Event::ContactAdded(from_value(value)?),
        opcode::SERVER_ECHO => Event::Echo(value),
        opcode::ADD_FRIEND_RESULT => {
            with(value, |Outcome(ok, text)| Event::FriendRequestResult { ok, text })?
        }
        opcode::FRIEND_ON_OFF_LINE => {
            with(value, |FriendOnOffLine(online, user)| Event::Presence { user, online })?
        }
        opcode::ON_NEW_MESSAGE => with(value, |message: NewMessage| Event::Message(message.into()))?,
        opcode::SERVER_KICK => Event::Kicked,
        opcode::QUERY_ROOM_USERS_RESULT => with(value, room_users)?,
        opcode::ROOM_USER_ON_OFF_LINE => {
            with(value, |RoomUserOnOffLine(room, user, online)| Event::RoomPresence { room, user, online })?
        }
        opcode::LOGIN_BUNDLE => with(value, |bundle| Event::Bundle(open_bundle(bundle, limits)))?,
        opcode::DEL_FRIEND_RESULT => with(value, |Outcome(ok, text)| Event::FriendDeleteResult { ok, text })?,
        opcode::DEL_INFO => Event::FriendDeleted(from_value(value)?),
        opcode::CALL_RESULT => with(value, |CallResult { id, outcome }| room::answered(id, outcome))?,
        opcode::NAMED_EVENT => with(value, |NamedEvent { name, args }| room::told(name, args))?,
        opcode::LOGIN_FAILED => Event::LoginFailed,
        opcode::USERNAME_TAKEN => Event::UsernameTaken,
        opcode::GENERAL_FAILURE => Event::Failure(from_value(value)?),
        opcode::GENERAL_MSG => Event::Notice(from_value(value)?),
        unknown => {
            let why = format!("this client does not know what {unknown} means");
            Event::Undecodable { opcode: Some(unknown), why }
        }
    })
}

fn with<T: DeserializeOwned>(value: Value, event: impl FnOnce(T) -> Event) -> Result<Event, ArgsError> {
    from_value(value).map(event)
}

fn room_users(RoomUsers(users, room): RoomUsers) -> Event {
    let members = users.into_iter().map(|(id, _, online, name)| Member::new(id, name, online)).collect();
    Event::RoomUsers { room, members }
}

/// Each message of a bundle is an encoded value of its own; one that can't be read does not spoil the others.
fn open_bundle(bundle: LoginBundle, limits: &Limits) -> Bundle {
    let mut opened = Bundle { rooms: bundle.rooms, friends: bundle.friends, ..Bundle::default() };
    for (blob, sent) in bundle.messages {
        let message =
            Value::decode(blob.0, limits).ok().and_then(|value| from_value::<NewMessage>(value).ok());
        match message {
            Some(message) => opened.messages.push((message, sent != 0).into()),
            None => opened.undecodable += 1,
        }
    }
    opened
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use uchat_codec::chat::{Blob, RoomInfo};
    use uchat_codec::{encode_message, encode_to};

    use super::*;

    #[test]
    fn one_broken_message_does_not_spoil_a_bundle() {
        let good = NewMessage {
            message: "hi".into(),
            sender_id: 2,
            sender_name: "bob".into(),
            target_type: 0,
            time: 5,
            target_id: 2,
        };
        let mut bytes = BytesMut::new();
        encode_to(&good, &mut bytes).unwrap();
        let messages = vec![(Blob(Bytes::from_static(b"\x05\x00")), 1), (Blob(bytes.freeze()), 0)];
        let bundle = LoginBundle { rooms: vec![RoomInfo::new(1, "r")], friends: vec![], messages };
        let plaintext = encode_message(opcode::LOGIN_BUNDLE, &bundle).unwrap();
        let Event::Bundle(bundle) = event(plaintext, &Limits::default()) else { panic!("no bundle") };
        assert_eq!(bundle.messages, [good.into()]);
        assert_eq!((bundle.rooms.len(), bundle.undecodable), (1, 1));
    }

    #[test]
    fn what_can_not_be_read_is_told_with_its_opcode() {
        let plaintext = encode_message(opcode::FRIEND_ON_OFF_LINE, "no list").unwrap();
        let event = event(plaintext, &Limits::default());
        assert!(
            matches!(&event, Event::Undecodable { opcode: Some(opcode::FRIEND_ON_OFF_LINE), .. }),
            "{event:?}"
        );
    }
}
