//! What the window looks like: narrow, dark, in the other language, on a fine display.

use serde_json::json;

use super::people::create_room;
use super::support::{Display, Server, Window, control};

/// How bright a control is on average, 0 to 255.
fn brightness(window: &mut Window<'_>, name: &str) -> u64 {
    let pixels = window.pixels(name);
    let sum: u64 = pixels.as_raw().iter().map(|value| u64::from(*value)).sum();
    sum / pixels.as_raw().len().max(1) as u64
}

#[test]
fn a_narrow_window_shows_one_pane_at_a_time() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en", "--size", "360x640"]);
    window.wait_fact("panes", &json!(1));
    create_room(&mut window, "room");
    window.wait_gone("filter");
    window.say("in a small window");
    window.wait_message("in a small window");
    window.picture("narrow-chat");
    window.click("back");
    window.wait("filter", |_, look| control(look, "message").is_none());
    window.picture("narrow-list");
    window.click("contact:room");
    window.wait_message("in a small window");
}

#[test]
fn language_and_theme_change_at_once_and_are_remembered() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en", "--theme", "light"]);
    window.click("settings");
    window.wait_text("panel", "Settings");
    let light = brightness(&mut window, "panel");
    window.click("set-language:zh");
    window.wait_text("panel", "设置");
    window.click("set-theme:dark");
    window.wait("set-theme:dark", |found, _| found["role"] == "button-on");
    let dark = brightness(&mut window, "panel");
    assert!(light > 180 && dark < 90, "light is {light}, dark is {dark}");
    let home = window.close();
    let mut window = Window::open_at(&display, server.address(), &[], home);
    window.wait_text("submit", "登录");
    assert!(brightness(&mut window, "title") < 90);
}

#[test]
fn on_a_display_with_fine_points_all_is_larger_and_in_its_place() {
    let (display, server) = (Display::start(), Server::start());
    let options = ["--language", "en", "--size", "560x440"];
    let mut window = Window::open_scaled(&display, server.address(), &options, "1.5");
    window.wait("submit", |_, look| look["window"]["scale"].as_f64() > Some(1.4));
    window.fill_registration("ann");
    window.click("submit");
    window.wait_fact("ready", &json!(true));
    create_room(&mut window, "room");
    window.say("large letters");
    window.wait_message("large letters (sent");
    window.picture("fine-display");
}

#[test]
fn in_a_low_window_the_settings_scroll_to_the_last_one() {
    let (display, server) = (Display::start(), Server::start());
    Window::registered(&display, &server, "ann", &[]).close();
    let options = ["--language", "en", "--size", "360x600"];
    let mut window = Window::open(&display, server.address(), &options);
    window.picture("sign-in-low");
    window.click("switch");
    window.wait("email", |_, _| true);
    window.picture("register-low");
    window.click("switch");
    window.sign_in("ann");
    window.click("settings");
    window.wait("set-language:zh", |_, look| control(look, "sign-out").is_none());
    window.wheel("panel", 30);
    window.wait("sign-out", |_, look| control(look, "set-language:zh").is_none());
    window.picture("settings-low");
    window.wheel("panel", -30);
    window.wait("set-language:zh", |_, _| true);
    window.wheel("panel", 30);
    window.click("sign-out");
    window.wait("submit", |_, _| true);
}
