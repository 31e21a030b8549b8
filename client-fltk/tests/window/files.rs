//! Long files: they go in pieces, their cards say how far they are, and what was fetched is what was sent.

use serde_json::json;

use super::people::befriend;
use super::support::{Display, Peer, Server, Window};

/// More than are on their way at once.
const MANY: usize = 10;

/// Longer than what travels inside a message, and not the same anywhere.
fn long() -> Vec<u8> {
    (0..3_000_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}

/// A picture that is longer than what travels inside a message: a sunset, with noise that no encoder makes short.
fn large_picture() -> Vec<u8> {
    #[expect(clippy::cast_possible_truncation, reason = "parts of colours")]
    let picture = image::RgbImage::from_fn(1_200, 800, |x, y| {
        let noise = (x * 7_919 + y * 104_729).wrapping_mul(2_654_435_761).to_be_bytes()[0] % 24;
        let sun = x.abs_diff(800).pow(2) + y.abs_diff(500).pow(2) < 120_u32.pow(2);
        let (r, g, b) = if sun { (230, 190, 90) } else { (60 + (y / 6) as u8, 60, 120 - (y / 10) as u8) };
        image::Rgb([r + noise, g + noise, b + noise])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let bytes = bytes.into_inner();
    assert!(bytes.len() > 1_200_000, "{}", bytes.len());
    bytes
}

/// The name of a button of the card of this message.
fn button(message: &str, kind: &str) -> String {
    format!("{kind}:{}", message.rsplit(':').next().unwrap_or_default())
}

/// Bob, and Ann with his conversation open, whose server has just gone.
fn cut_off<'a>(display: &'a Display, server: &mut Server) -> (Peer, Window<'a>) {
    let mut bob = Peer::join(server, "bob");
    let mut ann = Window::registered(display, server, "ann", &["--language", "en"]);
    ann.click("new");
    ann.write("new:add-friend", "bob");
    ann.click("found:bob");
    bob.event("friend_request");
    bob.command(&json!({"command": "accept", "from": "ann"}));
    ann.click("contact:bob");
    ann.wait("message", |_, _| true);
    server.kill();
    ann.wait_fact("link", &json!("coming-back"));
    (bob, ann)
}

#[test]
fn a_long_file_is_sent_and_fetched_from_its_card_and_found_again_after_a_restart() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let mut ming = Window::registered(&display, &server, "小明", &["--language", "zh", "--theme", "dark"]);
    befriend(&mut ann, &mut ming, ("ann", "小明"));
    let content = long();
    ming.attach("花园的照片.zip", &content);
    let card = ann.wait_message("file 3000000 花园的照片.zip");
    ann.wait_text("contact:小明", "[File] 花园的照片.zip");
    let own = ming.wait_message("file 3000000 花园的照片.zip (sent");
    ming.wait(&button(&own, "file-folder"), |_, _| true);
    ann.picture("file-card");
    ming.picture("file-card-dark-zh");
    ann.click(&button(&card, "file-get"));
    ann.wait(&button(&card, "file-folder"), |_, _| true);
    ann.picture("file-here");
    let here = ann.home().join("files").join("花园的照片.zip");
    assert!(std::fs::read(here).unwrap() == content);
    let home = ann.close();
    let mut ann = Window::reopen(&display, server.address(), &["--language", "en"], home);
    ann.click("contact:小明");
    let card = ann.wait_message("file 3000000 花园的照片.zip");
    ann.wait(&button(&card, "file-folder"), |_, _| true);
}

#[test]
fn of_a_large_picture_a_small_one_is_seen_at_once() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let mut ming = Window::registered(&display, &server, "小明", &["--language", "zh", "--theme", "dark"]);
    befriend(&mut ann, &mut ming, ("ann", "小明"));
    let picture = large_picture();
    ming.attach("日落.png", &picture);
    let card = ann.wait_message("日落.png, picture shown");
    ming.wait_message("日落.png, picture shown (sent");
    ann.picture("file-picture");
    ming.picture("file-picture-dark-zh");
    ann.click(&button(&card, "file-get"));
    ann.wait(&button(&card, "file-folder"), |_, _| true);
    assert!(std::fs::read(ann.home().join("files").join("日落.png")).unwrap() == picture);
}

#[test]
fn what_was_to_be_sent_without_a_server_goes_out_after_a_restart_of_both() {
    let (display, mut server) = (Display::start(), Server::start());
    let (_bob, mut ann) = cut_off(&display, &mut server);
    ann.attach("one.zip", &long());
    ann.attach("two.zip", &long());
    ann.wait_message("two.zip");
    let first = ann.wait_message("one.zip");
    ann.picture("file-waiting");
    ann.click(&button(&first, "file-cancel"));
    ann.until("the end of the first", |look| {
        let told = look["controls"].to_string();
        (!told.contains("one.zip") && told.contains("two.zip")).then_some(())
    });
    let home = ann.close();
    server.restart();
    let narrow = ["--language", "en", "--size", "360x640"];
    let mut ann = Window::reopen(&display, server.address(), &narrow, home);
    ann.click("contact:bob");
    ann.wait_message("file 3000000 two.zip (sent, arrived");
    ann.picture("file-narrow");
}

#[test]
fn a_file_that_could_not_be_read_can_be_sent_again_or_given_up() {
    let (display, mut server) = (Display::start(), Server::start());
    let (_bob, mut ann) = cut_off(&display, &mut server);
    ann.attach("gone.zip", &long());
    ann.wait_message("gone.zip");
    let path = ann.home().join("gone.zip");
    std::fs::remove_file(&path).unwrap();
    server.restart();
    let failed = ann.wait_message("gone.zip (failed");
    ann.picture("file-failed");
    std::fs::write(&path, long()).unwrap();
    ann.click(&button(&failed, "retry"));
    ann.wait_message("gone.zip (sent, arrived");
}

#[test]
fn more_files_than_go_at_once_all_go_and_all_come() {
    let (display, mut server) = (Display::start(), Server::start());
    let options = ["--language", "en", "--size", "980x980"];
    let mut ann = Window::registered(&display, &server, "ann", &options);
    let mut bob = Window::registered(&display, &server, "bob", &options);
    befriend(&mut ann, &mut bob, ("ann", "bob"));
    let content = long();
    for number in 0..MANY {
        bob.attach(&format!("{number}.zip"), &content[number..]);
    }
    for number in 0..MANY {
        ann.wait_message(&format!(" {number}.zip (sent"));
    }
    // All of them are asked for while nothing can come.
    server.kill();
    ann.wait_fact("link", &json!("coming-back"));
    for number in 0..MANY {
        ann.click(&format!("file-get:{number}"));
        ann.wait(&format!("file-cancel:{number}"), |_, _| true);
    }
    server.restart();
    // They stand in the order in which they arrived.
    for place in 0..MANY {
        ann.wait(&format!("file-folder:{place}"), |_, _| true);
    }
    for number in 0..MANY {
        let here = ann.home().join("files").join(format!("{number}.zip"));
        assert!(std::fs::read(here).unwrap() == content[number..]);
    }
}
