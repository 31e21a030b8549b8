//! People with `uchat-cli` talk through the server: the whole of it, as processes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use serde_json::{Value as Json, json};
use support::Server;
use support::cli::Cli;

/// A file that begins like a PNG image and goes on with bytes that don't repeat soon.
fn picture(bytes: usize) -> Vec<u8> {
    let mut data = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut state = 1u32;
    while data.len() < bytes {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        data.push(state.to_be_bytes()[0]);
    }
    data
}

fn befriend(one: &mut Cli, one_name: &str, other: &mut Cli, other_name: &str) {
    one.command(&json!({"command": "add_friend", "username": other_name}));
    assert_eq!(one.event("friend_request_result")["ok"], true);
    assert_eq!(other.event("friend_request")["user"]["username"], one_name);
    other.command(&json!({"command": "accept", "from": one_name}));
    assert_eq!(other.event("contact_added")["contact"]["username"], one_name);
    assert_eq!(one.event("contact_added")["contact"]["username"], other_name);
}

/// Sends a picture, and sees it arrive at the other one whole.
fn send_picture(from: &mut Cli, to: &mut Cli, to_name: &str, folder: &std::path::Path, bytes: usize) {
    let file = folder.join(format!("{bytes}.png"));
    let data = picture(bytes);
    std::fs::write(&file, &data).unwrap();
    from.command(&json!({"command": "send_image", "to": to_name, "file": file}));
    for person in [from, to] {
        let event =
            person.wait("the picture", |event| event["event"] == "message" && event["kind"] == "image");
        assert_eq!(event["bytes"], bytes);
        let saved = std::fs::read(event["file"].as_str().unwrap()).unwrap();
        assert!(saved == data, "the picture of {bytes} bytes has changed on the way");
    }
}

fn unread(bundle: &Json) -> Vec<(String, u64)> {
    let messages = bundle["messages"].as_array().unwrap();
    let pair = |message: &Json| {
        (message["text"].as_str().unwrap_or("(image)").to_owned(), message["sent"].as_u64().unwrap())
    };
    messages.iter().map(pair).collect()
}

#[test]
fn people_meet_talk_send_pictures_miss_each_other_and_part() {
    let folder = tempfile::tempdir().unwrap();
    let (homes, server) = (folder.path(), Server::start());
    let (mut ann, mut bob) = (Cli::start(&server, homes, "ann"), Cli::start(&server, homes, "小明"));
    ann.join("ann@mail.com");
    bob.join("xm@mail.com");
    ann.command(&json!({"command": "search", "prefix": "小"}));
    assert_eq!(ann.event("call_result")["ok"][0]["username"], "小明");
    befriend(&mut ann, "ann", &mut bob, "小明");

    ann.say("小明", "你好 hello\n😀");
    bob.hears("你好 hello\n😀");
    bob.command(
        &json!({"command": "send_text", "to": "ann", "text": "red", "fontsize": 24, "fontcolor": "#ff0000"}),
    );
    let red = ann.hears("red");
    assert_eq!((&red["fontsize"], &red["fontcolor"]), (&json!(24), &json!("#ff0000")));
    // Each has a copy of what was sent: nothing of it is left when the pictures come.
    ann.hears("你好 hello\n😀");
    bob.hears("red");
    send_picture(&mut ann, &mut bob, "小明", homes, 1_000_000);
    send_picture(&mut bob, &mut ann, "ann", homes, 20_000_000);

    assert!(bob.leave().success());
    assert_eq!(ann.event("presence")["online"], false);
    ann.say("小明", "are you there?");
    ann.hears("are you there?");
    let mut bob = Cli::start(&server, homes, "小明");
    let news: Vec<_> = unread(&bob.login()).into_iter().filter(|(_, sent)| *sent == 0).collect();
    assert_eq!(news, [("are you there?".to_owned(), 0)]);
    assert_eq!(ann.event("presence")["online"], true);

    a_room_of_three(&server, homes, &mut ann, &mut bob);
    a_second_login_kicks_the_first(&server, homes, &mut ann, bob);
    assert!(server.errors().is_empty(), "{:?}", server.errors());
    assert!(!server.log().contains("are you there?") && !server.log().contains(support::PASSWORD));
}

fn a_room_of_three(server: &Server, homes: &std::path::Path, ann: &mut Cli, bob: &mut Cli) {
    let mut eve = Cli::start(server, homes, "eve");
    eve.join("eve@mail.com");
    ann.forget();
    ann.command(&json!({"command": "create_room", "name": "茶"}));
    let room = ann.event("contact_added")["contact"]["id"].as_u64().unwrap();
    bob.forget();
    for person in [&mut *bob, &mut eve] {
        person.command(&json!({"command": "join_room", "room": room}));
        assert_eq!(person.event("contact_added")["contact"]["room_name"], "茶");
    }
    eve.say(&format!("#{room}"), "tea?");
    for person in [&mut *ann, &mut *bob, &mut eve] {
        let heard = person.hears("tea?");
        assert_eq!(heard["sender"]["name"], "eve", "{heard}");
    }
    ann.command(&json!({"command": "room_users", "room": room}));
    assert_eq!(ann.event("room_users")["members"].as_array().unwrap().len(), 3);
    assert!(eve.leave().success());
}

fn a_second_login_kicks_the_first(server: &Server, homes: &std::path::Path, ann: &mut Cli, mut bob: Cli) {
    let mut again = Cli::start(server, homes, "小明");
    again.login();
    bob.event("kicked");
    ann.forget();
    again.say("ann", "it is still me");
    ann.hears("it is still me");

    ann.command(&json!({"command": "delete_friend", "username": "小明"}));
    assert_eq!(ann.event("friend_delete_result")["ok"], true);
    again.event("friend_deleted");
    ann.event("friend_deleted");
    again.command(&json!({"command": "send_text", "to": "ann", "text": "?"}));
    let refused = |event: &Json| event["event"] == "failure" || event["event"] == "error";
    again.wait("a refusal", refused);
}
