//! The line icons and the mark: a white paper plane on sky blue.

use std::cell::RefCell;
use std::collections::HashMap;

use fltk::enums::Color;
use fltk::image::SvgImage;
use fltk::prelude::ImageExt as _;

/// More shapes than this in different colours and sizes are not kept; a window needs far fewer.
const MAX_CACHED: usize = 256;

/// An icon on a grid of 24.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Icon {
    /// A paper plane: send.
    Send,
    /// Add something.
    Plus,
    /// Add a person.
    AddFriend,
    /// A room.
    Room,
    /// Search.
    Search,
    /// Settings.
    Settings,
    /// Attach a file.
    Attach,
    /// Emoji.
    Smile,
    /// Size of text.
    TextSize,
    /// Colour of text.
    Palette,
    /// Close.
    Close,
    /// Back to the list.
    Back,
    /// Remove.
    Trash,
    /// Done.
    Check,
    /// Done, twice.
    Checks,
    /// Still on the way.
    Clock,
    /// Something went wrong.
    Alert,
    /// Protected.
    Lock,
    /// Not well protected.
    Unlock,
    /// A file.
    File,
    /// A folder.
    Folder,
    /// Save to the disk.
    Download,
    /// To the newest message.
    Down,
    /// More.
    More,
    /// Show what is typed.
    Eye,
    /// Sign out.
    Leave,
    /// Take back.
    Undo,
}

impl Icon {
    fn strokes(self) -> &'static str {
        match self {
            Self::Send => r#"<path d="M3.5 11.2 20.5 3.5 15.2 20.5 11.3 13.4Z M20.5 3.5 11.3 13.4"/>"#,
            Self::Plus => r#"<path d="M12 5V19M5 12H19"/>"#,
            Self::AddFriend => {
                r#"<circle cx="10" cy="8" r="3.6"/><path d="M3.5 20C3.5 15.8 6.4 14 10 14 11.6 14 13 14.3 14.1 15M18 13.5V20.5M14.5 17H21.5"/>"#
            }
            Self::Room => {
                r#"<circle cx="9" cy="8.5" r="3.2"/><path d="M3 19.5C3 15.8 5.6 14 9 14 12.4 14 15 15.8 15 19.5M15.5 5.6A3.2 3.2 0 0 1 15.5 11.4M17.5 14.4C19.7 15.1 21 16.8 21 19.5"/>"#
            }
            Self::Search => r#"<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15 20 20"/>"#,
            Self::Settings => {
                r#"<path d="M4 7H13M17.5 7H20M4 17H6.5M11 17H20"/><circle cx="15.2" cy="7" r="2.2"/><circle cx="8.8" cy="17" r="2.2"/>"#
            }
            Self::Attach => {
                r#"<path d="M19.5 11.5 11.8 19.2A4.6 4.6 0 0 1 5.2 12.6L13 4.9A3.1 3.1 0 0 1 17.4 9.3L9.7 17A1.5 1.5 0 0 1 7.5 14.8L14.5 7.9"/>"#
            }
            Self::Smile => {
                r#"<circle cx="12" cy="12" r="8.5"/><path d="M8.3 14.2C9.2 15.6 10.5 16.3 12 16.3 13.5 16.3 14.8 15.6 15.7 14.2M9 9.3V10M15 9.3V10"/>"#
            }
            Self::TextSize => {
                r#"<path d="M3 19 8.5 5.5 14 19M5 14.5H12M15.5 19 18.3 11.5 21 19M16.3 16.8H20.3"/>"#
            }
            Self::Palette => {
                r#"<path d="M12 3.5A8.5 8.5 0 1 0 12 20.5C13.6 20.5 14 19.3 13.4 18.2 12.7 16.9 13.5 15.5 15 15.5H17.2A3.4 3.4 0 0 0 20.5 12C20.5 7.3 16.7 3.5 12 3.5Z M8 12V12.2M10 8V8.2M14.5 8V8.2"/>"#
            }
            Self::Close => r#"<path d="M6 6 18 18M18 6 6 18"/>"#,
            Self::Back => r#"<path d="M15 5 8 12 15 19"/>"#,
            Self::Trash => r#"<path d="M5 7H19M9.5 7V4.5H14.5V7M7 7 8 20H16L17 7M10.5 11V16M13.5 11V16"/>"#,
            Self::Check => r#"<path d="M5 12.5 10 17.5 19.5 7"/>"#,
            Self::Checks => r#"<path d="M2 12.5 7 17.5 16.5 7M12 17 13 17.8 22.5 7.2"/>"#,
            Self::Clock => r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12L15 14"/>"#,
            Self::Alert => r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V13M12 16.2V16.4"/>"#,
            Self::Lock => r#"<path d="M6 11H18V20H6Z M8.5 11V8A3.5 3.5 0 0 1 15.5 8V11"/>"#,
            Self::Unlock => r#"<path d="M6 11H18V20H6Z M8.5 11V8A3.5 3.5 0 0 1 15.2 6.8"/>"#,
            Self::File => r#"<path d="M6 3.5H14L18.5 8V20.5H6Z M13.5 3.5V8.5H18.5"/>"#,
            Self::Folder => r#"<path d="M3.5 6H9.5L11.5 8.5H20.5V19H3.5Z"/>"#,
            Self::Download => r#"<path d="M12 4V15M7 10.5 12 15.5 17 10.5M5 20H19"/>"#,
            Self::Down => r#"<path d="M12 5V19M6 13 12 19 18 13"/>"#,
            Self::More => r#"<path d="M12 5.5V5.7M12 12V12.2M12 18.5V18.7"/>"#,
            Self::Eye => {
                r#"<path d="M2.5 12C5 7.8 8.2 5.8 12 5.8 15.8 5.8 19 7.8 21.5 12 19 16.2 15.8 18.2 12 18.2 8.2 18.2 5 16.2 2.5 12Z"/><circle cx="12" cy="12" r="2.8"/>"#
            }
            Self::Undo => r#"<path d="M8.5 5 4.5 9 8.5 13M5 9H14.5A5 5 0 0 1 14.5 19H9"/>"#,
            Self::Leave => r#"<path d="M10 4.5H5V19.5H10M14.5 8 19 12 14.5 16M18.5 12H9.5"/>"#,
        }
    }
}

/// The mark at a size: a paper plane, folded, on a rounded sky.
pub fn mark(size: i32) -> Option<SvgImage> {
    let source = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#5cb6f7"/><stop offset="1" stop-color="#1d73c4"/></linearGradient></defs>
<rect x="0" y="0" width="64" height="64" rx="16" fill="url(#s)"/>
<path d="M11 31.5 53 13 41.5 51 30.5 38.5Z" fill="#ffffff"/>
<path d="M30.5 38.5 53 13 24.5 35.2 26.5 47.5Z" fill="#cfe6fb"/>
<path d="M30.5 38.5 26.5 47.5 34 42.5Z" fill="#a9d0f3"/></svg>"##;
    let mut image = SvgImage::from_data(source).ok()?;
    image.scale(size, size, true, true);
    Some(image)
}

thread_local! {
    static DRAWN: RefCell<HashMap<(Icon, i32, u32), SvgImage>> = RefCell::default();
}

/// Draws an icon with its upper left corner here.
pub fn draw(icon: Icon, x: i32, y: i32, size: i32, colour: Color) {
    DRAWN.with_borrow_mut(|cache| {
        if cache.len() >= MAX_CACHED {
            cache.clear();
        }
        let key = (icon, size, colour.bits());
        if !cache.contains_key(&key)
            && let Some(image) = render(icon, size, colour)
        {
            cache.insert(key, image);
        }
        if let Some(image) = cache.get_mut(&key) {
            image.draw(x, y, size, size);
        }
    });
}

fn render(icon: Icon, size: i32, colour: Color) -> Option<SvgImage> {
    let (r, g, b) = colour.to_rgb();
    let source = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#{r:02x}{g:02x}{b:02x}" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">{}</svg>"##,
        icon.strokes()
    );
    let mut image = SvgImage::from_data(&source).ok()?;
    image.scale(size, size, true, true);
    Some(image)
}
