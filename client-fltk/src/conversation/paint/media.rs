//! Images and files.

use fltk::draw;
use fltk::enums::{Align, Color};
use fltk::prelude::ImageExt as _;
use uchat_client_core::attachment::Attachment;
use uchat_client_core::shared_file::SharedFile;

use super::super::bubble::has_failed;
use super::super::row::{FileStage, Row};
use super::super::state::State;
use super::super::target::{CARD_BUTTONS, Target};
use super::left;
use crate::design::paint::{self, Area, BOLD, FACE};
use crate::design::theme::{radius, space, type_scale};
use crate::design::{Icon, icon};
use crate::images::Thumb;

/// The coloured sheet on a card.
const SHEET: i32 = 48;
/// How far a file is, below its name: distance from above, height.
const TRACK: (i32, i32) = (25, 4);
/// Words below a broken image need this much room.
const ROOM_FOR_WORDS: i32 = 70;

/// A thumbnail, or what stands in its place.
pub(super) fn image(state: &State, file: &Attachment, area: Area) {
    let theme = &state.theme;
    let thumb = state.outside.images.thumbnail(file);
    if let Thumb::Ready(mut image, ..) = thumb {
        image.scale(area.w, area.h, false, true);
        image.draw(area.x, area.y, area.w, area.h);
        return;
    }
    paint::rounded(area, radius::CONTROL + 1, theme.field);
    let broken = matches!(thumb, Thumb::Broken(_));
    let words = state.texts.get(if broken { "t-thumb-broken" } else { "t-thumb-loading" });
    let with_words = area.h >= ROOM_FOR_WORDS;
    let lift = if with_words { 30 } else { 12 };
    let shape = if broken { Icon::Alert } else { Icon::Clock };
    let faint = theme.readable(theme.faint, theme.field);
    icon::draw(shape, area.x + area.w / 2 - 12, area.y + area.h / 2 - lift, 24, faint);
    if with_words {
        draw::set_font(FACE, type_scale::SMALL);
        draw::set_draw_color(faint);
        let below = Area::new(area.x + space::S, area.y + area.h / 2, area.w - space::L, area.h / 2 - 22);
        let align = Align::Top | Align::Inside | Align::Wrap;
        draw::draw_text2(&words, below.x, below.y, below.w, below.h, align);
    }
}

/// A file with what can be done with it.
pub(super) fn card(state: &State, row: &Row, file: &Attachment, area: Area, ground: Color) {
    let kind = match file.extension {
        "bin" => None,
        known => Some(known.to_uppercase()),
    };
    head(state, kind.as_deref(), &file.name, file.bytes, area);
    buttons(state, row, area, ground);
}

/// The same for a file that the server has; how far it is stands behind the button that ends that.
pub(super) fn shared_card(state: &State, row: &Row, file: &SharedFile, area: Area, ground: Color) {
    let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_uppercase());
    let kind = ending.filter(|ending| (1..=4).contains(&ending.chars().count()));
    head(state, kind.as_deref(), &file.name, file.size, area);
    buttons(state, row, area, ground);
    let theme = &state.theme;
    let words = match state.stage(row) {
        _ if has_failed(row) => return,
        FileStage::Moving(percent) => {
            let w = area.w - SHEET - space::M;
            let track = Area::new(area.x + SHEET + space::M, area.y + TRACK.0, w, TRACK.1);
            let empty = Color::color_average(theme.text, ground, 0.15);
            paint::rounded(track, TRACK.1 / 2, empty);
            let done = Area { w: w * i32::from(percent) / 100, ..track };
            if done.w >= TRACK.1 {
                paint::rounded(done, TRACK.1 / 2, theme.readable(theme.accent, ground));
            }
            format!("{percent} %")
        }
        FileStage::Waiting => state.texts.get("t-file-waiting"),
        FileStage::There | FileStage::Here | FileStage::Failed => return,
    };
    let (x, _) = CARD_BUTTONS[1];
    let place = Area::new(area.x + x, area.y + area.h - 24, (area.w - x).max(0), 24);
    paint::line(&words, place, FACE, type_scale::NOTE, theme.readable(theme.faint, ground), left());
}

/// The sheet, the name and the length.
fn head(state: &State, kind: Option<&str>, name: &str, bytes: u64, area: Area) {
    let (theme, texts) = (&state.theme, &state.texts);
    let sheet = Area::new(area.x, area.y + 1, SHEET, SHEET);
    paint::rounded(sheet, radius::CONTROL, theme.person(kind.unwrap_or_default()));
    match kind {
        Some(kind) => paint::line(kind, sheet, BOLD, type_scale::NOTE, theme.on_accent, Align::Center),
        None => icon::draw(Icon::File, sheet.x + 12, sheet.y + 12, 24, theme.on_accent),
    }
    let kind = kind.map_or_else(|| texts.get("t-file-unknown"), ToOwned::to_owned);
    let called = if name.is_empty() { &kind } else { name };
    let size = file_size(bytes);
    let w = area.w - SHEET - space::M;
    // A long name is cut in its middle: the end says what it is.
    let room = w - paint::width(&format!(" · {size}"), BOLD, type_scale::BODY);
    let title = format!("{} · {size}", shortened(called, room));
    let place = Area::new(area.x + SHEET + space::M, area.y + 2, area.w - SHEET - space::M, 22);
    paint::line(&title, place, BOLD, type_scale::BODY, theme.text, left());
}

fn buttons(state: &State, row: &Row, area: Area, ground: Color) {
    let (theme, texts) = (&state.theme, &state.texts);
    let link = theme.readable(theme.link, ground);
    for (target, (x, w)) in state.card_buttons(row).into_iter().zip(CARD_BUTTONS) {
        let (words, shape) = match target {
            Target::Save(_) => ("t-file-save", Icon::Download),
            Target::Get(_) => ("t-file-get", Icon::Download),
            Target::CancelGet(_) => ("t-file-cancel", Icon::Close),
            Target::Folder(_) => ("t-file-folder", Icon::Folder),
            _ => ("t-file-open", Icon::File),
        };
        let button = Area::new(area.x + x, area.y + area.h - 24, w.min(area.w - x), 24);
        icon::draw(shape, button.x, button.y + 5, 15, link);
        let words = texts.get(words);
        let place = Area::new(button.x + 19, button.y, button.w - 19, button.h);
        paint::line(&words, place, FACE, type_scale::NOTE, link, left());
        if state.hover.as_ref() == Some(&target) {
            let w = paint::width(&words, FACE, type_scale::NOTE).min(place.w);
            paint::fill(Area::new(place.x, place.y + 20, w, 1), link);
        }
    }
}

/// A name that fits, cut in the middle if it must be.
fn shortened(name: &str, room: i32) -> String {
    let fits = |text: &str| paint::width(text, BOLD, type_scale::BODY) <= room;
    if fits(name) {
        return name.to_owned();
    }
    let letters: Vec<char> = name.chars().collect();
    let end: String = letters[letters.len().saturating_sub(9)..].iter().collect();
    let cut = |kept: usize| format!("{}…{end}", letters[..kept].iter().collect::<String>());
    let most = letters.len().saturating_sub(9);
    (0..=most).rev().map(cut).find(|text| fits(text)).unwrap_or(end)
}

/// A number of bytes for people.
pub(in crate::conversation) fn file_size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        assert_eq!(file_size(1_023), "1023 B");
        assert_eq!(file_size(1_024), "1 KB");
        assert_eq!(file_size(1_258_291), "1.1 MB");
        assert_eq!(file_size(2_097_152), "2.0 MB");
    }
}
