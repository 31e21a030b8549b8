//! Pictures of every screen, in both languages and both themes, for people to look at.

use serde_json::json;

use super::support::{Display, Server, Window, png};

fn take(language: &str, theme: &str) {
    let (display, server) = (Display::start(), Server::start());
    let options = ["--language", language, "--theme", theme, "--size", "980x680"];
    let name = |screen: &str| format!("{screen}-{language}-{theme}");
    let mut form = Window::open(&display, server.address(), &options);
    form.wait("submit", |_, _| true);
    form.picture(&name("sign-in"));
    form.click("switch");
    form.click("submit");
    form.wait("email-error", |_, _| true);
    form.picture(&name("register"));
    drop(form);
    let mut bob = Window::registered(&display, &server, "Bob", &options);
    let mut ann = Window::registered(&display, &server, "小明", &options);
    bob.click("new");
    bob.write("new:add-friend", "小明");
    bob.wait("found:小明", |_, _| true);
    bob.picture(&name("new"));
    bob.click("found:小明");
    ann.wait("request:bob", |_, _| true);
    ann.picture(&name("request"));
    ann.click("request:bob:accept");
    ann.click("contact:bob");
    ann.say("你好！今天天气不错，我们一起去公园散步吧？这是一段很长的中文消息，用来看看自动换行。");
    ann.wait_message("(sent");
    bob.click("contact:小明");
    bob.wait_message("公园");
    bob.say("Sure! Here is the way: https://example.com/park 🎉");
    ann.wait_message("park");
    bob.click("font-colour");
    bob.click("colour:#d8730b");
    bob.say("three o'clock?");
    bob.attach("way.png", &png(480, 300));
    bob.wait_message("image png shown (sent");
    ann.wait_message("image png shown");
    ann.say("好的 👍");
    bob.wait_message("好的");
    ann.click("emoji");
    ann.picture(&name("chat"));
    ann.click("emoji");
    bob.picture(&name("chat-other"));
    for (button, screen) in [("more", "details"), ("settings", "settings"), ("search", "search")] {
        ann.click(button);
        ann.wait("panel", |_, _| true);
        ann.picture(&name(screen));
        ann.escape();
        ann.wait_fact("open", &json!("bob"));
    }
}

#[test]
fn in_chinese_and_light() {
    take("zh", "light");
}

#[test]
fn in_chinese_and_dark() {
    take("zh", "dark");
}

#[test]
fn in_english_and_light() {
    take("en", "light");
}

#[test]
fn in_english_and_dark() {
    take("en", "dark");
}
