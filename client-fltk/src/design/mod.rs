//! How Uchat looks: the design tokens, and what is drawn with them everywhere.
//!
//! - [`theme`]: colours of both themes, spacing, radii, the type scale
//! - [`paint`]: rounded shapes, text, avatars, badges
//! - [`icon`]: the line icons and the mark

pub mod icon;
pub mod paint;
pub mod theme;

pub use icon::Icon;
pub use theme::{Theme, ThemeName};
