//! What reaches whoever looks elsewhere: the desktop's notices, and a sound.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};

use zbus::blocking::Connection;
use zbus::zvariant::OwnedValue;

use super::support::{Display, PATIENCE, Peer, Server, SessionBus, Window};

/// The part of a desktop that shows notices: it tells head and text of each.
struct Desktop {
    shown: Sender<(String, String)>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    #[expect(clippy::too_many_arguments, reason = "the interface of the desktop is so")]
    #[expect(unused_variables, reason = "it shows only these two")]
    #[expect(clippy::needless_pass_by_value, reason = "what comes over the bus is owned")]
    fn notify(
        &self,
        app_name: &str,
        replaces: u32,
        icon: &str,
        summary: &str,
        body: &str,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        timeout: i32,
    ) -> u32 {
        self.shown.send((summary.to_owned(), body.to_owned())).unwrap();
        1
    }
}

/// A desktop on this bus, and what it shows.
fn desktop(bus: &SessionBus) -> (Connection, Receiver<(String, String)>) {
    let (shown, notices) = channel();
    let connection = bus.connect();
    connection.object_server().at("/org/freedesktop/Notifications", Desktop { shown }).unwrap();
    connection.request_name("org.freedesktop.Notifications").unwrap();
    (connection, notices)
}

/// Makes the peer a friend of the window's user.
fn befriend(window: &mut Window<'_>, peer: &mut Peer, (mine, theirs): (&str, &str)) {
    peer.command(&serde_json::json!({"command": "add_friend", "username": mine}));
    window.click(&format!("request:{theirs}:accept"));
    window.wait(&format!("contact:{theirs}"), |_, _| true);
    peer.event("contact_added");
}

#[test]
fn the_desktop_tells_what_came_to_a_window_that_is_not_in_front() {
    let (display, server, bus) = (Display::start(), Server::start(), SessionBus::start());
    let (_desktop, notices) = desktop(&bus);
    let mut ann = Window::on_bus(&display, server.address(), &["--language", "en"], bus.address());
    ann.fill_registration("ann");
    ann.click("submit");
    ann.wait("filter", |_, look| look["facts"]["ready"] == true);
    let mut bob = Peer::join(&server, "bob");
    befriend(&mut ann, &mut bob, ("ann", "bob"));
    ann.activate();
    bob.say("ann", "seen in the window");
    ann.wait_text("contact:bob", "seen in the window");
    // Another window comes to the front.
    let mut other = Window::open(&display, server.address(), &["--language", "en"]);
    other.wait("username", |_, _| true);
    other.activate();
    ann.wait_fact("front", &serde_json::json!(false));
    bob.say("ann", "晚饭好了 🍚");
    let notice = notices.recv_timeout(PATIENCE).expect("a notice");
    // The one before it made none: this is the first.
    assert_eq!(notice, ("bob".to_owned(), "晚饭好了 🍚".to_owned()));
    ann.click("settings");
    ann.click("set-notify:off");
    ann.escape();
    other.activate();
    ann.wait_fact("front", &serde_json::json!(false));
    bob.say("ann", "in silence");
    ann.wait_text("contact:bob", "in silence");
    assert!(notices.try_recv().is_err(), "who has switched them off gets none");
}

#[test]
fn a_message_makes_a_sound_for_who_wants_one() {
    let (display, server) = (Display::start(), Server::start());
    let mut ann = Window::registered(&display, &server, "ann", &["--language", "en"]);
    let mut bob = Peer::join(&server, "bob");
    befriend(&mut ann, &mut bob, ("ann", "bob"));
    display.listen();
    bob.say("ann", "quiet");
    ann.wait_text("contact:bob", "quiet");
    assert!(!display.has_rung(), "nobody has asked for a sound");
    ann.click("settings");
    ann.click("set-sound:on");
    ann.escape();
    bob.say("ann", "ding");
    ann.wait_text("contact:bob", "ding");
    assert!(display.rings(), "a sound was asked for");
}
