//! What is pasted or dropped into the field for messages: text, an image, files.

use std::path::PathBuf;

use fltk::app;
use fltk::input::MultilineInput;
use fltk::prelude::*;

use crate::app::Msg;
use crate::view::Outbox;

/// Sends images and files; a text is left to the field.
pub(super) fn take_paste(input: &mut MultilineInput, out: &Outbox, dropped: bool) -> bool {
    if let Some(app::ClipboardEvent::Image(Some(image))) = app::event_clipboard() {
        if let Some(png) = encode_png(&image) {
            out.put(Msg::Paste(png));
        }
        return true;
    }
    let text = app::event_text();
    let files: Vec<PathBuf> = text.lines().filter_map(file_of).collect();
    if files.is_empty() || !(dropped || text.lines().all(|line| file_of(line).is_some())) {
        let _ = input;
        return false;
    }
    for file in files {
        out.put(Msg::Attach(file));
    }
    true
}

/// The path of a `file://` line as file managers give it.
fn file_of(line: &str) -> Option<PathBuf> {
    let path = line.trim().strip_prefix("file://")?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let path = PathBuf::from(String::from_utf8(bytes).ok()?);
    path.is_absolute().then_some(path)
}

fn encode_png(image: &fltk::image::RgbImage) -> Option<Vec<u8>> {
    let (w, h) = (u32::try_from(image.data_w()).ok()?, u32::try_from(image.data_h()).ok()?);
    let kind = match image.depth() {
        fltk::enums::ColorDepth::Rgb8 => image::ExtendedColorType::Rgb8,
        fltk::enums::ColorDepth::Rgba8 => image::ExtendedColorType::Rgba8,
        fltk::enums::ColorDepth::L8 => image::ExtendedColorType::L8,
        fltk::enums::ColorDepth::La8 => image::ExtendedColorType::La8,
    };
    let mut png = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut png);
    image::ImageEncoder::write_image(encoder, &image.to_rgb_data(), w, h, kind).ok()?;
    Some(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_files_are_found_whatever_their_name() {
        assert_eq!(file_of("file:///tmp/a%20b%E4%BD%A0.png\r"), Some(PathBuf::from("/tmp/a b你.png")));
        assert_eq!(file_of("file://relative"), None);
        assert_eq!(file_of("file:///tmp/%zz"), None);
        assert_eq!(file_of("hello"), None);
    }
}
