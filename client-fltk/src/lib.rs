//! The Uchat desktop client: an FLTK window on top of `uchat-client-core`.
//!
//! # Layout
//!
//! - [`design`]: the design tokens and what is drawn with them
//! - [`texts`]: what the window says, in two languages

pub mod design;
pub mod texts;
