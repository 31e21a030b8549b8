//! Pictures of the pages of a room, in both languages and both themes, wide and narrow, for people to look at.

use serde_json::json;

use super::people::create_room;
use super::support::{Display, Server, Window};

fn take(language: &str, theme: &str, size: &str) {
    let (display, server) = (Display::start(), Server::start());
    let options = ["--language", language, "--theme", theme, "--size", size];
    let name = |screen: &str| format!("room-{screen}-{language}-{theme}-{size}");
    let wide = ["--language", "en", "--size", "980x680"];
    let mut ann = Window::registered(&display, &server, "小明", &options);
    let mut bob = Window::registered(&display, &server, "bob", &wide);
    bob.click("new");
    bob.write("new:add-friend", "小明");
    bob.click("found:小明");
    ann.click("request:bob:accept");
    bob.wait("contact:小明", |_, _| true);
    ann.click("new");
    ann.write("new:create-room", "下午茶");
    ann.click("create-room-ok");
    ann.wait_fact("open", &json!("下午茶"));
    ann.click("more");
    ann.wait("leave-room", |_, _| true);
    ann.click("invite");
    ann.wait("invite:bob", |_, _| true);
    ann.click("invite:bob");
    ann.wait("panel-note", |_, _| true);
    ann.picture(&name("invite"));
    ann.escape();
    bob.click("invitation:下午茶:accept");
    bob.wait_fact("open", &json!("下午茶"));
    bob.say("thanks for having me");
    ann.wait("member:bob", |_, _| true);
    ann.picture(&name("members"));
    ann.click("leave-room");
    ann.wait("panel-question", |_, _| true);
    ann.picture(&name("leave"));
    ann.click("panel-keep");
    ann.click("room-rules");
    ann.click("speak:few");
    ann.wait("speak:few", |found, _| found["role"] == "button-on");
    ann.click("entry:approval");
    ann.wait("entry:approval", |found, _| found["role"] == "button-on");
    ann.picture(&name("rules"));
    ann.click("close-room");
    ann.wait("panel-question", |_, _| true);
    ann.picture(&name("close"));
    ann.escape();
    ann.click("member:bob");
    ann.wait("hand-over", |_, _| true);
    ann.picture(&name("member"));
    ann.escape();
    ann.escape();
    ann.wait_gone("panel");
    ann.say("大家好！");
    let said = ann.wait_message("大家好！ (sent");
    // The pointer rests on it: what can be taken back says so.
    ann.wheel(&said, 0);
    ann.picture(&name("lines"));
    ann.click("more");
    ann.click("member:bob");
    ann.click("hand-over");
    ann.wait("panel-question", |_, _| true);
    ann.picture(&name("hand-over"));
    ann.click("panel-danger");
    ann.wait_fact("panel", &json!("details"));
    ann.escape();
    ann.wait("composer-closed", |_, _| true);
    ann.picture(&name("muted"));
    ann.escape();
    create_room(&mut bob, "books");
    bob.click("more");
    bob.click("invite");
    bob.click("invite:小明");
    ann.wait("invitation:books", |_, _| true);
    ann.picture(&name("invitation"));
}

#[test]
fn in_chinese_and_light() {
    take("zh", "light", "980x680");
}

#[test]
fn in_chinese_and_dark_and_narrow() {
    take("zh", "dark", "360x640");
}

#[test]
fn in_english_and_light_and_narrow() {
    take("en", "light", "360x640");
}

#[test]
fn in_english_and_dark() {
    take("en", "dark", "980x680");
}
