//! People talking through two and three running windows.

use serde_json::json;

use super::support::{Display, Server, Window, png};

/// Makes two windows friends, through their own controls.
fn befriend(one: &mut Window<'_>, other: &mut Window<'_>, names: (&str, &str)) {
    one.click("new");
    one.write("new:add-friend", names.1);
    one.click(&format!("found:{}", names.1));
    one.wait("friend-note", |found, _| !found["text"].as_str().unwrap().is_empty());
    other.click(&format!("request:{}:accept", names.0));
    one.click(&format!("contact:{}", names.1));
    one.wait("message", |_, _| true);
    other.click(&format!("contact:{}", names.0));
    other.wait("message", |_, _| true);
}

#[test]
fn two_people_become_friends_and_talk_with_colour_size_and_images() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let mut ming = Window::registered(&display, &server, "小明", &["--language", "zh"]);
    befriend(&mut ann, &mut ming, ("ann", "小明"));
    ann.wait_text("lock", "Strong");
    ann.say("hello 你好 https://example.com");
    ann.wait_message("(sent)");
    ming.wait_message("hello 你好");
    ann.click("font-size");
    ann.click("size:28");
    ann.click("font-colour");
    ann.click("colour:#c62828");
    ann.say("LARGE and red");
    ming.wait_message("LARGE and red");
    ming.attach("picture.png", &png(640, 420));
    ann.wait_message("image png shown");
    ming.attach("notes.txt", b"just some text");
    ann.wait_message("file bin");
    // Both like at last: the list shows who wrote last, in one line.
    ann.wait_text("contact:小明", "[File]");
    ming.click("more");
    ming.click("delete-friend");
    ming.click("panel-danger");
    ming.wait("filter", |_, look| look["facts"]["open"].is_null());
    ann.wait_text("head", "not a contact any more");
}

#[test]
fn what_came_while_away_has_a_badge_and_the_history_is_there_before_the_network() {
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
    bob.wait_message("two (sent)");
    bob.wait("contact:ann", |found, _| found["text"].as_str().unwrap().contains("two"));
    bob.wait_message("one (sent)");

    let mut ann = Window::open_at(&display, server.address(), &["--language", "en"], home);
    ann.write("password", "pw1");
    ann.click("submit");
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
    ann.wait_message("into the void (failed)");
    server.restart();
    ann.wait("filter", |_, look| look["facts"]["ready"] == true);
    let name = ann.wait_message("into the void (failed)").replace("message", "retry");
    ann.click(&name);
    ann.wait_message("into the void (sent)");
}

#[test]
fn three_people_meet_in_a_room() {
    let (display, server) = (Display::start(), Server::start());
    let names = ["ann", "bob", "小明"];
    let mut windows: Vec<_> =
        names.iter().map(|name| Window::registered(&display, &server, name, &["--language", "en"])).collect();
    windows[0].click("new");
    windows[0].write("new:create-room", "开发群");
    windows[0].click("create-room-ok");
    windows[0].wait_fact("open", &json!("开发群"));
    let row = windows[0].wait("contact:开发群", |_, _| true);
    let number = row["text"]
        .as_str()
        .unwrap()
        .split(" · ")
        .find_map(|part| part.strip_prefix('#'))
        .unwrap()
        .to_owned();
    for window in &mut windows[1..] {
        window.click("new");
        window.write("new:join-room", &number);
        window.click("join-room-ok");
        window.wait_fact("open", &json!("开发群"));
    }
    windows[1].say("hello everybody");
    for window in &mut windows {
        window.wait_message("bob: hello everybody");
    }
    windows[2].click("more");
    windows[2].click("member:ann");
    windows[2].click("add-friend-ok");
    windows[0].wait("request:小明", |_, _| true);
}

#[test]
fn a_second_login_ends_the_first_window_with_a_bar_and_not_a_pop_up() {
    let (display, server) = (Display::start(), Server::start());
    let mut first = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let mut second = Window::open(&display, server.address(), &["--language", "en"]);
    second.write("username", "ann");
    second.write("password", "pw1");
    second.click("submit");
    second.wait_fact("ready", &json!(true));
    first.wait_text("bar", "somewhere else");
    first.click("bar-action");
    first.wait_fact("screen", &json!("sign-in"));
}
