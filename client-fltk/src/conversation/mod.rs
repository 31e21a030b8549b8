//! The view of messages: bubbles, day marks, images, links, selection; only what is in sight is drawn.
//!
//! - [`row`]: a message as the view gets it, and what a user can do with it
//! - [`wrap`]: lines of text (UAX #14) and where links are
//! - [`bubble`]: how one message is laid out
//! - [`timeline`]: which messages are loaded, where they are, and what the place in them is
//! - [`selection`]: selected text
//! - `paint`, `view`, `input`: drawing, and pointer and keys
//! - [`day`]: the day marks

pub mod bubble;
pub mod day;
mod input;
mod paint;
pub mod row;
pub mod selection;
pub mod timeline;
mod view;
pub mod wrap;

pub use row::{Asked, Delivery, Row, RowKey};
pub use view::ConversationView;
