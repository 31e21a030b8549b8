//! What must not harm a window.

use serde_json::json;

use super::support::{Display, Server, Window, png};

/// A room of one's own is the quickest way to a conversation.
fn with_room<'a>(display: &'a Display, server: &Server) -> Window<'a> {
    let mut window = Window::registered(display, server, "ann", &["--language", "en"]);
    window.click("new");
    window.write("new:create-room", "room");
    window.click("create-room-ok");
    window.wait_fact("open", &json!("room"));
    window
}

#[test]
fn broken_images_bombs_and_a_megabyte_of_text_leave_the_window_alive() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = with_room(&display, &server);
    window.attach("broken.png", b"\x89PNG\r\n\x1a\nand then nothing");
    window.wait_message("image png broken (sent)");
    window.attach("mistyped.png", b"GIF89a but not really");
    window.wait_message("image gif broken (sent)");
    // A small file that says that it is 20,000 by 20,000.
    let mut bomb = png(2, 2);
    bomb[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
    window.attach("bomb.png", &bomb);
    window.attach("good.png", &png(300, 200));
    window.wait_message("image png shown (sent)");
    window.write("message", &"一二三四五 words ".repeat(40_000));
    window.enter();
    window.wait_message("一二三四五");
    window.say("still alive");
    window.wait_message("still alive (sent)");
}

#[test]
fn a_narrow_window_shows_one_pane_at_a_time() {
    let (display, server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en", "--size", "360x640"]);
    window.wait_fact("panes", &json!(1));
    window.click("new");
    window.write("new:create-room", "room");
    window.click("create-room-ok");
    window.wait("message", |_, look| super::support::control(look, "filter").is_none());
    window.say("in a small window");
    window.wait_message("in a small window");
    window.click("back");
    window.wait("filter", |_, look| super::support::control(look, "message").is_none());
    window.picture("narrow-list");
}
