//! How the conversation is drawn.

use fltk::draw;
use fltk::enums::{Align, Color};
use fltk::prelude::ImageExt as _;
use uchat_client_core::attachment::Attachment;
use uchat_client_core::state::Content;

use super::bubble::{Bubble, Inside, MARK, has_retry};
use super::day;
use super::row::{Delivery, Row};
use super::view::{Inner, Under};
use super::wrap::{Line, Measure as _};
use crate::design::paint::{self, Area, BOLD, FACE};
use crate::design::theme::{parse_colour, radius, size, space, type_scale};
use crate::design::{Icon, icon};
use crate::images::Thumb;

const LEFT: Align = Align::Left;

/// Draws everything that is in sight.
pub(super) fn paint(inner: &Inner, view: Area, focused: bool) {
    let theme = &inner.theme;
    draw::push_clip(view.x, view.y, view.w, view.h);
    paint::fill(view, theme.canvas);
    if inner.timeline.is_empty() {
        let text = inner.texts.get("t-say-hello");
        paint::line(&text, view, FACE, type_scale::BODY, theme.faint, Align::Center);
    }
    for at in inner.timeline.visible() {
        if let (Some(row), Some(bubble)) = (inner.timeline.row(at), inner.timeline.bubble(at)) {
            paint_row(inner, at, row, bubble, view);
        }
    }
    if inner.timeline.more_before && inner.timeline.offset() < 8 {
        pill(inner, &inner.texts.get("t-history-above"), Area::new(view.x, view.y + 4, view.w, MARK));
    }
    paint_chip(inner, view);
    if let Some(thumb) = inner.thumb(view) {
        let lit = inner.under == Under::Thumb || inner.grabbed.is_some();
        paint::rounded(thumb, 3, if lit { theme.faint } else { theme.line });
    }
    if focused {
        paint::fill(Area::new(view.x, view.y, view.w, 2), theme.link);
    }
    draw::pop_clip();
}

fn paint_row(inner: &Inner, at: usize, row: &Row, bubble: &Bubble, view: Area) {
    let theme = &inner.theme;
    let top = view.y + inner.timeline.top(at);
    let mut mark = Area::new(view.x, top, view.w, MARK);
    if bubble.day {
        pill(inner, &day::words(&inner.texts, row.time, crate::app::now()), mark);
        mark.y += MARK;
    }
    if bubble.fresh {
        fresh(inner, mark);
    }
    let Some(area) = inner.bubble_area(at, view) else { return };
    let ground = if row.own { theme.own_bubble } else { theme.bubble };
    if inner.lit == Some(row.key) {
        paint::rounded(
            Area::new(view.x + 4, area.y - 4, view.w - 16, area.h + 8),
            radius::BUBBLE,
            theme.selected,
        );
    }
    if !theme.dark && !row.own {
        // A hair of shadow lifts white from the canvas.
        paint::rounded(Area::new(area.x, area.y + 1, area.w, area.h), radius::BUBBLE, theme.line);
    }
    paint::rounded(area, radius::BUBBLE, ground);
    if bubble.avatar {
        let x = area.x - size::SMALL_AVATAR - space::S;
        paint::avatar(theme, &row.sender_name, x, area.y, size::SMALL_AVATAR);
    }
    if bubble.name {
        let name = Area::new(area.x + 12, area.y + 6, area.w - 20, 20);
        let colour = theme.person_text(&row.sender_name);
        paint::line(&row.sender_name, name, BOLD, type_scale::NOTE, colour, LEFT | Align::Inside);
    }
    if let Some(inside) = inner.inside_area(at, view) {
        paint_inside(inner, at, (row, bubble), inside, ground, view);
    }
    paint_time(inner, row, bubble, area, ground);
    if has_retry(row) {
        let retry = retry_area(area);
        let text = inner.texts.get("t-retry");
        paint::line(&text, retry, FACE, type_scale::SMALL, theme.danger, Align::Right | Align::Inside);
        let discard = discard_area(area);
        let text = inner.texts.get("t-discard");
        paint::line(&text, discard, FACE, type_scale::SMALL, theme.faint, Align::Right | Align::Inside);
    }
}

/// Where a click sends a failed message again.
pub(super) fn retry_area(bubble: Area) -> Area {
    Area::new(bubble.x + bubble.w - 190, bubble.y + bubble.h + 2, 190, 22)
}

/// Where a click gives a failed message up.
pub(super) fn discard_area(bubble: Area) -> Area {
    Area::new(bubble.x + bubble.w - 260, bubble.y + bubble.h + 2, 62, 22)
}

fn paint_inside(
    inner: &Inner,
    at: usize,
    (row, bubble): (&Row, &Bubble),
    inside: Area,
    ground: Color,
    view: Area,
) {
    match (&bubble.inside, &row.content) {
        (Inside::Text { lines, line_height, size, .. }, Content::Text { text, colour, .. }) => {
            paint_text(inner, at, text, lines, (*line_height, *size), (inside, view), (colour, ground));
            paint_more(inner, at, bubble, inside);
        }
        (Inside::Image(w, h), Content::File(file)) => {
            let area = Area::new(inside.x + (inside.w - w) / 2, inside.y, *w, *h);
            paint_image(inner, file, area);
        }
        (Inside::Card, Content::File(file)) => paint_card(inner, at, file, inside, ground),
        _ => {
            let text = inner.texts.get("t-cant-show");
            let area = Area::new(inside.x, inside.y, inside.w, 22);
            paint::line(&text, area, FACE, type_scale::NOTE, inner.theme.faint, LEFT | Align::Inside);
        }
    }
}

fn paint_text(
    inner: &Inner,
    at: usize,
    text: &str,
    lines: &[Line],
    (line_height, size): (i32, i32),
    (inside, view): (Area, Area),
    (colour, ground): (&str, Color),
) {
    let theme = &inner.theme;
    // Black is what nobody has chosen: then it is the theme's own text.
    let chosen = parse_colour(colour).filter(|_| !matches!(colour, "#000000" | "#ffffff"));
    let plain = chosen.map_or(theme.text, |colour| theme.readable(colour, ground));
    let link = theme.readable(theme.link, ground);
    let selected = inner.selection.map(|selection| selection.within(at, text.len())).unwrap_or_default();
    let linked_parts = match inner.timeline.bubble(at).map(|bubble| &bubble.inside) {
        Some(Inside::Text { links, .. }) => links.as_slice(),
        _ => &[],
    };
    draw::set_font(FACE, size);
    let rise = (line_height - draw::height()) / 2 + draw::height() - draw::descent();
    let (clip_top, clip_bottom) = (view.y, view.y + view.h);
    for (number, line) in (0..).zip(lines) {
        let y = inside.y + number * line_height;
        if y + line_height < clip_top || y > clip_bottom {
            continue;
        }
        let (from, to) = (line.range.start, line.range.end);
        let (start, end) = (selected.start.clamp(from, to), selected.end.clamp(from, to));
        if start < end {
            let left = inside.x + advance(text, from, start, size);
            let right = inside.x + advance(text, from, end, size);
            paint::fill(Area::new(left, y, right - left, line_height), theme.selection);
        }
        // A line is drawn in pieces: text, link, text.
        let mut edges = vec![from, to];
        edges.extend(
            linked_parts
                .iter()
                .flat_map(|link| [link.start, link.end])
                .filter(|edge| (from..to).contains(edge)),
        );
        edges.sort_unstable();
        edges.dedup();
        for pair in edges.windows(2) {
            let Some(piece) = text.get(pair[0]..pair[1]) else { continue };
            let linked = linked_parts.iter().find(|link| link.contains(&pair[0]));
            let x = inside.x + advance(text, from, pair[0], size);
            draw::set_draw_color(if linked.is_some() { link } else { plain });
            draw::draw_text_n(&piece.replace('\t', "    "), x, y + rise);
            if linked.is_some_and(|range| matches!(&inner.under, Under::Link(row, url) if *row == at && text.get(range.clone()) == Some(url.as_str()))) {
                let w = advance(text, from, pair[1], size) - advance(text, from, pair[0], size);
                paint::fill(Area::new(x, y + rise + 2, w, 1), link);
            }
        }
    }
}

/// How far a part of a line reaches.
fn advance(text: &str, from: usize, to: usize, size: i32) -> i32 {
    let Some(part) = text.get(from..to).filter(|part| !part.is_empty()) else { return 0 };
    draw::set_font(FACE, size);
    #[expect(clippy::cast_possible_truncation, reason = "a width on a screen")]
    let width = draw::width(part).round() as i32;
    width
}

/// Where a click shows more of a long text.
pub(super) fn more_area(inside: Area, bubble: &Bubble) -> Option<Area> {
    match &bubble.inside {
        Inside::Text { lines, line_height, hidden, .. } if *hidden > 0 => {
            let below = line_height * i32::try_from(lines.len()).unwrap_or(0);
            Some(Area::new(inside.x, inside.y + below + 2, inside.w - 60, 24))
        }
        _ => None,
    }
}

fn paint_more(inner: &Inner, at: usize, bubble: &Bubble, inside: Area) {
    let (Some(area), Inside::Text { hidden, .. }) = (more_area(inside, bubble), &bubble.inside) else {
        return;
    };
    let text = inner.texts.with("t-show-more", &[("size", file_size(*hidden as u64).into())]);
    let face = if inner.under == Under::More(at) { BOLD } else { FACE };
    paint::line(&text, area, face, type_scale::NOTE, inner.theme.link, LEFT | Align::Inside);
}

fn paint_image(inner: &Inner, file: &Attachment, area: Area) {
    let theme = &inner.theme;
    match inner.ruler.images.thumbnail(file) {
        Thumb::Ready(mut image, ..) => {
            image.scale(area.w, area.h, false, true);
            image.draw(area.x, area.y, area.w, area.h);
        }
        other => {
            paint::rounded(area, radius::CONTROL, theme.field);
            let broken = matches!(other, Thumb::Broken(_));
            let shape = if broken { Icon::Alert } else { Icon::Clock };
            icon::draw(shape, area.x + area.w / 2 - 12, area.y + area.h / 2 - 24, 24, theme.faint);
            let text = inner.texts.get(if broken { "t-image-broken" } else { "t-image-loading" });
            draw::set_font(FACE, type_scale::SMALL);
            draw::set_draw_color(theme.faint);
            let below = Area::new(area.x + 8, area.y + area.h / 2, area.w - 16, area.h / 2);
            draw::draw_text2(&text, below.x, below.y, below.w, below.h, Align::Center | Align::Wrap);
        }
    }
}

/// The two words on a file's card: open, save.
pub(super) fn card_buttons(inside: Area) -> [Area; 2] {
    [Area::new(inside.x + 54, inside.y + 40, 60, 22), Area::new(inside.x + 118, inside.y + 40, 60, 22)]
}

fn paint_card(inner: &Inner, at: usize, file: &Attachment, inside: Area, ground: Color) {
    let (theme, texts) = (&inner.theme, &inner.texts);
    paint::circle(inside.x + 22, inside.y + 28, 22, theme.accent);
    icon::draw(Icon::File, inside.x + 10, inside.y + 16, 24, theme.on_accent);
    let kind = match file.extension {
        "bin" => texts.get("t-file-unknown"),
        known => texts.with("t-file-kind", &[("kind", known.to_uppercase().into())]),
    };
    let title = Area::new(inside.x + 54, inside.y + 2, inside.w - 54, 20);
    paint::line(&kind, title, BOLD, type_scale::BODY, theme.text, LEFT | Align::Inside);
    let note = Area::new(inside.x + 54, inside.y + 21, inside.w - 54, 18);
    let faint = theme.readable(theme.faint, ground);
    paint::line(&file_size(file.bytes), note, FACE, type_scale::SMALL, faint, LEFT | Align::Inside);
    let link = theme.readable(theme.link, ground);
    let marks = [Under::Open(at), Under::Save(at)];
    for ((key, area), under) in ["t-file-open", "t-file-save"].iter().zip(card_buttons(inside)).zip(marks) {
        let face = if inner.under == under { BOLD } else { FACE };
        paint::line(&texts.get(key), area, face, type_scale::NOTE, link, LEFT | Align::Inside);
    }
}

fn file_size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

fn paint_time(inner: &Inner, row: &Row, bubble: &Bubble, area: Area, ground: Color) {
    let theme = &inner.theme;
    let text = day::clock(row.time);
    let small = type_scale::SMALL - 1;
    let w = paint::width(&text, FACE, small);
    let mark = if row.own { 16 } else { 0 };
    let (x, y) = (area.x + area.w - w - mark - 10, area.y + area.h - 21);
    let colour = if matches!(bubble.inside, Inside::Image(..)) {
        let plate = Area::new(x - 7, y + 1, w + mark + 11, 16);
        paint::rounded(plate, 8, Color::from_rgb(38, 50, 62));
        Color::from_rgb(240, 244, 248)
    } else {
        theme.readable(theme.faint, ground)
    };
    paint::line(&text, Area::new(x, y, w + 2, 18), FACE, small, colour, LEFT | Align::Inside);
    if row.own {
        let (shape, colour) = match row.delivery {
            Delivery::Sending => (Icon::Clock, colour),
            Delivery::Sent => (Icon::Check, colour),
            Delivery::Failed => (Icon::Alert, theme.danger),
        };
        icon::draw(shape, x + w + 3, y + 2, 14, colour);
    }
}

fn pill(inner: &Inner, text: &str, area: Area) {
    let theme = &inner.theme;
    let w = paint::width(text, FACE, type_scale::SMALL) + 24;
    let pill = Area::new(area.x + (area.w - w) / 2, area.y + 8, w, 24);
    paint::rounded(pill, 12, theme.surface);
    paint::line(text, pill, FACE, type_scale::SMALL, theme.faint, Align::Center);
}

fn fresh(inner: &Inner, area: Area) {
    let theme = &inner.theme;
    let text = inner.texts.get("t-new-messages");
    let w = paint::width(&text, FACE, type_scale::SMALL) + 20;
    let link = theme.readable(theme.link, theme.canvas);
    let y = area.y + area.h / 2;
    let side = (area.w - w) / 2 - 2 * space::L;
    paint::fill(Area::new(area.x + space::L, y, side, 1), link);
    paint::fill(Area::new(area.x + area.w - space::L - side, y, side, 1), link);
    paint::line(
        &text,
        Area::new(area.x, area.y, area.w, area.h),
        FACE,
        type_scale::SMALL,
        link,
        Align::Center,
    );
}

fn paint_chip(inner: &Inner, view: Area) {
    let Some(area) = inner.chip(view) else { return };
    let theme = &inner.theme;
    paint::rounded(Area::new(area.x, area.y + 1, area.w, area.h), 19, theme.line);
    let ground = if inner.under == Under::Chip { theme.hover } else { theme.surface };
    paint::rounded(area, 19, ground);
    icon::draw(Icon::Down, area.x + 9, area.y + 9, 20, theme.link);
    if let Some(text) = inner.chip_text() {
        let words = Area::new(area.x + 34, area.y, area.w - 40, area.h);
        paint::line(&text, words, FACE, type_scale::NOTE, theme.link, LEFT | Align::Inside);
    }
}

/// The link under a point of a text, if there is one.
pub(super) fn link_at(inner: &mut Inner, at: usize, inside: Area, x: i32, y: i32) -> Option<String> {
    let Inside::Text { lines, line_height, size, links, .. } = inner.timeline.bubble(at)?.inside.clone()
    else {
        return None;
    };
    let line = lines.get(usize::try_from((y - inside.y) / line_height.max(1)).ok()?)?.clone();
    let text = inner.timeline.row(at)?.content.text()?.to_owned();
    for link in links {
        let (start, end) = (link.start.max(line.range.start), link.end.min(line.range.end));
        if start >= end {
            continue;
        }
        let left = inner.ruler.width(text.get(line.range.start..start)?, size);
        let right = inner.ruler.width(text.get(line.range.start..end)?, size);
        #[expect(clippy::cast_precision_loss, reason = "a distance on a screen")]
        let from_left = (x - inside.x) as f32;
        if (left..right).contains(&from_left) {
            return text.get(link).map(str::to_owned);
        }
    }
    None
}
