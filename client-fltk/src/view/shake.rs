//! A window that shakes: somebody wants to be noticed.

use fltk::app;
use fltk::prelude::*;
use fltk::window::DoubleWindow;

/// How far to the side, step by step.
const STEPS: [i32; 9] = [0, 8, -8, 7, -7, 5, -5, 3, 0];
/// Seconds between two steps.
const PAUSE: f64 = 0.03;

/// Shakes a window and leaves it where it was.
pub(super) fn shake(window: &DoubleWindow) {
    let (x, y) = (window.x(), window.y());
    for (at, step) in (0_u32..).zip(STEPS) {
        let mut window = window.clone();
        app::add_timeout3(PAUSE * f64::from(at), move |_| window.set_pos(x + step, y));
    }
}
