//! Friends and rooms: asking, accepting, refusing, meeting, parting.

use serde_json::json;

use super::support::{Display, Peer, Server, Window};

/// Makes two windows friends, through their own controls, and opens the conversation in both.
pub(crate) fn befriend(one: &mut Window<'_>, other: &mut Window<'_>, names: (&str, &str)) {
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

/// Makes a room through the window's own controls, and gives its number. It is open then.
pub(crate) fn create_room(window: &mut Window<'_>, name: &str) -> u64 {
    window.click("new");
    window.write("new:create-room", name);
    window.click("create-room-ok");
    window.wait_fact("open", &json!(name));
    let head = window.wait_text("head", "Room ");
    let number = head["text"].as_str().unwrap().split_once("Room ").unwrap().1;
    number.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_request_can_wait_and_can_be_refused() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let mut bob = Peer::join(&server, "bob");
    bob.command(&json!({"command": "add_friend", "username": "ann"}));
    window.click("request:bob:later");
    window.wait_gone("request:bob");
    // Later is the next login.
    let home = window.close();
    let mut window = Window::open_at(&display, server.address(), &["--language", "en"], home);
    window.sign_in("ann");
    window.click("request:bob:refuse");
    window.wait_gone("request:bob");
    let home = window.close();
    let mut window = Window::open_at(&display, server.address(), &["--language", "en"], home);
    window.sign_in("ann");
    let mut eve = Peer::join(&server, "eve");
    eve.command(&json!({"command": "add_friend", "username": "ann"}));
    window.wait("request:eve", |_, _| true);
    window.wait_gone("request:bob");
}

#[test]
fn whom_one_deletes_is_gone_on_both_sides_after_one_question() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let mut bob = Window::registered(&display, &server, "bob", &["--language", "en"]);
    befriend(&mut ann, &mut bob, ("ann", "bob"));
    bob.click("more");
    bob.click("delete-friend");
    bob.wait("panel-danger", |_, _| true);
    // Until the question is answered, nothing has happened.
    bob.escape();
    bob.wait_gone("panel");
    bob.wait("contact:ann", |_, _| true);
    bob.click("more");
    bob.click("delete-friend");
    bob.click("panel-danger");
    bob.wait_gone("contact:ann");
    bob.wait_fact("open", &json!(null));
    ann.wait_text("head", "not a contact any more");
    ann.wait_gone("contact:bob");
}

#[test]
fn three_people_meet_in_a_room() {
    let (display, server) = (Display::start(), Server::start());
    let names = ["ann", "bob", "小明"];
    let mut windows: Vec<_> =
        names.iter().map(|name| Window::registered(&display, &server, name, &["--language", "en"])).collect();
    let number = create_room(&mut windows[0], "开发群").to_string();
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
    second.sign_in("ann");
    first.wait_text("bar", "somewhere else");
    first.wait_fact("link", &json!("kicked"));
    // It does not come back by itself: the two would throw each other out for ever.
    second.wait_fact("link", &json!("connected"));
    first.click("bar-action");
    first.wait_fact("ready", &json!(true));
    second.wait_fact("link", &json!("kicked"));
}

#[test]
fn five_thousand_contacts_are_listed_filtered_and_scrolled() {
    let (display, mut server) = (Display::start(), Server::start());
    let home = Window::registered(&display, &server, "ann", &["--language", "en"]).close();
    server.rewrite(|database| {
        let change = database.transaction().unwrap();
        for at in 0..5_000 {
            change
                .execute(
                    "INSERT INTO users (id, username, password, email, email_key, ip, port, sex, age)
                     VALUES (?1, ?2, '', ?3, ?3, '10.0.0.1', '1', '', '')",
                    (1_000 + at, format!("u{at:04}"), format!("u{at}@crowd.cn")),
                )
                .unwrap();
            for (from, to) in [(1, 1_000 + at), (1_000 + at, 1)] {
                change.execute("INSERT INTO friends VALUES (?1, ?2, 1)", (from, to)).unwrap();
            }
        }
        change.commit().unwrap();
    });
    let mut window = Window::open_at(&display, server.address(), &["--language", "en"], home);
    window.sign_in("ann");
    window.wait("contact:u0000", |_, _| true);
    window.wheel("contact:u0000", 30);
    window.wait_gone("contact:u0000");
    window.write("filter", "u4321");
    window.wait_gone("contact:u4320");
    window.click("contact:u4321");
    window.wait_fact("open", &json!("u4321"));
    window.say("one of many");
    window.wait_message("one of many (sent");
    window.write("filter", "nobody-has-this-name");
    window.wait_gone("contact:u4321");
}

#[test]
fn a_nudge_shakes_the_friends_window_and_leaves_it_where_it_was() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let mut bob = Window::registered(&display, &server, "bob", &["--language", "en"]);
    befriend(&mut ann, &mut bob, ("ann", "bob"));
    let place = bob.look()["window"].clone();
    ann.click("more");
    ann.click("nudge");
    ann.wait_text("bar", "bob was nudged");
    bob.wait_text("bar", "ann nudges you");
    bob.until("the end of the shaking", |look| (look["window"] == place).then_some(()));
}
