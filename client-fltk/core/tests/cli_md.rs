//! CLI.md shows every command and every event, and its examples are right.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::Value as Json;
use uchat_client_core::json::{self, Line};
use uchat_client_core::{Arrived, Bundle, DisconnectReason, Event, Fetched, Input, Place, Safety, State};
use uchat_codec::chat::room::{Entry, InvitationTo, RoomDetails, RoomNews, RoomRequest, SystemLine};
use uchat_codec::chat::{CallError, Contact, CursorMoved, MessageBody, NewMessage, RoomInfo, UserInfo};
use uchat_codec::{Opcode, SuiteName};

const MANUAL: &str = include_str!("../CLI.md");

fn examples(kind: &str) -> Vec<&'static str> {
    let beginning = format!("{{\"{kind}\":");
    MANUAL.lines().filter(|line| line.starts_with(&beginning)).collect()
}

#[test]
fn every_command_of_the_manual_is_understood() {
    let commands = examples("command");
    assert_eq!(commands.len(), 44);
    for line in commands {
        assert!(Line::parse(line).is_ok(), "{line}: {:?}", Line::parse(line).err());
    }
}

#[test]
fn every_event_of_the_manual_is_json() {
    for line in examples("event") {
        assert!(serde_json::from_str::<Json>(line).is_ok(), "{line}");
    }
}

/// A line of the server about a room.
fn line() -> Arrived {
    let told = SystemLine { event: "left".into(), user: 2, name: "bob".into(), detail: String::new() };
    let message = NewMessage {
        message: told.message("退出了群").unwrap_or_default(),
        sender_id: 2,
        sender_name: "bob".into(),
        target_type: 1,
        time: 5,
        target_id: 7,
    };
    Arrived { place: Some(Place { conversation: 4, number: 12 }), ..Arrived::new(message) }
}

/// One of each.
fn events() -> Vec<Event> {
    let user = || UserInfo { id: 2, username: "bob".into(), ..UserInfo::default() };
    let message = NewMessage {
        message: MessageBody::text("hi").into_value().unwrap_or_default(),
        sender_id: 2,
        sender_name: "bob".into(),
        target_type: 0,
        time: 5,
        target_id: 2,
    };
    let text = String::new;
    let error = CallError { code: text(), message: text() };
    vec![
        Event::Connecting { server: text(), attempt: 1 },
        Event::Connected { number: 1, server: text(), suite: SuiteName::Classic, server_key: None },
        Event::Disconnected {
            reason: DisconnectReason::Closed,
            retry_in: Some(Duration::from_secs(1)),
            unsent: 0,
        },
        Event::QueueHasRoom,
        Event::LoggedIn(user()),
        Event::LoginFailed,
        Event::Registered(1),
        Event::UsernameTaken,
        Event::Failure(text()),
        Event::Notice(text()),
        Event::FriendRequest(user()),
        Event::FriendRequestResult { ok: true, text: text() },
        Event::ContactAdded(Contact::Room(RoomInfo::new(7, "r"))),
        Event::FriendDeleteResult { ok: true, text: text() },
        Event::FriendDeleted(user()),
        Event::Presence { user: 2, online: true },
        Event::RoomPresence { room: 7, user: 2, online: true },
        Event::RoomUsers { room: 7, members: vec![] },
        Event::RoomDetails(RoomDetails {
            room: 7,
            name: text(),
            entry: Entry::Open,
            muted: false,
            members: vec![],
            requests: vec![],
        }),
        Event::RoomChanged(RoomNews {
            room: 7,
            name: text(),
            event: text(),
            actor: 1,
            user: 2,
            detail: text(),
            members: 3,
        }),
        Event::Invited(InvitationTo { room: 7, name: text(), by: 1, by_name: text() }),
        Event::Invitations(vec![]),
        Event::RoomRequested(RoomRequest { room: 7, user: 2, username: text() }),
        Event::RoomRequests(vec![]),
        Event::Message(message.into()),
        Event::Message(line()),
        Event::Fetched(Fetched { conversation: 4, messages: vec![], asked: true }),
        Event::Cursor(CursorMoved { conversation: 4, user: 2, received: 3, read: 2 }),
        Event::Bundle(Bundle::default()),
        Event::Kicked,
        Event::Echo(1.into()),
        Event::CallAnswer { id: 3, outcome: Ok(1.into()) },
        Event::CallAnswer { id: 4, outcome: Err(error) },
        Event::Named { name: "acme.poked".into(), args: 1.into() },
        Event::Certified { username: text(), not_after: 1, path: Path::new("x.pem").into() },
        Event::SafetyNumber(Safety { user: 2, name: text(), key: [0; 32], number: text(), verified: false }),
        Event::KeyChanged { user: 2, name: text(), key: [0; 32] },
        Event::Undecodable { opcode: Some(Opcode(104)), why: text() },
    ]
}

#[test]
fn every_event_has_the_fields_that_the_manual_shows() {
    let fields = |json: &Json| -> BTreeSet<String> {
        json.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default()
    };
    let shown: Vec<Json> =
        examples("event").iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for event in events() {
        let mut state = State::default();
        state.update(Input::Event(event.clone()));
        let line = json::event(&event, &state, Path::new("files"));
        let is_shown =
            shown.iter().any(|json| json["event"] == line["event"] && fields(json) == fields(&line));
        assert!(is_shown, "the manual has no line like {line}");
    }
}
