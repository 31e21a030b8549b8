//! The window for screen readers, through `AccessKit`: the same controls that the tests see, as a tree.
//!
//! - `tree`: controls become nodes; a pure function
//! - `act`: what a screen reader asks for is done as if the user had done it
//! - `bridge`: publishes the tree where somebody wants it: over AT-SPI on Linux. On other systems nobody does yet.

mod act;
#[cfg(target_os = "linux")]
mod bridge;
mod tree;

#[cfg(target_os = "linux")]
pub use bridge::Bridge;
pub use tree::{Frame, Tree, tree};

/// Where nothing publishes the tree.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub struct Bridge;

#[cfg(not(target_os = "linux"))]
impl Bridge {
    /// Nothing to begin with.
    pub fn start(_bell: crate::network::Bell) -> Self {
        Self
    }

    /// Nobody listens.
    pub fn follow(&mut self, _app: &mut crate::app::App, _window: &mut crate::view::MainWindow) {}
}
