//! What a screen reader asks for, done as if the user had done it.

use accesskit::Action;
use fltk::group::Group;
use fltk::prelude::*;
use fltk::widget::Widget;

use crate::design::paint::Area;
use crate::view::MainWindow;
use crate::widget::Control;

/// Does it, where there is something to do.
pub(super) fn act(action: Action, control: &Control, window: &mut MainWindow) {
    let done = match action {
        _ if !control.enabled => true,
        Action::Click => window.activate(control),
        Action::Focus => window.focus_row(control),
        _ => true,
    };
    if done {
        return;
    }
    let Some(mut widget) = widget_at(window.window().as_group(), control.area) else { return };
    if action == Action::Click {
        widget.do_callback();
    } else {
        // A widget that takes no focus says so, and nothing happens.
        let _ = widget.take_focus();
    }
}

/// The visible widget that has just this place.
fn widget_at(group: Option<Group>, area: Area) -> Option<Widget> {
    let group = group?;
    for at in 0..group.children() {
        let Some(child) = group.child(at).filter(WidgetExt::visible) else { continue };
        if let Some(found) = widget_at(child.as_group(), area) {
            return Some(found);
        }
        if (child.x(), child.y(), child.w(), child.h()) == (area.x, area.y, area.w, area.h) {
            return Some(child);
        }
    }
    None
}
