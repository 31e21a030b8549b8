//! Shapes and texts as they are drawn everywhere.

use fltk::draw;
use fltk::enums::{Align, Color, Font};
use unicode_segmentation::UnicodeSegmentation as _;

use super::Theme;

/// A rectangle in the coordinates of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
}

impl Area {
    /// A rectangle.
    pub const fn new(x: i32, y: i32, w: i32, h: i32) -> Self {
        Self { x, y, w, h }
    }

    /// Whether the point is inside.
    pub fn contains(&self, x: i32, y: i32) -> bool {
        x >= self.x && x < self.x + self.w && y >= self.y && y < self.y + self.h
    }

    /// The same, smaller by so much on each side.
    #[must_use]
    pub fn inset(&self, by: i32) -> Self {
        Self::new(self.x + by, self.y + by, self.w - 2 * by, self.h - 2 * by)
    }

    /// Whether the two share a pixel.
    pub fn meets(&self, other: &Self) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }
}

/// The face of all text.
pub const FACE: Font = Font::Helvetica;
/// The same in bold.
pub const BOLD: Font = Font::HelveticaBold;

/// Chooses the family of [`FACE`] and [`BOLD`]; families that are missing are replaced by the system's.
pub fn set_family(family: &str) {
    Font::set_font(FACE, family);
    Font::set_font(BOLD, &format!("{family} bold"));
}

/// The family that shows Chinese and Latin text side by side well on this system.
pub fn default_family() -> &'static str {
    if cfg!(windows) {
        "Microsoft YaHei UI"
    } else if cfg!(target_os = "macos") {
        "PingFang SC"
    } else {
        "Noto Sans CJK SC"
    }
}

/// A filled rectangle.
pub fn fill(area: Area, colour: Color) {
    draw::draw_rect_fill(area.x, area.y, area.w, area.h, colour);
}

/// A filled rectangle with round corners.
pub fn rounded(area: Area, radius: i32, colour: Color) {
    if area.w <= 0 || area.h <= 0 {
        return;
    }
    draw::set_draw_color(colour);
    draw::draw_rounded_rectf(area.x, area.y, area.w, area.h, radius.min(area.h / 2).min(area.w / 2));
}

/// The outline of a rectangle with round corners, inside of it.
pub fn outline(area: Area, radius: i32, width: i32, colour: Color, ground: Color) {
    rounded(area, radius, colour);
    rounded(area.inset(width), (radius - width).max(0), ground);
}

/// A filled circle.
pub fn circle(centre_x: i32, centre_y: i32, radius: i32, colour: Color) {
    draw::set_draw_color(colour);
    draw::draw_pie(centre_x - radius, centre_y - radius, 2 * radius, 2 * radius, 0.0, 360.0);
}

/// How wide a text is.
pub fn width(text: &str, face: Font, size: i32) -> i32 {
    if text.is_empty() {
        return 0;
    }
    draw::set_font(face, size);
    draw::measure(text, false).0.max(ceil(draw::width(text)))
}

#[expect(clippy::cast_possible_truncation, reason = "widths of texts on a screen")]
fn ceil(value: f64) -> i32 {
    value.ceil() as i32
}

/// One line of text within an area; what does not fit is cut with an ellipsis.
pub fn line(text: &str, area: Area, face: Font, size: i32, colour: Color, align: Align) {
    if area.w <= 0 || text.is_empty() {
        return;
    }
    let cut = elide(text, area.w, face, size);
    draw::set_font(face, size);
    draw::set_draw_color(colour);
    // FLTK reads `@` as the beginning of a symbol unless told not to.
    draw::draw_text2(&cut.replace('@', "@@"), area.x, area.y, area.w, area.h, align);
}

/// The text, or as much of its beginning as fits with an ellipsis. Never more than a first line.
pub fn elide(text: &str, most: i32, face: Font, size: i32) -> String {
    // A peer may send a megabyte as one line: nobody sees more than this of it in a list.
    let first: String = text
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(400)
        .map(|c| if c == '\t' { ' ' } else { c })
        .collect();
    if width(&first, face, size) <= most {
        return first;
    }
    let ends: Vec<usize> = first.grapheme_indices(true).map(|(at, _)| at).collect();
    let fits = ends.partition_point(|&end| width(&first[..end], face, size) + width("…", face, size) <= most);
    let end = ends.get(fits.saturating_sub(1)).copied().unwrap_or(0);
    format!("{}…", first[..end].trim_end())
}

/// A round avatar made of the name's first character.
pub fn avatar(theme: &Theme, name: &str, x: i32, y: i32, diameter: i32) {
    let radius = diameter / 2;
    circle(x + radius, y + radius, radius, theme.person(name));
    let initial: String = name.graphemes(true).next().unwrap_or("?").to_uppercase();
    let area = Area::new(x, y, diameter, diameter);
    line(&initial, area, BOLD, diameter * 2 / 5, theme.on_accent, Align::Center);
}

/// A count on a red ground; gives its width. `right` is its right edge.
pub fn badge(theme: &Theme, count: u64, right: i32, centre_y: i32) -> i32 {
    let text = if count > 99 { "99+".to_owned() } else { count.to_string() };
    let size = super::theme::type_scale::SMALL;
    let w = (width(&text, BOLD, size) + 12).max(20);
    let area = Area::new(right - w, centre_y - 10, w, 20);
    rounded(area, 10, theme.badge);
    line(&text, area, BOLD, size, theme.on_accent, Align::Center);
    w
}
