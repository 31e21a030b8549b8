//! A virtual display of its own for each test, with a window manager, and a hand on keyboard and pointer.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xkb::{ConnectionExt as _, EventType, ID, MapPart, SelectEventsAux};
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConnectionExt as _, EventMask,
    KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, MapState,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::window::PATIENCE;

/// A display that ends with the test.
pub(crate) struct Display {
    name: String,
    x: RustConnection,
    root: u32,
    server: Child,
    manager: Child,
}

impl Display {
    /// Starts Xvfb on a free display, and a window manager on it.
    pub(crate) fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is missing: apt install xvfb");
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let name = format!(":{}", line.trim());
        let (x, screen) = x11rb::connect(Some(&name)).unwrap();
        let root = x.setup().roots[screen].root;
        let manager = Command::new("openbox")
            .env("DISPLAY", &name)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openbox is missing: apt install openbox");
        let display = Self { name, x, root, server, manager };
        display.wait_for_manager();
        display
    }

    /// The manager says that it is there by a property of the root window.
    fn wait_for_manager(&self) {
        let atom = self.atom(b"_NET_SUPPORTING_WM_CHECK");
        let until = Instant::now() + PATIENCE;
        while self.x.get_property(false, self.root, atom, 0_u32, 0, 1).unwrap().reply().unwrap().value_len
            == 0
        {
            assert!(Instant::now() < until, "no window manager");
            std::thread::yield_now();
        }
    }

    /// What `DISPLAY` is for its windows.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) {
        self.x.xtest_fake_input(kind, detail, 0, self.root, x, y, 0).unwrap().check().unwrap();
    }

    /// Moves the pointer.
    pub(crate) fn point(&self, x: i32, y: i32) {
        self.fake(MOTION_NOTIFY_EVENT, 0, x.try_into().unwrap(), y.try_into().unwrap());
    }

    /// Presses a button of the pointer: 1 is the left one, 4 and 5 are the wheel.
    pub(crate) fn press(&self, button: u8) {
        self.fake(BUTTON_PRESS_EVENT, button, 0, 0);
    }

    /// Releases it.
    pub(crate) fn release(&self, button: u8) {
        self.fake(BUTTON_RELEASE_EVENT, button, 0, 0);
    }

    /// Presses a key, with Ctrl or Shift held if wanted. `symbol` as in X's keysymdef.
    pub(crate) fn key(&self, symbol: u32, holding: &[u32]) {
        let codes: Vec<u8> = holding.iter().map(|symbol| self.code(*symbol)).collect();
        let code = self.code(symbol);
        for code in codes.iter().chain([&code]) {
            self.fake(KEY_PRESS_EVENT, *code, 0, 0);
        }
        for code in [&code].into_iter().chain(codes.iter().rev()) {
            self.fake(KEY_RELEASE_EVENT, *code, 0, 0);
        }
    }

    fn code(&self, symbol: u32) -> u8 {
        let setup = self.x.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let map = self.x.get_keyboard_mapping(first, last - first + 1).unwrap().reply().unwrap();
        let each = usize::from(map.keysyms_per_keycode);
        let at = map.keysyms.iter().position(|known| *known == symbol).expect("the keyboard has such a key");
        first + u8::try_from(at / each).unwrap()
    }

    /// Gives the keyboard to the window of a process, brings it to the front, and waits until that is so.
    pub(crate) fn activate(&self, pid: u32) {
        let active = self.atom(b"_NET_ACTIVE_WINDOW");
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(window) = self.window_of(pid, self.root) {
                if self.has_keyboard(window) && self.place_of(pid).is_some() {
                    return;
                }
                let message = ClientMessageEvent::new(32, window, active, [2_u32, 0, 0, 0, 0]);
                let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
                self.x.send_event(false, self.root, mask, message).unwrap();
                // The manager's turn: the answer to this comes when the server has handed the message on.
                self.x.get_input_focus().unwrap().reply().unwrap();
            }
            assert!(Instant::now() < until, "the window does not come to the front");
            std::thread::yield_now();
        }
    }

    fn has_keyboard(&self, window: u32) -> bool {
        let active = self.atom(b"_NET_ACTIVE_WINDOW");
        let told = self.x.get_property(false, self.root, active, 0_u32, 0, 1).unwrap().reply().unwrap();
        let told = told.value32().and_then(|mut values| values.next());
        told == Some(window) && self.x.get_input_focus().unwrap().reply().unwrap().focus == window
    }

    /// Where the window of a process is on the display, once it is shown.
    pub(crate) fn place_of(&self, pid: u32) -> Option<(i32, i32)> {
        let window = self.window_of(pid, self.root)?;
        let state = self.x.get_window_attributes(window).ok()?.reply().ok()?.map_state;
        let place = self.x.translate_coordinates(window, self.root, 0, 0).ok()?.reply().ok()?;
        (state == MapState::VIEWABLE).then_some((place.dst_x.into(), place.dst_y.into()))
    }

    /// Whether what the pointer is on belongs to the window of this process.
    pub(crate) fn points_at(&self, pid: u32) -> bool {
        let Some(window) = self.window_of(pid, self.root) else { return false };
        let mut below = self.root;
        while let Ok(found) = self.x.query_pointer(below).unwrap().reply() {
            if found.child == window {
                return true;
            }
            if found.child == 0 {
                return false;
            }
            below = found.child;
        }
        false
    }

    /// From now on the bell of this display is listened for.
    pub(crate) fn listen(&self) {
        let bells = EventType::BELL_NOTIFY;
        let keyboard = ID::USE_CORE_KBD.into();
        self.x.xkb_use_extension(1, 0).unwrap().reply().unwrap();
        let aux = SelectEventsAux::new();
        let none = MapPart::from(0_u16);
        self.x.xkb_select_events(keyboard, 0_u16.into(), bells, none, none, &aux).unwrap().check().unwrap();
    }

    /// Whether the bell has rung since somebody asked last.
    pub(crate) fn has_rung(&self) -> bool {
        // All that happened before is here when this has been answered.
        self.x.get_input_focus().unwrap().reply().unwrap();
        let mut events = std::iter::from_fn(|| self.x.poll_for_event().unwrap());
        events.by_ref().filter(|event| matches!(event, Event::XkbBellNotify(_))).count() > 0
    }

    /// Waits until the bell rings.
    pub(crate) fn rings(&self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        // Each time the display is asked and answers; a window may be seen a moment before its bell is heard.
        std::iter::repeat_with(|| self.has_rung()).take_while(|_| Instant::now() < deadline).any(|rung| rung)
    }

    fn atom(&self, name: &[u8]) -> u32 {
        self.x.intern_atom(false, name).unwrap().reply().unwrap().atom
    }

    fn window_of(&self, pid: u32, under: u32) -> Option<u32> {
        let atom = self.atom(b"_NET_WM_PID");
        let tree = self.x.query_tree(under).ok()?.reply().ok()?;
        for child in tree.children {
            let found = self.x.get_property(false, child, atom, 0_u32, 0, 1).ok()?.reply().ok()?;
            if found.value32().and_then(|mut values| values.next()) == Some(pid) {
                return Some(child);
            }
            if let Some(window) = self.window_of(pid, child) {
                return Some(window);
            }
        }
        None
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for child in [&mut self.manager, &mut self.server] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
