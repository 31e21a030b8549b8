//! Signing up, signing in, and each thing that can be wrong.

use serde_json::json;

use super::support::{Display, Server, Window};

#[test]
fn a_newcomer_signs_up_and_is_in() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "小明", &["--language", "zh"]);
    window.wait_fact("screen", &json!("main"));
    window.wait_fact("title", &json!("小明 – Uchat"));
}

#[test]
fn each_mistake_is_told_in_words_beside_its_field() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::open(&display, server.address(), &["--language", "en"]);
    window.click("submit");
    window.wait_text("username-error", "fill this in");
    window.wait_text("password-error", "fill this in");
    window.write("username", "ninechars");
    window.wait_text("username-error", "At most 8");
    window.write("username", "a b");
    window.wait_text("username-error", "Only letters");
    window.click("switch");
    window.wait("email", |_, _| true);
    window.write("email", "nobody");
    window.wait_text("email-error", "name@example.com");
    window.write("password", "one");
    window.write("confirm", "two");
    window.wait_text("confirm-error", "differ");
    window.write("server", "nowhere");
    window.wait_text("server-error", "192.168");
}

#[test]
fn the_servers_refusals_stand_in_the_same_place() {
    let (display, mut server) = (Display::start(), Server::start());
    let home = Window::registered(&display, &server, "ann", &[]).close();
    let mut taken = Window::open(&display, server.address(), &["--language", "en"]);
    taken.click("switch");
    taken.wait("email", |_, _| true);
    for (field, value) in [("username", "ann"), ("password", "pw1"), ("confirm", "pw1"), ("email", "a@b.cn")]
    {
        taken.write(field, value);
    }
    taken.click("submit");
    taken.wait_text("username-error", "taken");
    drop(taken);

    let mut window = Window::open_at(&display, server.address(), &["--language", "en"], home);
    window.wait_text("username", "ann");
    window.write("password", "wrong");
    window.click("submit");
    window.wait_text("password-error", "Wrong name or password");
    server.kill();
    window.write("password", "pw1");
    window.click("submit");
    window.wait("status", |found, _| !found["text"].as_str().unwrap().is_empty());
    server.restart();
    window.write("password", "pw1");
    window.click("submit");
    window.wait_fact("screen", &json!("main"));
}

#[test]
fn an_unreachable_server_is_said_and_the_window_stays() {
    let display = Display::start();
    let mut window = Window::open(&display, "127.0.0.1:1", &["--language", "en"]);
    window.write("username", "ann");
    window.write("password", "pw1");
    window.click("submit");
    window.wait_text("status", "can't be reached");
    window.click("language");
    window.wait_text("submit", "登录");
}
