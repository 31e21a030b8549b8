//! An image, as large as the window allows, with a way to save it.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::Align;
use fltk::group::Group;
use fltk::prelude::*;
use uchat_client_core::attachment::Attachment;

use crate::app::{App, Msg};
use crate::conversation::Asked;
use crate::design::paint::{self, Area, FACE};
use crate::design::theme::{size, space, type_scale};
use crate::design::{Icon, Theme};
use crate::images::{ImageStore, Thumb};
use crate::view::Outbox;
use crate::widget::{Backdrop, Control, Kind, PushButton};

struct Painted {
    theme: Theme,
    attachment: Option<Attachment>,
    loading: String,
    broken: String,
}

/// The page as widgets.
pub(super) struct PicturePage {
    group: Group,
    ground: Backdrop,
    save: PushButton,
    painted: Rc<RefCell<Painted>>,
}

impl PicturePage {
    pub(super) fn new(theme: Theme, out: &Outbox, images: ImageStore) -> Self {
        let group = Group::new(0, 0, 0, 0, None);
        let (loading, broken) = (String::new(), String::new());
        let painted = Rc::new(RefCell::new(Painted { theme, attachment: None, loading, broken }));
        let drawn = Rc::clone(&painted);
        let ground = Backdrop::new(move |area| paint_picture(&drawn.borrow(), &images, area));
        let (out, shown) = (out.clone(), Rc::clone(&painted));
        let save = PushButton::new("save", Kind::Quiet, Some(Icon::Download), theme).on_click(move || {
            if let Some(attachment) = shown.borrow().attachment.clone() {
                out.put(Msg::Asked(Asked::SaveFile(attachment)));
            }
        });
        group.end();
        Self { group, ground, save, painted }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        let mut painted = self.painted.borrow_mut();
        painted.theme = app.theme;
        painted.loading = app.texts.get("t-image-loading");
        painted.broken = app.texts.get("t-image-broken");
        self.save.set_theme(app.theme, app.theme.canvas);
        self.save.set_text(&app.texts.get("t-save"));
    }

    pub(super) fn follow(&mut self, attachment: &Attachment) {
        self.painted.borrow_mut().attachment = Some(attachment.clone());
        self.group.redraw();
    }

    pub(super) fn place(&mut self, area: Area) {
        self.group.resize(area.x, area.y, area.w, area.h);
        self.ground.place(area);
        let w = self.save.wanted_width();
        let y = area.y + area.h - size::CONTROL - space::L;
        self.save.place(Area::new(area.x + (area.w - w) / 2, y, w, size::CONTROL));
    }

    pub(super) fn set_visible(&mut self, visible: bool) {
        if visible { self.group.show() } else { self.group.hide() }
    }

    pub(super) fn controls(&self, out: &mut Vec<Control>) {
        if self.group.visible_r() {
            out.push(Control::new("picture", "image", self.ground.area(), String::new()));
            out.extend(self.save.control());
        }
    }
}

fn paint_picture(painted: &Painted, images: &ImageStore, area: Area) {
    paint::fill(area, painted.theme.canvas);
    let Some(attachment) = &painted.attachment else { return };
    let room = Area::new(area.x, area.y, area.w, area.h - size::CONTROL - 2 * space::L).inset(space::L);
    match images.full(attachment) {
        Thumb::Ready(image, w, h) => {
            let (w, h) = fit(w, h, room.w, room.h);
            let mut image = image;
            image.scale(w, h, false, true);
            image.draw(room.x + (room.w - w) / 2, room.y + (room.h - h) / 2, w, h);
        }
        Thumb::Loading => say(&painted.loading, room, &painted.theme),
        Thumb::Broken(_) => say(&painted.broken, room, &painted.theme),
    }
}

fn say(text: &str, area: Area, theme: &Theme) {
    paint::line(text, area, FACE, type_scale::BODY, theme.faint, Align::Center);
}

/// The largest size of the same shape within a room, never larger than the image.
fn fit(w: i32, h: i32, room_w: i32, room_h: i32) -> (i32, i32) {
    let (w, h) = (w.max(1), h.max(1));
    let (room_w, room_h) = (room_w.max(1).min(w), room_h.max(1).min(h));
    if i64::from(room_w) * i64::from(h) <= i64::from(room_h) * i64::from(w) {
        (room_w, (i64::from(h) * i64::from(room_w) / i64::from(w)).try_into().unwrap_or(1).max(1))
    } else {
        ((i64::from(w) * i64::from(room_h) / i64::from(h)).try_into().unwrap_or(1).max(1), room_h)
    }
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn an_image_keeps_its_shape_and_is_never_blown_up() {
        assert_eq!(fit(100, 50, 400, 400), (100, 50));
        assert_eq!(fit(1000, 500, 400, 400), (400, 200));
        assert_eq!(fit(500, 1000, 400, 400), (200, 400));
        assert_eq!(fit(10_000, 1, 400, 400), (400, 1));
    }
}
