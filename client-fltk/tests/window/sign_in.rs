//! Signing up, signing in, and each thing that can be wrong.

use serde_json::json;

use super::support::{Display, Server, Window, key};

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
    window.write("username", "fine");
    window.wait_gone("username-error");
    window.click("switch");
    window.wait("email", |_, _| true);
    window.write("email", "nobody");
    window.wait_text("email-error", "name@example.com");
    window.write("password", "one");
    window.write("confirm", "two");
    window.wait_text("confirm-error", "differ");
    window.write("confirm", "one");
    window.wait_gone("confirm-error");
    window.write("server", "nowhere");
    window.wait_text("server-error", "192.168");
    window.click("submit");
    window.wait_fact("busy", &json!(false));
    window.wait_fact("link", &json!("idle"));
}

#[test]
fn the_servers_refusals_stand_in_the_same_place() {
    let (display, server) = (Display::start(), Server::start());
    let home = Window::registered(&display, &server, "ann", &[]).close();
    let mut taken = Window::open(&display, server.address(), &["--language", "en"]);
    taken.fill_registration("ann");
    taken.click("submit");
    taken.wait_text("username-error", "taken");
    drop(taken);

    let mut window = Window::open_at(&display, server.address(), &["--language", "en"], home);
    window.wait_text("username", "ann");
    window.write("password", "wrong");
    window.click("submit");
    window.wait_text("password-error", "Wrong name or password");
    window.sign_in("ann");
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

#[test]
fn a_server_that_shows_another_key_is_refused_with_a_warning() {
    let (display, first, second) = (Display::start(), Server::start(), Server::start());
    let home = Window::registered(&display, &first, "ann", &[]).close();
    // What the home knows of the first server is now said of the second one.
    let known = home.path().join("known_servers.txt");
    let text = std::fs::read_to_string(&known).unwrap().replace(first.address(), second.address());
    std::fs::write(&known, text).unwrap();
    let mut window = Window::open_at(&display, second.address(), &["--language", "en"], home);
    window.write("username", "ann");
    window.write("password", "pw1");
    window.click("submit");
    window.wait_text("status", "not the server that was there before");
    window.wait_fact("screen", &json!("sign-in"));
}

#[test]
fn whoever_has_no_pointer_signs_in_with_the_keyboard() {
    let (display, server) = (Display::start(), Server::start());
    drop(Window::registered(&display, &server, "ann", &[]));
    let mut window = Window::open(&display, server.address(), &["--language", "en"]);
    window.wait("username", |_, _| true);
    window.activate();
    let focus = |window: &mut Window<'_>, name: &str| {
        window.wait(name, |found, _| found["focused"] == true);
    };
    focus(&mut window, "username");
    window.type_keys("ann");
    window.wait_text("username", "ann");
    window.key(key::TAB);
    focus(&mut window, "password");
    window.shift(key::TAB);
    focus(&mut window, "username");
    window.key(key::TAB);
    focus(&mut window, "password");
    window.type_keys("pw1");
    window.enter();
    window.wait_fact("ready", &json!(true));
}

#[test]
fn a_password_is_told_to_nobody() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::open(&display, server.address(), &["--language", "en"]);
    window.fill_registration("ann");
    window.write("password", "tiptopsecret");
    window.write("confirm", "tiptopsecret");
    let told = window.look().to_string();
    assert!(!told.contains("tiptop"), "{told}");
    window.click("submit");
    window.wait_fact("ready", &json!(true));
    let told = window.look().to_string();
    assert!(!told.contains("tiptop"), "{told}");
    let home = window.close();
    let files = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        let content = std::fs::read(&file).unwrap();
        let holds = content.windows(6).any(|part| part == b"tiptop");
        assert!(!holds, "{} holds the password", file.display());
    }
}
