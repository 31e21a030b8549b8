//! The Uchat desktop client: an FLTK window on top of `uchat-client-core`.
//!
//! # Layout
//!
//! From the data to the pixels:
//!
//! - [`settings`]: what the user has chosen
//! - [`texts`]: what the window says, in two languages
//! - [`network`], [`disk`]: the threads that keep network and files away from the window
//! - [`app`]: what the window shows and what the user can do, without a widget
//! - [`design`]: the design tokens and what is drawn with them
//! - [`widget`]: the controls
//! - [`images`], [`conversation`]: pictures, and the view of messages
//! - [`view`]: the window
//! - [`access`]: the window for screen readers

pub mod access;
pub mod app;
#[cfg(feature = "automation")]
pub mod automation;
pub mod conversation;
pub mod design;
pub mod disk;
pub mod images;
pub mod network;
pub mod settings;
pub mod texts;
pub mod view;
pub mod widget;
