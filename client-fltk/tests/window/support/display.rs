//! A virtual display of its own for each test, with a window manager, and a hand on keyboard and pointer.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
    MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

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
            .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"])
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
        let atom = self.x.intern_atom(false, b"_NET_SUPPORTING_WM_CHECK").unwrap().reply().unwrap().atom;
        let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
        loop {
            let found = self.x.get_property(false, self.root, atom, 0_u32, 0, 1).unwrap().reply().unwrap();
            if found.value_len > 0 {
                return;
            }
            assert!(std::time::Instant::now() < until, "no window manager");
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
        self.x.flush().unwrap();
    }

    /// Presses and releases a button of the pointer: 1 is the left one, 4 and 5 are the wheel.
    pub(crate) fn button(&self, button: u8) {
        self.fake(BUTTON_PRESS_EVENT, button, 0, 0);
        self.fake(BUTTON_RELEASE_EVENT, button, 0, 0);
        self.x.flush().unwrap();
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
        self.x.flush().unwrap();
    }

    fn code(&self, symbol: u32) -> u8 {
        let setup = self.x.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let map = self.x.get_keyboard_mapping(first, last - first + 1).unwrap().reply().unwrap();
        let each = usize::from(map.keysyms_per_keycode);
        let at = map.keysyms.iter().position(|known| *known == symbol).expect("the keyboard has such a key");
        first + u8::try_from(at / each).unwrap()
    }

    /// Gives the keyboard to a window by its title, and brings it to the front.
    pub(crate) fn activate(&self, pid: u32) {
        let Some(window) = self.window_of(pid, self.root) else { return };
        let stack = x11rb::protocol::xproto::ConfigureWindowAux::new()
            .stack_mode(x11rb::protocol::xproto::StackMode::ABOVE);
        let atom = self.x.intern_atom(false, b"_NET_ACTIVE_WINDOW").unwrap().reply().unwrap().atom;
        let message = x11rb::protocol::xproto::ClientMessageEvent::new(32, window, atom, [2_u32, 0, 0, 0, 0]);
        let mask = x11rb::protocol::xproto::EventMask::SUBSTRUCTURE_REDIRECT
            | x11rb::protocol::xproto::EventMask::SUBSTRUCTURE_NOTIFY;
        let _ = self.x.configure_window(window, &stack);
        self.x.send_event(false, self.root, mask, message).unwrap();
        self.x.flush().unwrap();
    }

    fn window_of(&self, pid: u32, under: u32) -> Option<u32> {
        let atom = self.x.intern_atom(false, b"_NET_WM_PID").unwrap().reply().unwrap().atom;
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
