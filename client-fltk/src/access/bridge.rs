//! The tree on the bus of screen readers, as long as one of them is there.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use accesskit::{ActionHandler, ActionRequest, ActivationHandler, DeactivationHandler, NodeId, TreeUpdate};
use accesskit_unix::Adapter;
use fltk::prelude::*;

use super::act::act;
use super::tree::{Frame, scaled, tree};
use crate::app::App;
use crate::design::paint::Area;
use crate::network::Bell;
use crate::view::MainWindow;
use crate::widget::Control;

/// So many wishes of a screen reader may wait; what comes beyond is lost, as a key would be.
const MAX_WISHES: usize = 64;

/// Publishes the window. Without a bus, or while nobody listens, it costs nothing.
pub struct Bridge {
    adapter: Adapter,
    wanted: Arc<AtomicBool>,
    wishes: Receiver<ActionRequest>,
    /// What was published last: nothing is published twice.
    last: Vec<Control>,
    frame: Frame,
    focused: bool,
    controls: HashMap<NodeId, Control>,
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

impl Bridge {
    /// Begins to look for screen readers, on a thread of its own. `bell` wakes the window when one is there.
    pub fn start(bell: Bell) -> Self {
        let wanted = Arc::new(AtomicBool::new(false));
        let (wish, wishes) = sync_channel(MAX_WISHES);
        let adapter = Adapter::new(
            Begin { wanted: Arc::clone(&wanted), bell: bell.clone() },
            Wish { wish, bell },
            End(Arc::clone(&wanted)),
        );
        let (last, frame, controls) = Default::default();
        Self { adapter, wanted, wishes, last, frame, focused: false, controls }
    }

    /// Does what was wished for, and publishes what has changed.
    pub fn follow(&mut self, app: &mut App, window: &mut MainWindow) {
        while let Ok(request) = self.wishes.try_recv() {
            if let Some(control) = self.controls.get(&request.target_node) {
                act(request.action, control, window);
                // What has come of it is seen to in the next turn.
                fltk::app::awake();
            }
        }
        let focused = app.in_front;
        if focused != self.focused {
            self.focused = focused;
            self.adapter.update_window_focus_state(focused);
        }
        if !self.wanted.load(Ordering::Acquire) {
            self.last.clear();
            return;
        }
        let (controls, shown) = (window.controls(), window.window());
        let frame = Frame {
            title: app.title(),
            language: app.texts.language().tag(),
            scale: f64::from(fltk::app::screen_scale(shown.screen_num())),
            place: Area::new(shown.x_root(), shown.y_root(), shown.w(), shown.h()),
        };
        if controls == self.last && frame == self.frame {
            return;
        }
        self.last.clone_from(&controls);
        let tree = tree(&frame, controls);
        self.controls = tree.controls;
        let bounds = scaled(frame.place, frame.scale);
        self.frame = frame;
        self.adapter.set_root_window_bounds(bounds, bounds);
        self.adapter.update_if_active(|| tree.update);
    }
}

/// A screen reader has come. The tree is sent by the thread of the window, which alone knows it.
struct Begin {
    wanted: Arc<AtomicBool>,
    bell: Bell,
}

impl ActivationHandler for Begin {
    fn request_initial_tree(&mut self) -> Option<TreeUpdate> {
        self.wanted.store(true, Ordering::Release);
        self.bell.ring();
        None
    }
}

/// It wants something.
struct Wish {
    wish: SyncSender<ActionRequest>,
    bell: Bell,
}

impl ActionHandler for Wish {
    fn do_action(&mut self, request: ActionRequest) {
        // Full: see `MAX_WISHES`.
        let _ = self.wish.try_send(request);
        self.bell.ring();
    }
}

/// The last one has gone.
struct End(Arc<AtomicBool>);

impl DeactivationHandler for End {
    fn deactivate_accessibility(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
