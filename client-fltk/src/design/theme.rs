//! The design tokens. Every widget takes its colours, distances and sizes from here.

use fltk::enums::Color;
use serde::{Deserialize, Serialize};

/// Distances, in pixels at scale 1. Everything is a multiple of four.
pub mod space {
    /// Between an icon and its text.
    pub const XS: i32 = 4;
    /// Between things that belong together.
    pub const S: i32 = 8;
    /// The inner margin of controls and bubbles.
    pub const M: i32 = 12;
    /// Between groups.
    pub const L: i32 = 16;
    /// The margin of a form.
    pub const XL: i32 = 24;
}

/// Radii of corners.
pub mod radius {
    /// Buttons and fields.
    pub const CONTROL: i32 = 8;
    /// Message bubbles.
    pub const BUBBLE: i32 = 12;
    /// Cards and panels.
    pub const PANEL: i32 = 14;
}

/// Sizes of text, in pixels at scale 1.
pub mod type_scale {
    /// Times, counts, hints.
    pub const SMALL: i32 = 12;
    /// Second lines.
    pub const NOTE: i32 = 13;
    /// Names, fields, buttons.
    pub const BODY: i32 = 15;
    /// The head of a pane.
    pub const TITLE: i32 = 17;
    /// The head of the sign-in window.
    pub const DISPLAY: i32 = 26;
}

/// Sizes of things that are looked for in several places.
pub mod size {
    /// A row of the contact list.
    pub const ROW: i32 = 68;
    /// The avatar in a contact row.
    pub const AVATAR: i32 = 46;
    /// The avatar beside a bubble.
    pub const SMALL_AVATAR: i32 = 34;
    /// The head of a pane.
    pub const HEAD: i32 = 58;
    /// A field or a button.
    pub const CONTROL: i32 = 40;
    /// A round button with an icon.
    pub const ICON_BUTTON: i32 = 36;
    /// The contact list, when there is room for two panes.
    pub const SIDE: i32 = 300;
    /// Narrower windows show one pane at a time.
    pub const TWO_PANES: i32 = 700;
    /// The smallest window.
    pub const MIN_WIDTH: i32 = 360;
    /// The smallest window.
    pub const MIN_HEIGHT: i32 = 600;
}

/// Which theme a user wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeName {
    /// As the system has it.
    #[default]
    System,
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}

/// A colour of the mark's family, for what can be clicked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accent {
    /// Sky blue, as the mark.
    #[default]
    Sky,
    /// Teal.
    Teal,
    /// Violet.
    Violet,
    /// Rose.
    Rose,
}

impl Accent {
    /// All of them, in the order of the settings.
    pub const ALL: [Self; 4] = [Self::Sky, Self::Teal, Self::Violet, Self::Rose];

    /// Strong enough for white text on it.
    fn solid(self) -> u32 {
        match self {
            Self::Sky => 0x001d_73c4,
            Self::Teal => 0x000b_7d76,
            Self::Violet => 0x006d_55c9,
            Self::Rose => 0x00c2_3b63,
        }
    }

    /// Light enough to be read on dark ground.
    fn on_dark(self) -> u32 {
        match self {
            Self::Sky => 0x006a_b7f5,
            Self::Teal => 0x005c_cfc4,
            Self::Violet => 0x00b3_a2f7,
            Self::Rose => 0x00f5_93b0,
        }
    }

    /// The ground of own bubbles.
    fn bubble(self, dark: bool) -> u32 {
        match (self, dark) {
            (Self::Sky, false) => 0x00d3_e9fd,
            (Self::Sky, true) => 0x0025_4d73,
            (Self::Teal, false) => 0x00cf_eeea,
            (Self::Teal, true) => 0x001d_5654,
            (Self::Violet, false) => 0x00e5_dffb,
            (Self::Violet, true) => 0x0045_3a75,
            (Self::Rose, false) => 0x00fb_dde6,
            (Self::Rose, true) => 0x006b_2f45,
        }
    }
}

/// The colours of one theme as `0xrrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Whether light text is on dark ground.
    pub dark: bool,
    /// The ground of lists, heads and panels.
    pub surface: Color,
    /// The ground of the conversation.
    pub canvas: Color,
    /// The ground of fields.
    pub field: Color,
    /// What the pointer is over.
    pub hover: Color,
    /// What is chosen.
    pub selected: Color,
    /// Hairlines between panes and around fields.
    pub line: Color,
    /// Text.
    pub text: Color,
    /// Second lines, times, hints.
    pub faint: Color,
    /// The ground of what can be clicked first.
    pub accent: Color,
    /// Text on `accent`.
    pub on_accent: Color,
    /// Links and icons that are on.
    pub link: Color,
    /// Own bubbles.
    pub own_bubble: Color,
    /// Bubbles of others.
    pub bubble: Color,
    /// The ground of selected text.
    pub selection: Color,
    /// Unread counts.
    pub badge: Color,
    /// Mistakes and dangerous buttons.
    pub danger: Color,
    /// Somebody is online.
    pub online: Color,
    /// The ground of the bar that tells of trouble.
    pub warn_ground: Color,
    /// Text in that bar.
    pub warn_text: Color,
    /// Shades the window behind a panel.
    pub shade: (u8, u8, u8, u8),
}

impl Theme {
    /// The light theme.
    pub fn light(accent: Accent) -> Self {
        Self {
            dark: false,
            surface: hex(0x00ff_ffff),
            canvas: hex(0x00ee_f3f8),
            field: hex(0x00f1_f5f9),
            hover: hex(0x00f3_f7fb),
            selected: hex(0x00e1_effc),
            line: hex(0x00dd_e5ed),
            text: hex(0x0017_222e),
            faint: hex(0x0056_6676),
            accent: hex(accent.solid()),
            on_accent: hex(0x00ff_ffff),
            link: hex(accent.solid()),
            own_bubble: hex(accent.bubble(false)),
            bubble: hex(0x00ff_ffff),
            selection: hex(0x00a9_d2fb),
            badge: hex(0x00d9_3a3a),
            danger: hex(0x00c6_2828),
            online: hex(0x002e_a04e),
            warn_ground: hex(0x00ff_f1d6),
            warn_text: hex(0x006b_4700),
            shade: (20, 32, 44, 110),
        }
    }

    /// The dark theme.
    pub fn dark(accent: Accent) -> Self {
        Self {
            dark: true,
            surface: hex(0x0018_212b),
            canvas: hex(0x000f_1720),
            field: hex(0x0023_2e3a),
            hover: hex(0x0020_2b36),
            selected: hex(0x0027_3c52),
            line: hex(0x002b_3744),
            text: hex(0x00f0_f4f8),
            faint: hex(0x0099_abbc),
            accent: hex(accent.solid()),
            on_accent: hex(0x00ff_ffff),
            link: hex(accent.on_dark()),
            own_bubble: hex(accent.bubble(true)),
            bubble: hex(0x001f_2b37),
            selection: hex(0x002f_6aa3),
            badge: hex(0x00d9_3a3a),
            danger: hex(0x00ff_8a80),
            online: hex(0x004c_c36e),
            warn_ground: hex(0x004a_3916),
            warn_text: hex(0x00ff_dc96),
            shade: (0, 0, 0, 140),
        }
    }

    /// The ground of an avatar, or the colour of a name in a room: always the same for the same name.
    pub fn person(&self, name: &str) -> Color {
        const SOLID: [u32; 8] = [
            0x001d_73c4,
            0x000b_7d76,
            0x006d_55c9,
            0x00c2_3b63,
            0x00a8_5a0c,
            0x003c_7d2e,
            0x0098_45a8,
            0x004f_677d,
        ];
        let hash = name
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        hex(SOLID[(hash >> 7) as usize % SOLID.len()])
    }

    /// The same as text: readable on this theme's bubbles.
    pub fn person_text(&self, name: &str) -> Color {
        self.readable(self.person(name), self.bubble)
    }

    /// The nearest colour to `wanted` that can be read on `ground` (contrast at least 4.5, WCAG AA).
    pub fn readable(&self, wanted: Color, ground: Color) -> Color {
        let target = if luminance(ground) > 0.18 { 0.0 } else { 255.0 };
        let (r, g, b) = wanted.to_rgb();
        for step in 0..=20 {
            let part = f64::from(step) / 20.0;
            let mix = |from: u8| to_byte(f64::from(from) * (1.0 - part) + target * part);
            let colour = Color::from_rgb(mix(r), mix(g), mix(b));
            if contrast(colour, ground) >= 4.5 {
                return colour;
            }
        }
        self.text
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte's range")]
fn to_byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

fn hex(rgb: u32) -> Color {
    let [_, r, g, b] = rgb.to_be_bytes();
    // Black as FLTK's index 0 would follow the system's colour map; one shade beside it does not.
    Color::from_rgb(r, g, b)
}

/// Reads `#rrggbb`.
pub fn parse_colour(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    u32::from_str_radix(digits, 16).ok().map(hex)
}

/// Relative luminance of WCAG 2.
fn luminance(colour: Color) -> f64 {
    let (r, g, b) = colour.to_rgb();
    let part = |byte: u8| {
        let value = f64::from(byte) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
}

/// The contrast of WCAG 2, from 1 to 21.
pub fn contrast(a: Color, b: Color) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_can_be_read_on_its_ground() {
        for accent in Accent::ALL {
            for theme in [Theme::light(accent), Theme::dark(accent)] {
                let pairs = [
                    (theme.text, theme.surface),
                    (theme.text, theme.canvas),
                    (theme.text, theme.field),
                    (theme.text, theme.selected),
                    (theme.text, theme.bubble),
                    (theme.text, theme.own_bubble),
                    (theme.faint, theme.surface),
                    (theme.faint, theme.canvas),
                    (theme.faint, theme.field),
                    (theme.faint, theme.hover),
                    (theme.faint, theme.selected),
                    (theme.on_accent, theme.accent),
                    (theme.link, theme.surface),
                    (theme.on_accent, theme.badge),
                    (theme.danger, theme.surface),
                    (theme.warn_text, theme.warn_ground),
                ];
                for (at, (text, ground)) in pairs.into_iter().enumerate() {
                    let found = contrast(text, ground);
                    assert!(found >= 4.5, "{accent:?} dark {} pair {at}: {found:.2}", theme.dark);
                }
            }
        }
    }

    #[test]
    fn a_colour_that_the_bubble_would_swallow_is_moved() {
        let theme = Theme::dark(Accent::Sky);
        let black = parse_colour("#000000").unwrap();
        assert!(contrast(theme.readable(black, theme.bubble), theme.bubble) >= 4.5);
        let light = Theme::light(Accent::Sky);
        let yellow = parse_colour("#ffff00").unwrap();
        assert!(contrast(light.readable(yellow, light.bubble), light.bubble) >= 4.5);
        let red = parse_colour("#c00000").unwrap();
        assert_eq!(light.readable(red, light.bubble), red, "what can be read stays");
    }

    #[test]
    fn names_keep_their_colour_and_can_be_read() {
        for theme in [Theme::light(Accent::Sky), Theme::dark(Accent::Sky)] {
            for name in ["小明", "Alice", "Bob", "王老师", "x"] {
                assert_eq!(theme.person(name), theme.person(name));
                assert!(contrast(theme.person_text(name), theme.bubble) >= 4.5);
                assert!(contrast(theme.on_accent, theme.person(name)) >= 4.5, "{name}");
            }
        }
    }
}
