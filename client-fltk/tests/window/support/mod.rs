//! A display, a server, windows, and a hand that moves the pointer.

mod bus;
mod display;
mod hand;
mod peer;
mod server;
mod window;

use std::path::PathBuf;

pub(crate) use bus::SessionBus;
pub(crate) use display::Display;
pub(crate) use hand::key;
pub(crate) use peer::Peer;
pub(crate) use server::Server;
pub(crate) use window::{PATIENCE, Window, control};

/// The server and its tools: in `UCHAT_BIN_DIR`, else where cargo has put this test. (The window under test is the one
/// that cargo has built for it, with the channel for tests.)
pub(crate) fn program(name: &str) -> PathBuf {
    if let Some(dir) = std::env::var_os("UCHAT_BIN_DIR") {
        let path = PathBuf::from(dir).join(name);
        if path.exists() {
            return path;
        }
    }
    let beside = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join(name);
    assert!(beside.exists(), "{} is missing: cargo build --bin {name}", beside.display());
    beside
}

/// Where pictures of the screens are put.
pub(crate) fn pictures() -> PathBuf {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// A PNG of this size.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let image = image::RgbImage::from_fn(width, height, |x, y| {
        let part = |value: u32, of: u32| u8::try_from(value * 255 / of.max(1)).unwrap_or(255);
        image::Rgb([80, 120 + part(x, width) / 3, 160 + part(y, height) / 3])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
