//! What a screen reader hears, over the bus of screen readers.

use std::time::{Duration, Instant};

use serde_json::json;
use zbus::blocking::{Connection, Proxy, connection::Builder};
use zbus::zvariant::OwnedObjectPath;

use super::support::{Display, Server, SessionBus, Window};

/// How long something may take to be published.
const PATIENCE: Duration = Duration::from_mins(1);
const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";

/// One thing that is published.
#[derive(Debug)]
struct Heard {
    owner: String,
    path: String,
    role: u32,
    name: String,
    /// The text in it.
    text: String,
}

// Roles as AT-SPI numbers them.
const LIST_ITEM: u32 = 32;
const PASSWORD_TEXT: u32 = 40;
const BUTTON: u32 = 43;
const ENTRY: u32 = 79;
const ARTICLE: u32 = 109;

/// A session bus of its own, on which a screen reader seems to run.
struct Bus {
    session: SessionBus,
    screen_readers: Connection,
}

impl Bus {
    fn start() -> Self {
        let session = SessionBus::start();
        let of_session = session.connect();
        let status = Proxy::new(&of_session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Status").unwrap();
        status.set_property("IsEnabled", true).unwrap();
        let bus = Proxy::new(&of_session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus").unwrap();
        let of_readers: String = bus.call("GetAddress", &()).unwrap();
        let screen_readers = Builder::address(of_readers.as_str()).unwrap().build().unwrap();
        Self { session, screen_readers }
    }

    /// Everything that is published below the desktop.
    fn everything(&self) -> Vec<Heard> {
        let mut found = Vec::new();
        let root = ("org.a11y.atspi.Registry".to_owned(), "/org/a11y/atspi/accessible/root".to_owned());
        let mut left = vec![root];
        while let Some((owner, path)) = left.pop() {
            // What has gone meanwhile is not there.
            let _ = self.look(&owner, &path, &mut found, &mut left);
        }
        found
    }

    fn look(
        &self,
        owner: &str,
        path: &str,
        found: &mut Vec<Heard>,
        left: &mut Vec<(String, String)>,
    ) -> zbus::Result<()> {
        let node = Proxy::new(&self.screen_readers, owner, path, ACCESSIBLE)?;
        let children: Vec<(String, OwnedObjectPath)> = node.call("GetChildren", &())?;
        left.extend(children.into_iter().map(|(owner, path)| (owner, path.to_string())));
        let role: u32 = node.call("GetRole", &())?;
        let name: String = node.get_property("Name")?;
        let text = Proxy::new(&self.screen_readers, owner, path, "org.a11y.atspi.Text")?;
        let inside: String = text.call("GetText", &(0_i32, -1_i32)).unwrap_or_default();
        found.push(Heard { owner: owner.to_owned(), path: path.to_owned(), role, name, text: inside });
        Ok(())
    }

    /// Does the first thing that can be done with what has this role and name.
    fn act(&self, role: u32, name: &str) {
        let all = self.until(name, |heard| heard.role == role && heard.name.contains(name));
        let heard = all.iter().find(|heard| heard.role == role && heard.name.contains(name)).unwrap();
        let action =
            Proxy::new(&self.screen_readers, &*heard.owner, &*heard.path, "org.a11y.atspi.Action").unwrap();
        assert!(action.call::<_, _, bool>("DoAction", &(0_i32,)).unwrap(), "{name} can be acted on");
    }

    /// Waits until something is published.
    fn until(&self, what: &str, is_it: impl Fn(&Heard) -> bool) -> Vec<Heard> {
        let until = Instant::now() + PATIENCE;
        loop {
            let all = self.everything();
            if all.iter().any(&is_it) {
                return all;
            }
            assert!(Instant::now() < until, "{what} is not heard: {all:#?}");
        }
    }
}

#[test]
fn a_screen_reader_hears_the_form_the_contacts_and_the_messages_and_no_password() {
    let (display, server, bus) = (Display::start(), Server::start(), Bus::start());
    let mut window = Window::on_bus(&display, server.address(), &["--language", "en"], bus.session.address());
    window.write("password", "hunter2");
    let form = bus.until("the form", |heard| heard.role == PASSWORD_TEXT && heard.name == "Password");
    for (role, name) in [(ENTRY, "Username"), (ENTRY, "Server"), (BUTTON, "Sign in")] {
        assert!(
            form.iter().any(|heard| heard.role == role && heard.name == name),
            "{role} {name}: {form:#?}"
        );
    }
    let server_field = form.iter().find(|heard| heard.name == "Server").unwrap();
    assert_eq!(server_field.text, server.address(), "what is in a field is read out");
    assert!(!format!("{form:?}").contains("hunter2"), "{form:#?}");
    window.fill_registration("ann");
    window.click("submit");
    window.wait("filter", |_, look| look["facts"]["ready"] == true);
    super::people::create_room(&mut window, "garden");
    window.say("can you hear me?");
    window.wait_message("can you hear me? (sent");
    let said = |heard: &Heard| {
        let parts = ["ann, ", ": can you hear me?, sent"];
        heard.role == ARTICLE && parts.iter().all(|part| heard.name.contains(part))
    };
    let all = bus.until("the message", said);
    assert_eq!(all.iter().filter(|heard| said(heard)).count(), 1, "one node a message: {all:#?}");
    let is_row = |heard: &Heard| heard.role == LIST_ITEM && heard.name.contains("garden");
    assert!(all.iter().any(is_row), "{all:#?}");
}

#[test]
fn what_a_screen_reader_asks_for_is_done() {
    let (display, server, bus) = (Display::start(), Server::start(), Bus::start());
    let mut window = Window::on_bus(&display, server.address(), &["--language", "en"], bus.session.address());
    window.fill_registration("ann");
    bus.act(BUTTON, "Create account");
    window.wait("filter", |_, look| look["facts"]["ready"] == true);
    super::people::create_room(&mut window, "花园");
    super::people::create_room(&mut window, "厨房");
    window.wait_fact("open", &json!("厨房"));
    bus.act(LIST_ITEM, "花园");
    window.wait_fact("open", &json!("花园"));
    bus.act(BUTTON, "Settings");
    window.wait_fact("panel", &json!("settings"));
}
