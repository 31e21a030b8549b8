//! Nothing is lost and everybody knows how far it is: marks of own messages, what was written without a server, older
//! messages from the server.

use serde_json::json;

use super::people::{befriend, create_room};
use super::support::{Display, Server, Window};

const ENGLISH: [&str; 2] = ["--language", "en"];

#[test]
fn own_messages_show_that_they_have_arrived_and_that_they_were_read() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &ENGLISH);
    let mut bob = Window::registered(&display, &server, "bob", &ENGLISH);
    befriend(&mut ann, &mut bob, ("ann", "bob"));
    let home = bob.close();
    ann.wait_text("head", "offline");
    ann.say("tea?");
    ann.wait_message("tea? (sent)");
    let mut bob = Window::reopen(&display, server.address(), &ENGLISH, home);
    bob.wait_text("contact:ann", "unread 1");
    ann.wait_message("tea? (sent, arrived)");
    ann.picture("arrived");
    bob.click("contact:ann");
    bob.wait_message("tea?");
    ann.wait_message("tea? (sent, read)");
    ann.picture("read");
    // Who does not want to tell does not; the messages arrive all the same.
    bob.click("settings");
    bob.click("set-read:off");
    bob.wait("set-read:off", |found, _| found["role"] == "button-on");
    bob.escape();
    ann.say("with milk?");
    bob.wait_message("with milk?");
    bob.say("yes");
    ann.wait_message("yes");
    ann.wait_message("with milk? (sent, arrived)");
}

#[test]
fn what_was_written_without_a_server_is_sent_by_the_next_window() {
    let (display, mut server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &ENGLISH);
    create_room(&mut window, "room");
    window.say("said before");
    window.wait_message("said before (sent");
    server.kill();
    window.wait_text("bar", "Trying again by itself");
    window.say("first");
    window.wait_message("first (sending)");
    let home = window.close();
    let mut window = Window::reopen(&display, server.address(), &ENGLISH, home);
    window.click("contact:room");
    window.wait_message("first (sending)");
    window.say("second");
    window.wait_message("second (sending)");
    server.restart();
    window.wait_message("first (sent");
    window.wait_message("second (sent");
    let home = window.close();
    // It is sent once: a device that knows nothing finds it once.
    drop(home);
    let mut window = Window::open(&display, server.address(), &ENGLISH);
    window.sign_in("ann");
    window.click("contact:room");
    window.wait_message("second");
    let look = window.look();
    let messages = look["controls"].as_array().unwrap().iter();
    let all: Vec<_> =
        messages.filter(|control| control["name"].as_str().unwrap().starts_with("message:")).collect();
    assert_eq!(all.len(), 3, "{all:?}");
}

#[test]
fn a_new_device_scrolls_back_to_the_first_message_of_all() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &ENGLISH);
    let room = create_room(&mut ann, "room");
    let mut peer = super::support::Peer::join(&server, "bob");
    ann.wait_text("head", "1 member");
    peer.command(&json!({"command": "join_room", "room": room}));
    peer.event("contact_added");
    ann.wait_text("head", "2 members");
    for number in 1..=250 {
        peer.say(&format!("#{room}"), &format!("number {number}"));
        peer.event("message");
    }
    ann.wait_message("number 250");
    drop(ann.close());
    let mut ann = Window::open(&display, server.address(), &ENGLISH);
    ann.sign_in("ann");
    ann.wait_text("contact:room", "number 250");
    ann.wait_fact("unread", &json!(0));
    ann.click("contact:room");
    ann.wait_message("number 250");
    // The bar of the conversation is dragged to its upper end again and again, as older messages come.
    for _ in 0..60 {
        let top = ann.wait("message:0", |_, _| true);
        if top["text"].as_str().unwrap().contains("number 1 ") {
            return;
        }
        ann.wheel("message:0", -200);
    }
    panic!("the first message did not come: {}", ann.look());
}

#[test]
fn what_somebody_takes_back_is_gone_from_the_window_and_from_its_history() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &ENGLISH);
    let room = create_room(&mut ann, "room");
    let mut peer = super::support::Peer::join(&server, "bob");
    peer.command(&json!({"command": "join_room", "room": room}));
    peer.event("contact_added");
    peer.say(&format!("#{room}"), "a secret");
    let said = peer.event("message");
    ann.wait_message("a secret");
    let place = json!({"conversation": said["conversation_number"], "number": said["number"]});
    peer.command(&json!({"command": "call", "name": "uchat.recall", "args": place}));
    ann.wait_message("This message was taken back.");
    ann.wait_message("Took a message back.");
    ann.picture("taken-back");
    assert!(!ann.look().to_string().contains("a secret"), "{}", ann.look());
    let home = ann.close();
    let mut ann = Window::reopen(&display, server.address(), &ENGLISH, home);
    ann.click("contact:room");
    ann.wait_message("This message was taken back.");
    assert!(!ann.look().to_string().contains("a secret"), "{}", ann.look());
}
