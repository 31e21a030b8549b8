//! What members and owners do with a room, through the window.

use serde_json::{Value, json};

use super::people::{befriend, create_room};
use super::support::{Display, Peer, Server, Window, control};

const ENGLISH: [&str; 2] = ["--language", "en"];

/// Ann with a room of hers that bob is in, and both look at it; with the room's number.
pub(crate) fn house<'a>(display: &'a Display, server: &Server) -> (Window<'a>, Window<'a>, u64) {
    let mut ann = Window::registered(display, server, "ann", &ENGLISH);
    let mut bob = Window::registered(display, server, "bob", &ENGLISH);
    let number = create_room(&mut ann, "tea");
    join(&mut bob, number);
    (ann, bob, number)
}

fn join(window: &mut Window<'_>, number: u64) {
    window.click("new");
    window.write("new:join-room", &number.to_string());
    window.click("join-room-ok");
    window.wait_fact("open", &json!("tea"));
}

/// A line of the server with this text is in sight: no message of anybody.
fn reads(window: &mut Window<'_>, text: &str) {
    window.until(text, |look| {
        let lines = look["controls"].as_array()?;
        let is_it = |line: &&Value| {
            line["name"].as_str().is_some_and(|name| name.starts_with("line:")) && line["text"] == text
        };
        lines.iter().find(is_it).map(|_| ())
    });
}

#[test]
fn the_owner_renames_sets_the_rules_and_members_read_each_change_in_their_language() {
    let (display, server) = (Display::start(), Server::start());
    let (mut ann, mut bob, number) = house(&display, &server);
    ann.click("more");
    ann.click("room-rules");
    ann.write("room-name", "下午茶");
    ann.click("rename-room");
    ann.wait_fact("open", &json!("下午茶"));
    reads(&mut bob, "ann renamed the room to \"下午茶\"");
    bob.wait("contact:下午茶", |_, _| true);
    ann.click("entry:approval");
    ann.wait("entry:approval", |found, _| found["role"] == "button-on");
    ann.wait_text("entry-means", "you let in whom you like");
    reads(&mut bob, "ann now lets in who asks, one by one");
    // A member has no such page, and sees who the owner is.
    bob.click("more");
    bob.wait_text("panel-head", &format!("asks with the number {number}"));
    bob.wait_text("member:ann", "Owner");
    assert!(control(&bob.look(), "room-rules").is_none());
    ann.write("room-name", &"long".repeat(9));
    ann.click("rename-room");
    ann.wait_text("panel-note", "too long");
    // From its pages one comes back to the room, then to the conversation.
    ann.escape();
    ann.wait_fact("panel", &json!("details"));
    ann.escape();
    ann.wait_gone("panel");
}

#[test]
fn who_may_not_speak_reads_why_and_can_again_when_given_a_voice() {
    let (display, server) = (Display::start(), Server::start());
    let (mut ann, mut bob, _) = house(&display, &server);
    bob.write("message", "half a sentence");
    ann.click("more");
    ann.click("room-rules");
    ann.click("speak:few");
    bob.wait_text("composer-closed", "muted this room");
    bob.wait_gone("send");
    assert!(control(&bob.look(), "message").is_none());
    ann.wait_gone("composer-closed");
    ann.escape();
    ann.click("member:bob");
    ann.click("member-voice");
    // What was written is still there.
    bob.wait("message", |found, _| found["text"] == "half a sentence");
    reads(&mut bob, "ann gave bob a voice");
    ann.wait_text("member:bob", "may speak");
    bob.say("and the other half");
    ann.escape();
    ann.escape();
    ann.wait_message("and the other half");
}

#[test]
fn whom_the_owner_removes_is_told_and_keeps_what_was_said() {
    let (display, server) = (Display::start(), Server::start());
    let (mut ann, mut bob, _) = house(&display, &server);
    ann.say("before");
    bob.wait_message("before");
    ann.click("more");
    ann.click("member:bob");
    ann.click("remove-member");
    ann.wait_text("panel-question", "bob gets no more messages");
    // Until the question is answered, nothing has happened.
    ann.click("panel-keep");
    ann.wait("remove-member", |_, _| true);
    ann.wait("member:bob", |_, _| true);
    ann.click("remove-member");
    ann.click("panel-danger");
    ann.wait_fact("panel", &json!("details"));
    ann.wait_gone("member:bob");
    bob.wait_text("bar", "removed from \"tea\"");
    bob.wait_text("composer-closed", "not in this room any more");
    bob.wait_gone("contact:tea");
    bob.wait_message("before");
    ann.escape();
    reads(&mut ann, "ann removed bob");
}

#[test]
fn an_invitation_is_a_card_that_can_wait_be_refused_and_be_accepted() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &ENGLISH);
    let mut bob = Window::registered(&display, &server, "bob", &ENGLISH);
    befriend(&mut ann, &mut bob, ("ann", "bob"));
    create_room(&mut ann, "tea");
    let invite = |ann: &mut Window<'_>, note: &str| {
        ann.click("more");
        ann.click("invite");
        ann.click("invite:bob");
        ann.wait_text("panel-note", note);
        ann.escape();
        ann.escape();
    };
    invite(&mut ann, "bob was invited");
    bob.wait_text("invitation:tea", "ann invites you");
    bob.click("invitation:tea:later");
    bob.wait_gone("invitation:tea");
    invite(&mut ann, "asked before");
    // Later is the next login.
    let home = bob.close();
    let mut bob = Window::open_at(&display, server.address(), &ENGLISH, home);
    bob.sign_in("bob");
    bob.click("invitation:tea:refuse");
    bob.wait_gone("invitation:tea");
    invite(&mut ann, "bob was invited");
    bob.click("invitation:tea:accept");
    bob.wait_fact("open", &json!("tea"));
    reads(&mut ann, "bob joined");
    bob.say("thanks");
    ann.wait_message("bob: thanks");
    // Whoever is in needs no invitation.
    ann.click("more");
    ann.click("invite");
    ann.wait("friends", |found, _| found["text"].as_str().unwrap().contains("No friend is left"));
}

#[test]
fn who_wants_to_come_in_is_a_card_for_the_owner() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &ENGLISH);
    let number = create_room(&mut ann, "tea");
    ann.click("more");
    ann.click("room-rules");
    ann.click("entry:approval");
    ann.wait("entry:approval", |found, _| found["role"] == "button-on");
    let mut bob = Window::registered(&display, &server, "bob", &ENGLISH);
    bob.click("new");
    bob.write("new:join-room", &number.to_string());
    bob.click("join-room-ok");
    bob.wait_text("room-note", "lets you in, or not");
    let mut eve = Peer::join(&server, "eve");
    eve.command(&json!({"command": "join_room", "room": number}));
    ann.click(&format!("room-request:{number}:eve:refuse"));
    ann.wait_gone(&format!("room-request:{number}:eve"));
    ann.wait_text(&format!("room-request:{number}:bob"), "wants to join tea");
    ann.click(&format!("room-request:{number}:bob:accept"));
    bob.wait("contact:tea", |_, _| true);
    ann.escape();
    ann.wait("member:bob", |_, _| true);
    assert!(control(&ann.look(), "member:eve").is_none());
}

#[test]
fn who_leaves_is_asked_once_and_the_room_goes_on_with_another_owner() {
    let (display, server) = (Display::start(), Server::start());
    let (mut ann, mut bob, _) = house(&display, &server);
    ann.click("more");
    ann.click("leave-room");
    ann.wait_text("panel-question", "longest will own");
    ann.click("panel-danger");
    ann.wait_fact("open", &json!(null));
    ann.wait_gone("contact:tea");
    reads(&mut bob, "ann left; bob owns the room now");
    bob.click("more");
    bob.click("room-rules");
    bob.click("close-room");
    bob.wait_text("panel-question", "gone for all");
    bob.click("panel-danger");
    bob.wait_gone("contact:tea");
    bob.wait_text("composer-closed", "not in this room any more");
}

#[test]
fn a_new_message_is_taken_back_by_the_button_beside_it() {
    let (display, server) = (Display::start(), Server::start());
    let (mut ann, mut bob, _) = house(&display, &server);
    ann.say("a secret");
    ann.wait_message("a secret (sent");
    bob.wait_message("a secret");
    assert!(
        bob.look()["controls"].as_array().unwrap().iter().all(|one| one["text"] != "Take back"),
        "nobody takes back what others say"
    );
    let look = ann.look();
    let mut buttons = look["controls"].as_array().unwrap().iter();
    let button = buttons.rfind(|one| one["text"] == "Take back").unwrap()["name"].clone();
    ann.click(button.as_str().unwrap());
    for window in [&mut ann, &mut bob] {
        window.wait_message("This message was taken back.");
        window.until("nothing is left of it", |look| {
            (!look["controls"].to_string().contains("a secret")).then_some(())
        });
    }
}
