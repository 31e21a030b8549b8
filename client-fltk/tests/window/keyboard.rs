//! All of it without a pointer.

use serde_json::{Value, json};

use super::people::create_room;
use super::support::key::{DOWN, HOME, RIGHT, TAB};
use super::support::{Display, Server, Window};

/// No page has so many controls.
const MOST: usize = 150;

/// What the keyboard is at.
fn focused(look: &Value) -> Option<String> {
    let mut controls = look["controls"].as_array().unwrap().iter();
    Some(controls.find(|control| control["focused"] == true)?["name"].as_str().unwrap().to_owned())
}

/// What Tab leads to, in order, until it is where it began.
fn way(window: &mut Window<'_>) -> Vec<String> {
    window.activate();
    let mut way: Vec<String> = Vec::new();
    for _ in 0..MOST {
        window.key(TAB);
        let Some(name) = focused(&window.look()) else { continue };
        if way.first() == Some(&name) {
            return way;
        }
        way.push(name);
    }
    panic!("Tab never comes back: {way:?}");
}

/// What can be used and is not on the way.
fn missed(look: &Value, way: &[String]) -> Vec<String> {
    let mut missed = Vec::new();
    for control in look["controls"].as_array().unwrap() {
        let role = control["role"].as_str().unwrap();
        let name = control["name"].as_str().unwrap();
        // The buttons of a row are reached with the arrows; an empty list has nothing to reach.
        let wanted = matches!(role, "field" | "password" | "button" | "button-on" | "log")
            && !name.starts_with("request:")
            && control["enabled"] == true;
        if wanted && !way.iter().any(|reached| reached == name) {
            missed.push(name.to_owned());
        }
    }
    missed
}

fn must_reach_all(window: &mut Window<'_>) -> Vec<String> {
    let way = way(window);
    let missed = missed(&window.look(), &way);
    assert_eq!(missed, Vec::<String>::new(), "Tab leads to {way:?}");
    way
}

#[test]
fn tab_leads_through_the_forms_from_above_to_below() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::open(&display, server.address(), &["--language", "en"]);
    window.wait("username", |found, _| found["focused"] == true);
    let way = must_reach_all(&mut window);
    let begins = way.iter().position(|name| name == "server").unwrap();
    let from_above: Vec<_> = way[begins..].iter().chain(&way[..begins]).map(String::as_str).collect();
    assert_eq!(from_above, ["server", "username", "password", "submit", "switch", "suite", "language"]);
    window.click("switch");
    window.wait("email", |_, _| true);
    let way = must_reach_all(&mut window);
    let place = |name: &str| way.iter().position(|other| other == name).unwrap();
    assert!(place("email") < place("sex:unsaid") && place("sex:female") < place("age"), "{way:?}");
}

#[test]
fn tab_leads_to_everything_on_every_page_and_escape_leads_back() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    create_room(&mut window, "garden");
    window.say("see https://example.com");
    window.wait_message("(sent");
    let way = must_reach_all(&mut window);
    assert!(way.iter().any(|name| name.starts_with("contact:")), "the list is on the way: {way:?}");
    assert!(way.iter().any(|name| name.starts_with("link:")), "the link is on the way: {way:?}");
    for button in ["new", "search", "settings", "more"] {
        window.click(button);
        window.wait("panel", |_, _| true);
        must_reach_all(&mut window);
        window.escape();
        window.wait_fact("panel", &json!(null));
    }
    for strip in ["emoji", "font-size", "font-colour"] {
        window.click(strip);
        must_reach_all(&mut window);
        window.click(strip);
    }
}

#[test]
fn in_a_narrow_window_tab_comes_back_too() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en", "--size", "360x640"]);
    must_reach_all(&mut window);
    create_room(&mut window, "garden");
    window.wait("message", |_, _| true);
    must_reach_all(&mut window);
}

#[test]
fn it_is_seen_where_the_keyboard_is() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    create_room(&mut window, "garden");
    window.click("settings");
    window.wait("panel", |_, _| true);
    for name in
        ["settings", "set-language:en", "set-accent:teal", "sign-out", "panel-close", "contact:garden"]
    {
        // Away from it, then to it.
        tab_to(&mut window, "filter");
        let before = window.pixels(name);
        tab_to(&mut window, name);
        assert_ne!(before, window.pixels(name), "{name} shows that the keyboard is there");
    }
}

fn tab_to(window: &mut Window<'_>, name: &str) {
    window.activate();
    for _ in 0..MOST {
        if focused(&window.look()).as_deref() == Some(name) {
            return;
        }
        window.key(TAB);
    }
    panic!("Tab does not lead to {name}");
}

#[test]
fn a_request_is_answered_and_a_contact_opened_with_the_arrows() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &["--language", "en"]);
    create_room(&mut ann, "garden");
    create_room(&mut ann, "kitchen");
    let mut bob = Window::registered(&display, &server, "bob", &["--language", "en"]);
    bob.click("new");
    bob.write("new:add-friend", "ann");
    bob.wait("found:ann", |_, _| true);
    bob.click("found:ann");
    ann.wait("request:bob", |_, _| true);
    tab_to(&mut ann, "contact:kitchen");
    ann.key(HOME);
    ann.wait("request:bob:accept", |found, _| found["focused"] == true);
    ann.key(RIGHT);
    ann.wait("request:bob:refuse", |found, _| found["focused"] == true);
    ann.enter();
    ann.wait_gone("request:bob");
    ann.until("a row with the keyboard", |look| {
        focused(look).filter(|name| name.starts_with("contact:")).map(|_| ())
    });
    for _ in 0..2 {
        if focused(&ann.look()).as_deref() != Some("contact:garden") {
            ann.key(DOWN);
        }
    }
    ann.wait("contact:garden", |found, _| found["focused"] == true);
    ann.enter();
    ann.wait_fact("open", &json!("garden"));
}
