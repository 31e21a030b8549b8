//! The Uchat desktop client: an FLTK window on top of `uchat-client-core`.
//!
//! # Layout
//!
//! - [`images`], [`conversation`]: pictures, and the view of messages
//! - [`design`]: the design tokens and what is drawn with them
//! - [`texts`]: what the window says, in two languages

pub mod conversation;
pub mod design;
pub mod images;
pub mod texts;
