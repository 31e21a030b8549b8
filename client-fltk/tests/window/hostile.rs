//! What others may send and must not harm a window.

use serde_json::json;

use super::people::create_room;
use super::support::{Display, Peer, Server, Window, png};

#[test]
fn broken_images_and_bombs_are_told_and_leave_the_window_alive() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    create_room(&mut window, "room");
    window.attach("broken.png", b"\x89PNG\r\n\x1a\nand then nothing");
    window.wait_message("image png broken (sent");
    window.attach("mistyped.png", b"GIF89a but not really");
    window.wait_message("image gif broken (sent");
    window.attach("empty.png", b"");
    // A small file that says that it is 20,000 by 20,000.
    let mut bomb = png(2, 2);
    bomb[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
    window.attach("bomb.png", &bomb);
    window.attach("good.png", &png(300, 200));
    window.wait_message("image png shown (sent");
    window.say("still alive");
    window.wait_message("still alive (sent");
}

#[test]
fn a_megabyte_of_text_in_one_message_is_shown_and_scrolled() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let room = create_room(&mut window, "room");
    let mut peer = Peer::join(&server, "bob");
    peer.command(&json!({"command": "join_room", "room": room}));
    peer.event("contact_added");
    let to = format!("#{room}");
    peer.say(&to, &"一二三四五 words ".repeat(45_000));
    peer.event("message");
    peer.say(&to, &"x".repeat(300_000));
    peer.event("message");
    peer.say(&to, &"\n".repeat(300_000));
    peer.event("message");
    peer.say(&to, "the end");
    let end = window.wait_message("the end");
    window.wheel(&end, -20);
    window.say("still alive");
    window.wait_message("still alive (sent");
}

#[test]
fn what_nobody_can_read_is_named_and_not_shown_as_if_it_were_text() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let room = create_room(&mut window, "room");
    let mut peer = Peer::join(&server, "bob");
    peer.command(&json!({"command": "join_room", "room": room}));
    peer.event("contact_added");
    let target = json!({"room": room});
    for message in [json!({"type": 9, "anything": [1, true, "x"]}), json!([]), json!("text"), json!(null)] {
        peer.command(&json!({"command": "send_raw", "to": target, "message": message}));
    }
    let sizes = [-5, 0, 4_000_000_000_u64.cast_signed()];
    for size in sizes {
        let text = json!({"type": 0, "data": "odd size", "fontsize": size, "fontcolor": "no colour"});
        peer.command(&json!({"command": "send_raw", "to": target, "message": text}));
    }
    peer.say(&format!("#{room}"), "\u{202e}backwards\u{0} \u{7} and control characters");
    peer.say(&format!("#{room}"), "the end");
    window.wait_message("the end");
    window.say("still alive");
    window.wait_message("still alive (sent");
}
