//! The view of messages: bubbles, day marks, images, links, selection; only what is in sight is laid out and drawn.
//!
//! Without a widget, and tested so:
//!
//! - [`row`]: a message as the view gets it, and what a user can do with it
//! - [`measure`], [`wrap`], [`links`]: widths of texts, their lines (UAX #14), the links in them
//! - [`inside`], [`bubble`]: how one message is laid out
//! - [`timeline`]: which messages are loaded, where they are, and what the place in them is
//! - [`selection`]: selected text
//! - [`day`]: the day marks
//!
//! The widget:
//!
//! - `view`: what the rest of the window does with it
//! - `state`: what it holds
//! - `target`, `input`, `glide`, `scrollbar`: pointer, keys, movement
//! - `paint`, `describe`: how it looks, and the same in words

pub mod bubble;
pub mod day;
mod describe;
mod glide;
mod input;
pub mod inside;
pub mod links;
pub mod measure;
mod paint;
pub mod row;
mod scrollbar;
pub mod selection;
mod state;
mod target;
pub mod timeline;
mod view;
pub mod wrap;

pub use day::now;
pub use row::{Asked, Delivery, FileKey, FileStage, Row, RowKey};
pub use view::ConversationView;
