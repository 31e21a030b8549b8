//! A server that goes away, at every bad moment: the window stays alive and says so.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use serde_json::json;

use super::people::create_room;
use super::support::{Display, Server, Window};

/// Something that listens and is no server: does this with each connection, one after the other.
fn impostor(behave: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(behave));
    address
}

fn submit_to(window: &mut Window<'_>, server: &str) {
    window.write("server", server);
    window.write("password", "pw1");
    window.click("submit");
}

#[test]
fn what_listens_and_is_no_server_is_told_from_one() {
    let display = Display::start();
    let hangs_up = impostor(drop);
    let babbles = impostor(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = stream.read(&mut [0; 1024]);
    });
    let is_silent = impostor(|mut stream| {
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let mut window = Window::open(&display, &hangs_up, &["--language", "en"]);
    window.write("username", "ann");
    for server in [&hangs_up, &babbles, &is_silent] {
        submit_to(&mut window, server);
        window.wait("status", |found, look| found["text"] != "" && look["facts"]["busy"] == false);
    }
}

#[test]
fn a_server_that_falls_silent_during_the_login_does_not_freeze_the_form() {
    let (display, mut server) = (Display::start(), Server::start());
    let home = Window::registered(&display, &server, "ann", &["--language", "en"]).close();
    let mut window = Window::open_at(&display, server.address(), &["--language", "en"], home);
    window.write("password", "pw1");
    server.freeze();
    window.click("submit");
    window.wait_fact("busy", &json!(true));
    // While it waits, the window does whatever else is wanted.
    window.click("language");
    window.wait_text("language", "English");
    window.click("language");
    server.kill();
    window.wait("status", |found, look| found["text"] != "" && look["facts"]["busy"] == false);
    server.restart();
    window.sign_in("ann");
}

#[test]
fn a_server_that_disappears_on_any_page_is_missed_in_a_bar_and_found_again() {
    let (display, mut server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let room = create_room(&mut window, "room");
    assert!(room > 0);
    for page in ["", "new", "more", "settings", "search"] {
        if !page.is_empty() {
            window.click(page);
            window.wait("panel", |_, _| true);
        }
        server.kill();
        window.wait_text("bar", "Trying again by itself");
        window.wait_fact("ready", &json!(false));
        // The page is still of use, and so is the rest.
        window.click("settings");
        window.wait_text("panel", "Settings");
        window.escape();
        window.wait_fact("panel", &json!(null));
        window.wait_fact("open", &json!("room"));
        server.restart();
        window.wait_fact("ready", &json!(true));
        window.wait_fact("link", &json!("connected"));
    }
    window.say("all is well");
    window.wait_message("all is well (sent");
}

#[test]
fn somebody_looked_for_while_the_server_is_away_is_not_found_and_nothing_hangs() {
    let (display, mut server) = (Display::start(), Server::start());
    let mut window = Window::registered(&display, &server, "ann", &["--language", "en"]);
    window.click("new");
    // The bar moves what is below: nobody clicks while it comes.
    window.wait_fact("panel", &json!("new"));
    server.kill();
    window.wait("bar", |_, _| true);
    window.write("new:add-friend", "bob");
    window.click("add-friend-ok");
    window.write("new:join-room", "7");
    window.click("join-room-ok");
    window.write("new:create-room", "room");
    window.click("create-room-ok");
    window.escape();
    window.wait_fact("panel", &json!(null));
    server.restart();
    window.wait_fact("ready", &json!(true));
}
