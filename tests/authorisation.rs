//! Who may do what: every operation × who asks. An operation without a row fails.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use support::{Server, Wire, befriend, registration, text_message, user};
use uchat_codec::chat::operator::{
    ADD_USER, AddUser, DELETE_USER, DISABLE_USER, ENABLE_USER, END_REVOKED, LIST_USERS, ListUsers,
    SET_PASSWORD, STATUS, SetPassword, UserName,
};
use uchat_codec::chat::room::{
    AnswerInvitation, Entry, InRoom, RenameRoom, ResolveRequest, SetEntry, SetMuted, SetVoice, UserInRoom,
};
use uchat_codec::chat::{
    Blob, CERTIFICATE, Call, CertificateOf, ChangePassword, FILE_BEGIN, FILE_CANCEL, FILE_CHUNK, FILE_FETCH,
    FILE_FINISH, FileBegin, FileChunk, FileFetch, FileHash, FileNamed, Login, LoginWithKey, Outcome, RECALL,
    REQUEST_CERTIFICATE, RecallAsked, RequestCertificate, ResolveFriendRequest, SearchUsers, SendMessage,
};
use uchat_codec::{Opcode, Value, opcode, to_value};
use uchat_framework::{Operation, Registry};

// So that the handlers are linked into this test too.
use uchat_accounts as _;
use uchat_announcements as _;
use uchat_certificates as _;
use uchat_dice as _;
use uchat_echo as _;
use uchat_files as _;
use uchat_friends as _;
use uchat_messages as _;
use uchat_nudge as _;
use uchat_presence as _;
use uchat_recall as _;
use uchat_rooms as _;
use uchat_status as _;

/// Who asks. The target is always bob, and bob's room.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asker {
    NotLoggedIn,
    Stranger,
    Friend,
    RoomMember,
    ExFriend,
}

use Asker::{ExFriend, Friend, NotLoggedIn, RoomMember, Stranger};

const ASKERS: [Asker; 5] = [NotLoggedIn, Stranger, Friend, RoomMember, ExFriend];

/// One request against bob, and who may make it.
struct Row {
    operation: Operation,
    what: &'static str,
    allowed: &'static [Asker],
    request: fn(&World) -> (Opcode, Value),
}

struct World {
    bob: u64,
    room: u64,
}

fn code(opcode: Opcode) -> Operation {
    Operation::Opcode(opcode)
}

fn value<T: serde::Serialize + ?Sized>(parameters: &T) -> Value {
    to_value(parameters).unwrap()
}

fn message_to(target_type: u8, target_id: u64) -> Value {
    value(&SendMessage { target_type, target_id, message: text_message("hi").into_value().unwrap() })
}

const USERS: &[Asker] = &[Stranger, Friend, RoomMember, ExFriend];

fn rows() -> Vec<Row> {
    let row = |operation, what, allowed, request| Row { operation, what, allowed, request };
    let mut rows = vec![
        row(code(opcode::LOGIN), "log in", &ASKERS, |_| {
            (opcode::LOGIN, value(&Login("dora".into(), support::PASSWORD.into())))
        }),
        row(code(opcode::REGISTER), "register", &ASKERS, |_| {
            (opcode::REGISTER, value(&registration("newbie")))
        }),
        row(code(opcode::CLIENT_ECHO), "echo", &ASKERS, |_| (opcode::CLIENT_ECHO, Value::from("x"))),
        row(code(opcode::ADD_FRIEND), "ask bob", &[Stranger, RoomMember, ExFriend], |_| {
            (opcode::ADD_FRIEND, Value::from("bob"))
        }),
        row(code(opcode::RESOLVE_FRIEND_REQUEST), "accept what bob never asked", &[Friend], |world| {
            (opcode::RESOLVE_FRIEND_REQUEST, value(&ResolveFriendRequest(world.bob, true)))
        }),
        row(code(opcode::SEND_MESSAGE), "write to bob", &[Friend], |world| {
            (opcode::SEND_MESSAGE, message_to(0, world.bob))
        }),
        row(code(opcode::SEND_MESSAGE), "write to the room", &[RoomMember], |world| {
            (opcode::SEND_MESSAGE, message_to(1, world.room))
        }),
        row(code(opcode::JOIN_ROOM), "join the room", &[Stranger, Friend, ExFriend], |world| {
            (opcode::JOIN_ROOM, Value::from(world.room))
        }),
        row(code(opcode::CREATE_ROOM), "create a room", USERS, |_| {
            (opcode::CREATE_ROOM, Value::from("another"))
        }),
        row(code(opcode::QUERY_ROOM_USERS), "list the members", &[RoomMember], |world| {
            (opcode::QUERY_ROOM_USERS, Value::from(world.room))
        }),
        row(code(opcode::BAD), "fail on purpose", &[], |_| (opcode::BAD, Value::None)),
        row(code(opcode::DEL_FRIEND), "delete bob", &[Friend], |_| (opcode::DEL_FRIEND, Value::from("bob"))),
        row(Operation::Call("uchat.search_users"), "search", USERS, |_| {
            let args = value(&SearchUsers { prefix: "b".into(), limit: 5 });
            (opcode::CALL, value(&Call { name: "uchat.search_users".into(), id: 1, args }))
        }),
        row(Operation::Call("uchat.change_password"), "change the password", USERS, |_| {
            let args = value(&ChangePassword { old: support::PASSWORD.into(), new: "a better one".into() });
            (opcode::CALL, value(&Call { name: "uchat.change_password".into(), id: 1, args }))
        }),
        row(Operation::Call(FILE_BEGIN), "bring a file", USERS, |_| {
            let args = value(&FileBegin { sha256: FileHash([1; 32]), size: 5 });
            (opcode::CALL, value(&Call { name: FILE_BEGIN.into(), id: 1, args }))
        }),
        row(Operation::Call(FILE_CHUNK), "go on with what was not begun", &[], |_| {
            let data = Blob(bytes::Bytes::from_static(b"x"));
            let args = value(&FileChunk { sha256: FileHash([2; 32]), offset: 0, data });
            (opcode::CALL, value(&Call { name: FILE_CHUNK.into(), id: 1, args }))
        }),
        row(Operation::Call(FILE_FINISH), "end what was not begun", &[], |_| {
            let args = value(&FileNamed { sha256: FileHash([2; 32]) });
            (opcode::CALL, value(&Call { name: FILE_FINISH.into(), id: 1, args }))
        }),
        row(Operation::Call(FILE_CANCEL), "give up what was not begun", &[], |_| {
            let args = value(&FileNamed { sha256: FileHash([2; 32]) });
            (opcode::CALL, value(&Call { name: FILE_CANCEL.into(), id: 1, args }))
        }),
        row(Operation::Call(FILE_FETCH), "fetch a file that there is not", &[], |_| {
            let args = value(&FileFetch { sha256: FileHash([2; 32]), offset: 0, length: 1 });
            (opcode::CALL, value(&Call { name: FILE_FETCH.into(), id: 1, args }))
        }),
        // Whoever it is has proved no key, and nobody has a certificate: these people use the classic suite.
        row(Operation::Call(REQUEST_CERTIFICATE), "ask for a certificate", &[], |_| {
            let args = value(&RequestCertificate { csr: String::new() });
            (opcode::CALL, value(&Call { name: REQUEST_CERTIFICATE.into(), id: 1, args }))
        }),
        row(Operation::Call(CERTIFICATE), "see bob's certificate", &[], |world| {
            let args = value(&CertificateOf { user: world.bob });
            (opcode::CALL, value(&Call { name: CERTIFICATE.into(), id: 1, args }))
        }),
        row(Operation::Call(RECALL), "take back what others have said", &[], |_| {
            let args = value(&RecallAsked { conversation: 1, number: 1 });
            (opcode::CALL, value(&Call { name: RECALL.into(), id: 1, args }))
        }),
        row(Operation::Call("uchat.login_with_key"), "log in by key", &[], |_| {
            let args = value(&LoginWithKey { username: "asker".into() });
            (opcode::CALL, value(&Call { name: "uchat.login_with_key".into(), id: 1, args }))
        }),
    ];
    rows.extend(operators());
    rows.extend(games());
    rows.extend(rooms());
    rows
}

/// The room is bob's.
fn rooms() -> Vec<Row> {
    fn call<T: serde::Serialize>(name: &str, args: &T) -> (Opcode, Value) {
        (opcode::CALL, value(&Call { name: name.into(), id: 1, args: value(args) }))
    }
    fn bob(world: &World) -> UserInRoom {
        UserInRoom { room: world.room, user: world.bob }
    }
    let row = |name, what, allowed, request| Row { operation: Operation::Call(name), what, allowed, request };
    let mut rows = vec![
        row("uchat.room.members", "see the members", &[RoomMember], |world| {
            call("uchat.room.members", &InRoom { room: world.room })
        }),
        row("uchat.room.leave", "leave the room", &[RoomMember], |world| {
            call("uchat.room.leave", &InRoom { room: world.room })
        }),
        row("uchat.room.invitations", "see the own invitations", USERS, |_| {
            call("uchat.room.invitations", &())
        }),
        row("uchat.room.requests", "see who asks to come into the own rooms", USERS, |_| {
            call("uchat.room.requests", &())
        }),
        row("uchat.room.answer", "take an invitation that there isn't", &[], |world| {
            call("uchat.room.answer", &AnswerInvitation { room: world.room, accept: true })
        }),
        row("uchat.room.invite", "invite bob", &[], |world| call("uchat.room.invite", &bob(world))),
        row("uchat.room.remove", "remove bob", &[], |world| call("uchat.room.remove", &bob(world))),
        row("uchat.room.hand_over", "hand the room over", &[], |world| {
            call("uchat.room.hand_over", &bob(world))
        }),
        row("uchat.room.close", "close the room", &[], |world| {
            call("uchat.room.close", &InRoom { room: world.room })
        }),
    ];
    rows.extend([
        row("uchat.room.rename", "rename the room", &[] as &[Asker], |world| {
            call("uchat.room.rename", &RenameRoom { room: world.room, name: "x".into() })
        }),
        row("uchat.room.set_entry", "say who comes in", &[], |world| {
            call("uchat.room.set_entry", &SetEntry { room: world.room, entry: Entry::Approval })
        }),
        row("uchat.room.set_muted", "mute the room", &[], |world| {
            call("uchat.room.set_muted", &SetMuted { room: world.room, muted: true })
        }),
        row("uchat.room.set_voice", "give bob a voice", &[], |world| {
            call("uchat.room.set_voice", &SetVoice { room: world.room, user: world.bob, voice: true })
        }),
        row("uchat.room.resolve", "let bob in", &[], |world| {
            call("uchat.room.resolve", &ResolveRequest { room: world.room, user: world.bob, accept: true })
        }),
    ]);
    rows
}

/// Plug-ins that people play with.
fn games() -> Vec<Row> {
    fn call(name: &str, key: &str, number: u64) -> (Opcode, Value) {
        let args = value(&std::collections::BTreeMap::from([(key, number)]));
        (opcode::CALL, value(&Call { name: name.into(), id: 1, args }))
    }
    let row = |name, what, allowed, request| Row { operation: Operation::Call(name), what, allowed, request };
    vec![
        // Over the classic suite nobody sends this way.
        row("uchat.send", "write to bob with an id", &[], |world| call("uchat.send", "target_id", world.bob)),
        // Numbers are for the strong suite only.
        row("uchat.numbers", "ask for numbers", &[], |_| call("uchat.numbers", "x", 0)),
        row("uchat.resume", "ask what is new", &[], |_| call("uchat.resume", "page", 1)),
        row("uchat.history", "ask for a page", &[], |_| call("uchat.history", "conversation", 1)),
        row("uchat.received", "confirm a message", &[], |_| call("uchat.received", "conversation", 1)),
        row("uchat.read", "read a message", &[], |_| call("uchat.read", "conversation", 1)),
        // Bob's classic client could not hear it.
        row("uchat.nudge", "nudge bob", &[], |world| call("uchat.nudge", "user", world.bob)),
        row("uchat.dice.roll", "roll the dice", &[RoomMember], |world| {
            call("uchat.dice.roll", "room", world.room)
        }),
        row("uchat.dice.table", "see who rolled best", &[RoomMember], |world| {
            call("uchat.dice.table", "room", world.room)
        }),
    ]
}

/// None of these people is an operator.
fn operators() -> Vec<Row> {
    fn call<T: serde::Serialize>(name: &str, args: &T) -> (Opcode, Value) {
        (opcode::CALL, value(&Call { name: name.into(), id: 1, args: value(args) }))
    }
    let row = |name, what, request| Row { operation: Operation::Call(name), what, allowed: &[], request };
    vec![
        row(ADD_USER, "make a user", |_| {
            let (username, password) = ("extra".into(), support::PASSWORD.into());
            let email = "extra@mail.com".into();
            call(ADD_USER, &AddUser { username, password, email, sex: "保密".into(), age: "保密".into() })
        }),
        row(SET_PASSWORD, "set bob's password", |_| {
            call(SET_PASSWORD, &SetPassword { username: "bob".into(), password: "x".into() })
        }),
        row(DISABLE_USER, "disable bob", |_| call(DISABLE_USER, &bob_by_name())),
        row(ENABLE_USER, "enable bob", |_| call(ENABLE_USER, &bob_by_name())),
        row(DELETE_USER, "delete bob", |_| call(DELETE_USER, &bob_by_name())),
        row("uchat.operator.announce", "announce something", |_| {
            call("uchat.operator.announce", &std::collections::BTreeMap::from([("text", "hear, hear")]))
        }),
        row(STATUS, "ask how the server is", |_| call(STATUS, &())),
        row(LIST_USERS, "list the users", |_| {
            call(LIST_USERS, &ListUsers { after: String::new(), limit: 9 })
        }),
        row(END_REVOKED, "end sessions", |_| call(END_REVOKED, &())),
    ]
}

fn bob_by_name() -> UserName {
    UserName { username: "bob".into() }
}

/// A world of its own for each question, since what is allowed changes it.
fn ask(asker: Asker, row: &Row) -> bool {
    let server = Server::start();
    let (mut bob, bob_id) = user(&server, "bob");
    bob.send(opcode::CREATE_ROOM, "room");
    bob.settle();
    Wire::connect(&server).register("dora");
    let mut wire = Wire::connect(&server);
    let name = "asker";
    let id = wire.register(name);
    if asker != NotLoggedIn {
        wire.login(name);
    }
    match asker {
        Friend | ExFriend => befriend(&mut wire, id, &mut bob, "bob"),
        RoomMember => wire.send(opcode::JOIN_ROOM, &1),
        NotLoggedIn | Stranger => {}
    }
    if asker == ExFriend {
        wire.send(opcode::DEL_FRIEND, "bob");
    }
    wire.settle();
    bob.settle();
    let (request, parameters) = (row.request)(&World { bob: bob_id, room: 1 });
    wire.send(request, &parameters);
    let answers = wire.settle();
    let refused = answers.iter().any(|(opcode, value)| is_refusal(*opcode, value));
    let heard = bob.settle();
    assert!(!refused || heard.is_empty(), "bob heard of a refused request: {heard:?}");
    // A connection goes on after a refusal, and nothing but `bad` is an error of the server.
    assert!(server.errors().is_empty() || request == opcode::BAD, "{:?}", server.errors());
    !refused
}

fn is_refusal(opcode: Opcode, value: &Value) -> bool {
    match opcode {
        opcode::GENERAL_FAILURE | opcode::LOGIN_FAILED | opcode::USERNAME_TAKEN => true,
        opcode::ADD_FRIEND_RESULT | opcode::DEL_FRIEND_RESULT => !support::plain::<Outcome>(value.clone()).0,
        opcode::CALL_RESULT => value.get("err").is_some(),
        _ => false,
    }
}

#[test]
fn everybody_may_do_exactly_what_the_table_says() {
    let mut wrong = Vec::new();
    for row in rows() {
        for asker in ASKERS {
            let allowed = row.allowed.contains(&asker);
            if ask(asker, &row) != allowed {
                wrong.push(format!("{asker:?} may {}{}", if allowed { "" } else { "not " }, row.what));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_operation_has_a_row() {
    let rows = rows();
    for info in Registry::linked().unwrap().handlers() {
        assert!(rows.iter().any(|row| row.operation == info.operation), "no row for {}", info.origin);
    }
}
