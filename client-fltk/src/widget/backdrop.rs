//! The painted ground of a pane: it draws what is not a control.

use fltk::enums::FrameType;
use fltk::prelude::*;
use fltk::widget::Widget;

use crate::design::paint::Area;

/// A widget that only draws. It lies under the controls of its pane.
#[derive(Clone, Debug)]
pub struct Backdrop {
    widget: Widget,
}

impl Backdrop {
    /// A ground that is drawn by this.
    pub fn new(mut paint: impl FnMut(Area) + 'static) -> Self {
        let mut widget = Widget::new(0, 0, 0, 0, None);
        widget.set_frame(FrameType::NoBox);
        widget.draw(move |widget| paint(area_of(widget)));
        Self { widget }
    }

    /// Puts it somewhere.
    pub fn place(&mut self, area: Area) {
        self.widget.resize(area.x, area.y, area.w, area.h);
    }

    /// Where it is.
    pub fn area(&self) -> Area {
        area_of(&self.widget)
    }
}

/// Where a widget is.
pub fn area_of(widget: &impl WidgetExt) -> Area {
    Area::new(widget.x(), widget.y(), widget.w(), widget.h())
}
