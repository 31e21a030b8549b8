//! How one row of a list looks.

use fltk::draw;
use fltk::enums::Align;

use super::Item;
use crate::design::paint::{self, Area, BOLD, FACE};
use crate::design::theme::{radius, size, space, type_scale};
use crate::design::{Icon, Theme, icon};

const LEFT: Align = Align::Left;

/// Where the buttons of a row are.
pub(super) fn action_areas(item: &Item, area: Area) -> Vec<Area> {
    let mut x = area.x + space::M + size::AVATAR + space::M;
    let mut areas = Vec::new();
    for (_, label, ..) in &item.actions {
        let w = paint::width(label, FACE, type_scale::NOTE) + 2 * space::M;
        areas.push(Area::new(x, area.y + size::ROW - 4, w, 30));
        x += w + space::S;
    }
    areas
}

/// Draws one row; `cursor` is the button that Enter presses, if the keyboard is here.
pub(super) fn paint_item(theme: &Theme, item: &Item, area: Area, hover: bool, cursor: Option<usize>) {
    let Some(avatar) = &item.avatar else {
        let text = Area::new(area.x + space::L, area.y + 6, area.w - 2 * space::L, area.h - 6);
        return paint::line(&item.title, text, BOLD, type_scale::SMALL, theme.faint, LEFT | Align::Inside);
    };
    let inner = Area::new(area.x + 6, area.y + 2, area.w - 14, area.h - 4);
    let ground = match (item.selected, hover) {
        (true, _) => theme.selected,
        (false, true) => theme.hover,
        _ => theme.surface,
    };
    if cursor.is_some() {
        paint::outline(inner, radius::CONTROL + 2, 2, theme.link, ground);
    } else {
        paint::rounded(inner, radius::CONTROL + 2, ground);
    }
    let (x, y) = (area.x + space::M, area.y + (size::ROW - size::AVATAR) / 2);
    if item.is_room {
        let radius = size::AVATAR / 2;
        paint::rounded(Area::new(x, y, size::AVATAR, size::AVATAR), radius - 8, theme.person(avatar));
        icon::draw(Icon::Room, x + 10, y + 10, size::AVATAR - 20, theme.on_accent);
    } else {
        paint::avatar(theme, avatar, x, y, size::AVATAR);
    }
    if let Some(online) = item.presence {
        let (cx, cy) = (x + size::AVATAR - 6, y + size::AVATAR - 6);
        paint::circle(cx, cy, 7, ground);
        paint::circle(cx, cy, 5, if online { theme.online } else { theme.faint });
        if !online {
            paint::circle(cx, cy, 3, ground);
        }
    }
    paint_lines(theme, item, area);
    for (at, ((_, label, first, _), button)) in item.actions.iter().zip(action_areas(item, area)).enumerate()
    {
        if cursor == Some(at) {
            paint::outline(button.inset(-3), radius::CONTROL + 3, 2, theme.link, ground);
        }
        paint::rounded(button, radius::CONTROL, if *first { theme.accent } else { theme.field });
        let colour = if *first { theme.on_accent } else { theme.text };
        paint::line(label, button, FACE, type_scale::NOTE, colour, Align::Center);
    }
}

fn paint_lines(theme: &Theme, item: &Item, area: Area) {
    let left = area.x + space::M + size::AVATAR + space::M;
    let right = area.x + area.w - space::L - 4;
    let time = if item.time.is_empty() { 0 } else { paint::width(&item.time, FACE, type_scale::SMALL) };
    let first = Area::new(left, area.y + 12, right - left - time - space::S, 22);
    let colour =
        if item.coloured { theme.readable(theme.person(&item.title), theme.surface) } else { theme.text };
    paint::line(&item.title, first, BOLD, type_scale::BODY, colour, LEFT | Align::Inside);
    if !item.aside.is_empty() {
        let used = paint::width(&item.title, BOLD, type_scale::BODY).min(first.w) + space::S;
        let rest = Area::new(left + used, first.y + 1, first.w - used, 22);
        if rest.w > 30 {
            paint::line(&item.aside, rest, FACE, type_scale::SMALL, theme.faint, LEFT | Align::Inside);
        }
    }
    if time > 0 {
        let at = Area::new(right - time - 2, area.y + 12, time + 4, 22);
        paint::line(&item.time, at, FACE, type_scale::SMALL, theme.faint, Align::Right | Align::Inside);
    }
    let badge =
        if item.unread > 0 { paint::badge(theme, item.unread, right, area.y + 45) + space::S } else { 0 };
    let second = Area::new(left, area.y + 34, right - left - badge, 22);
    paint::line(&item.note, second, FACE, type_scale::NOTE, theme.faint, LEFT | Align::Inside);
}

/// What is said in an empty list, a few words in several lines.
pub(super) fn paint_empty(theme: &Theme, text: &str, list: Area) {
    draw::set_font(FACE, type_scale::NOTE);
    draw::set_draw_color(theme.faint);
    let area = list.inset(space::XL);
    draw::draw_text2(text, area.x, area.y, area.w, area.h.min(120), Align::Center | Align::Wrap);
}
