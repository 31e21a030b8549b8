//! The window: it follows the [`App`](crate::app::App) and hands on what the user does.
//!
//! - [`sign_in`]: the form
//! - [`side`]: the list of contacts at the left
//! - [`chat`]: head, conversation and the field for messages
//! - [`composer`]: the field for messages with its tools
//! - [`page`]: what stands in the place of a conversation: new contacts, details, settings, search, an image
//! - `shake`: how the window is noticed
//! - [`bar`]: trouble with the connection, and what the server says

pub mod bar;
pub mod chat;
pub mod clock;
pub mod composer;
pub mod page;
mod prose;
mod shake;
pub mod side;
pub mod sign_in;
pub mod window;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::app::Msg;

pub use window::MainWindow;

/// What the user has done and the app has not seen yet. Widgets put in, the main loop takes out.
#[derive(Clone, Default)]
pub struct Outbox(Rc<RefCell<VecDeque<Msg>>>);

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Outbox").field(&self.0.borrow().len()).finish()
    }
}

impl Outbox {
    /// Something was done.
    pub fn put(&self, msg: Msg) {
        self.0.borrow_mut().push_back(msg);
    }

    /// The next thing.
    pub fn take(&self) -> Option<Msg> {
        self.0.borrow_mut().pop_front()
    }
}
