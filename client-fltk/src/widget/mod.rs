//! The controls of the window, each drawn from the design tokens.
//!
//! - [`control`]: a control as tests and screen readers see it
//! - [`button`]: buttons with a text, an icon, or both
//! - [`field`]: a labelled line of text with the problem below it
//! - [`list`]: a scrolling list of people, rooms, requests and finds
//! - [`backdrop`]: the painted ground of a pane

pub mod backdrop;
pub mod button;
pub mod control;
pub mod field;
pub mod list;

pub use backdrop::Backdrop;
pub use button::{Kind, PushButton};
pub use control::Control;
pub use field::Field;
pub use list::{Item, ListView, Picked};
