//! Whom one trusts: a device that stays signed in, a server with a new key, the keys of friends, another password.

use serde_json::json;

use super::people::{befriend, create_room};
use super::support::{Display, Server, Window, control};

const ENGLISH: [&str; 2] = ["--language", "en"];

#[test]
fn who_stays_signed_in_sees_everything_before_the_server_is_there() {
    let (display, mut server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &ENGLISH);
    create_room(&mut window, "room");
    window.say("said before");
    window.wait_message("said before (sent");
    let home = window.close();
    server.kill();
    let mut window = Window::reopen(&display, server.address(), &ENGLISH, home);
    window.wait_fact("screen", &json!("main"));
    window.wait_text("contact:room", "said before");
    window.click("contact:room");
    window.wait_message("said before");
    window.wait_text("bar", "Trying again by itself");
    server.restart();
    window.wait_fact("ready", &json!(true));
    window.say("said after");
    window.wait_message("said after (sent");
    window.click("settings");
    window.click("sign-out");
    window.wait_fact("screen", &json!("sign-in"));
    let home = window.close();
    let mut window = Window::reopen(&display, server.address(), &ENGLISH, home);
    window.wait("password", |_, _| true);
}

#[test]
fn who_does_not_want_to_stay_signed_in_is_asked_for_the_password() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &ENGLISH);
    window.click("settings");
    window.click("set-stay:off");
    window.wait("set-stay:off", |found, _| found["role"] == "button-on");
    let home = window.close();
    let mut window = Window::reopen(&display, server.address(), &ENGLISH, home);
    window.wait("password", |_, _| true);
    window.sign_in("ann");
}

#[test]
fn a_new_key_of_the_server_is_trusted_only_at_the_users_word() {
    let (display, mut server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &ENGLISH);
    create_room(&mut window, "room");
    server.change_key();
    window.wait_text("bar", "not the server that was there before");
    window.click("bar-action");
    window.wait_text("status", "not the server that was there before");
    window.picture("new-server-key");
    window.wait("password", |found, _| found["focused"] == true);
    window.write("password", "pw1");
    window.click("trust-server");
    window.wait_fact("ready", &json!(true));
    window.wait("contact:room", |_, _| true);
    // From now on the new key is the known one.
    let home = window.close();
    let mut window = Window::reopen(&display, server.address(), &ENGLISH, home);
    window.wait_fact("ready", &json!(true));
}

/// The digits on the page of the open conversation's friend, when both have their certificates.
fn digits(window: &mut Window<'_>) -> String {
    loop {
        window.click("more");
        let seen = window.until("a safety number", |look| {
            let text = control(look, "safety-number")?["text"].as_str()?.to_owned();
            Some(text)
        });
        let digits: String = seen.chars().filter(char::is_ascii_digit).collect();
        if digits.len() == 60 {
            return digits;
        }
        // The friend's certificate may still be on its way to the server.
        if let Some(text) = window.until("a safety number", |look| {
            let text = control(look, "safety-number")?["text"].as_str()?;
            Some(text.chars().any(|c| c.is_ascii_digit()).then(|| text.to_owned()))
        }) {
            return text.chars().filter(char::is_ascii_digit).collect();
        }
        window.escape();
        window.wait_gone("panel");
    }
}

#[test]
fn friends_see_the_same_safety_number_and_remember_that_they_have_compared_it() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &ENGLISH);
    let mut bob = Window::registered(&display, &server, "bob", &["--language", "zh"]);
    befriend(&mut ann, &mut bob, ("ann", "bob"));
    assert_eq!(digits(&mut ann), digits(&mut bob));
    ann.picture("safety-number");
    bob.picture("safety-number-zh");
    ann.click("verify");
    ann.wait_text("safety-number", "Verified");
    ann.wait_gone("verify");
    let home = ann.close();
    let mut ann = Window::reopen(&display, server.address(), &ENGLISH, home);
    ann.click("contact:bob");
    ann.wait_fact("ready", &json!(true));
    digits(&mut ann);
    ann.wait_text("safety-number", "Verified");
}

#[test]
fn a_password_is_changed_and_only_the_new_one_is_taken() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &ENGLISH);
    let change = |window: &mut Window<'_>, old: &str, new: &str, again: &str, answer: &str| {
        for (field, text) in [("old-password", old), ("new-password", new), ("new-again", again)] {
            window.write(field, text);
        }
        window.click("change-password-ok");
        window.wait_text("panel-note", answer);
    };
    window.click("settings");
    window.click("change-password");
    change(&mut window, "pw1", "new one", "another", "differ");
    change(&mut window, "wrong", "new one", "new one", "present password is another");
    window.picture("password");
    change(&mut window, "pw1", "new one", "new one", "is changed");
    window.escape();
    window.click("settings");
    window.click("sign-out");
    window.write("password", "pw1");
    window.click("submit");
    window.wait_text("password-error", "Wrong name or password");
    window.write("password", "new one");
    window.click("submit");
    window.wait_fact("ready", &json!(true));
}
