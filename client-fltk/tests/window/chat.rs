//! Talking: text, colour, size, images, files; what came while one was away.

use serde_json::json;

use super::people::{befriend, create_room};
use super::support::{Display, Peer, Server, Window, key, png};

#[test]
fn two_people_become_friends_and_talk_with_colour_size_and_images() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let mut ming = Window::registered(&display, &server, "小明", &["--language", "zh"]);
    befriend(&mut ann, &mut ming, ("ann", "小明"));
    ann.wait_text("lock", "Strong");
    ann.say("hello 你好 https://example.com");
    ann.wait_message("(sent");
    let small = ming.wait_message("hello 你好");
    let small = ming.wait(&small, |_, _| true)["h"].as_i64();
    ann.click("font-size");
    ann.click("size:28");
    ann.click("font-colour");
    ann.click("colour:#c62828");
    ann.say("LARGE and red");
    let large = ming.wait_message("LARGE and red");
    assert!(ming.wait(&large, |_, _| true)["h"].as_i64() > small, "28 points need more room than 15");
    let red = ming.pixels(&large).pixels().filter(|of| of[0] > 150 && of[1] < 90 && of[2] < 90).count();
    assert!(red > 100, "the letters are red: {red} pixels are");
    ming.attach("picture.png", &png(640, 420));
    ann.wait_message("image png shown");
    ming.attach("notes.txt", b"just some text");
    ann.wait_message("file bin 14 notes.txt");
    // The list shows in one line who wrote last.
    ann.wait_text("contact:小明", "[File] notes.txt");
    ming.wait_text("contact:ann", "[文件]");
}

#[test]
fn an_image_opens_large_and_closes_again() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    create_room(&mut window, "room");
    window.attach("picture.png", &png(640, 420));
    let image = window.wait_message("image png shown (sent");
    window.click(&image);
    window.wait_fact("panel", &json!("image"));
    window.wait("picture", |_, _| true);
    window.escape();
    window.wait_fact("panel", &json!(null));
    window.wait_message("image png shown (sent");
}

#[test]
fn what_came_while_away_has_a_badge_and_what_did_not_get_out_is_sent_by_itself() {
    let (display, mut server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let mut bob = Window::registered(&display, &server, "bob", &["--language", "en"]);
    befriend(&mut ann, &mut bob, ("ann", "bob"));
    bob.say("before");
    ann.wait_message("before");
    let home = ann.close();
    bob.wait_text("head", "offline");
    bob.say("one");
    bob.say("two");
    bob.wait_message("one (sent");
    bob.wait_message("two (sent");
    bob.wait_text("contact:ann", "two");

    let mut ann = Window::open_at(&display, server.address(), &["--language", "en"], home);
    ann.sign_in("ann");
    ann.wait_text("contact:bob", "unread 2");
    ann.wait_fact("title", &json!("(2) ann – Uchat"));
    ann.click("contact:bob");
    ann.wait_message("before");
    ann.wait_message("two");
    ann.wait_fact("unread", &json!(0));
    ann.click("search");
    ann.write("panel-input", "EFOR");
    ann.click("hit:0");
    ann.wait_message("before");
    server.kill();
    ann.wait("bar", |found, _| !found["text"].as_str().unwrap().is_empty());
    ann.write("message", "into the void");
    ann.enter();
    ann.wait_message("into the void (sending)");
    server.restart();
    ann.wait_fact("ready", &json!(true));
    // Nobody has to do anything for it, and it is there once.
    ann.wait_message("into the void (sent");
    let all = ann.look()["controls"].to_string();
    assert_eq!(all.matches("into the void (").count(), 1, "{all}");
}

#[test]
fn a_new_message_does_not_take_away_what_one_reads_but_says_that_it_is_there() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let room = create_room(&mut ann, "room");
    let mut bob = Peer::join(&server, "bob");
    bob.command(&json!({"command": "join_room", "room": room}));
    bob.event("contact_added");
    for at in 0..60 {
        bob.say(&format!("#{room}"), &format!("line {at:02}"));
    }
    let last = ann.wait_message("line 59");
    ann.wheel(&last, -40);
    ann.wait_message("line 05");
    bob.say(&format!("#{room}"), "something new");
    ann.wait_text("newest", "1");
    ann.wait_message("line 05");
    ann.click("newest");
    ann.wait_message("something new");
    ann.wait_gone("newest");
}

#[test]
fn what_was_written_and_not_sent_is_kept_for_each_contact() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    create_room(&mut window, "one");
    window.write("message", "half a sentence");
    create_room(&mut window, "two");
    window.wait("message", |found, _| found["text"] == "");
    window.wait_text("contact:one", "half a sentence");
    let home = window.close();
    let mut window = Window::open_at(&display, server.address(), &["--language", "en"], home);
    window.sign_in("ann");
    window.click("contact:one");
    window.wait_text("message", "half a sentence");
}

#[test]
fn the_key_that_sends_is_a_setting_and_the_other_one_makes_a_line() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    create_room(&mut window, "room");
    window.write("message", "first");
    window.shift(key::RETURN);
    window.type_keys("second");
    window.wait("message", |found, _| found["text"] == "first\nsecond");
    window.enter();
    window.wait_message("first\nsecond (sent");
    window.click("settings");
    window.click("set-send:ctrl-enter");
    window.escape();
    window.write("message", "third");
    window.enter();
    window.wait("message", |found, _| found["text"] == "third\n");
    window.click("send");
    window.wait_message("third (sent");
}

#[test]
fn what_is_said_can_be_selected_and_copied() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    create_room(&mut window, "room");
    window.say("copy 这些 words");
    let message = window.wait_message("copy 这些 words (sent");
    window.drag(&message, (0.01, 0.5), (0.99, 0.5));
    window.ctrl('c');
    window.click("message");
    window.wait("message", |found, _| found["focused"] == true);
    window.ctrl('v');
    window.wait_text("message", "这些");
}

#[test]
fn a_long_text_that_is_pasted_is_sent_whole() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    create_room(&mut window, "room");
    let text = format!("{}the last words", "一二三四五 words ".repeat(10_000));
    window.say(&text);
    window.wait_message("一二三四五");
    window.wait_text("contact:room", "一二三四五");
    window.click("search");
    window.write("panel-input", "the last words");
    window.wait("hit:0", |_, _| true);
}
