//! Decoding under limits: a file of a few bytes may claim to be a picture as large as a house.

use std::path::Path;

use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, RgbaImage};

use uchat_codec::chat::MAX_THUMBNAIL;

use super::THUMB;

/// The longest side of a file that is decoded at all.
const MAX_SIDE: u32 = 20_000;
/// What decoding one file may allocate.
const MAX_ALLOC: u64 = 192 * 1024 * 1024;

/// How good a small picture is, until it is short enough; in hundredths.
const QUALITIES: [u8; 4] = [80, 60, 40, 20];

/// Pixels, four bytes each.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) w: u32,
    pub(super) h: u32,
    pub(super) rgba: Vec<u8>,
}

/// Decodes a file to at most this size, with round corners when `corner` is not 0.
pub(super) fn decode(path: &Path, w: u32, h: u32, corner: f32) -> Result<Decoded, String> {
    let reader =
        ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(|e| e.to_string())?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_ALLOC);
    let mut reader = reader;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) * 4 > MAX_ALLOC {
        return Err(format!("{width}x{height} is too large"));
    }
    let orientation = decoder.orientation().ok();
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    if let Some(orientation) = orientation {
        image.apply_orientation(orientation);
    }
    let fits = image.width() <= w && image.height() <= h;
    let mut pixels = if fits { image.to_rgba8() } else { image.thumbnail(w, h).to_rgba8() };
    if corner > 0.0 {
        round(&mut pixels, corner);
    }
    Ok(Decoded { w: pixels.width(), h: pixels.height(), rgba: pixels.into_raw() })
}

/// A small picture of a file, to be sent with what tells of it: JPEG, no longer than the wire allows; empty if the file can't
/// be decoded.
pub fn small(path: &Path) -> Vec<u8> {
    let (width, height) = (THUMB.0.unsigned_abs(), THUMB.1.unsigned_abs());
    // A decoder that a strange file brings down takes only its picture with it.
    let Ok(Ok(decoded)) = std::panic::catch_unwind(|| decode(path, width, height, 0.0)) else {
        return Vec::new();
    };
    let Some(pixels) = RgbaImage::from_raw(decoded.w, decoded.h, decoded.rgba) else { return Vec::new() };
    let on_white = |pixel: &image::Rgba<u8>| {
        let [r, g, b, alpha] = pixel.0.map(u32::from);
        let mixed = |part: u32| u8::try_from((part * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        image::Rgb([mixed(r), mixed(g), mixed(b)])
    };
    let flat =
        image::RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| on_white(pixels.get_pixel(x, y)));
    let encoded = |quality| {
        let mut bytes = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
        let fits = flat.write_with_encoder(encoder).is_ok() && bytes.len() <= MAX_THUMBNAIL;
        fits.then_some(bytes)
    };
    QUALITIES.into_iter().find_map(encoded).unwrap_or_default()
}

/// Makes the corners round, with soft edges.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels"
)]
fn round(pixels: &mut RgbaImage, corner: f32) {
    let (w, h) = (pixels.width() as f32, pixels.height() as f32);
    let corner = corner.min(w / 2.0).min(h / 2.0);
    for (x, y, pixel) in pixels.enumerate_pixels_mut() {
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        let dx = (corner - x).max(x - (w - corner)).max(0.0);
        let dy = (corner - y).max(y - (h - corner)).max(0.0);
        let beyond = (dx * dx + dy * dy).sqrt() - corner + 0.5;
        if beyond > 0.0 {
            pixel.0[3] = (f32::from(pixel.0[3]) * (1.0 - beyond).clamp(0.0, 1.0)) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("image");
        std::fs::write(&path, content).unwrap();
        (dir, path)
    }

    fn png(w: u32, h: u32) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        DynamicImage::new_rgb8(w, h).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_large_image_becomes_a_small_one_of_the_same_shape() {
        let (_dir, path) = file(&png(1_000, 500));
        let decoded = decode(&path, 320, 260, 10.0).unwrap();
        assert_eq!((decoded.w, decoded.h), (320, 160));
        assert_eq!(decoded.rgba[3], 0, "the corner is round");
    }

    #[test]
    fn what_is_sent_with_a_picture_is_short_whatever_is_on_it_and_white_where_it_is_clear() {
        let noise = image::RgbaImage::from_fn(900, 700, |x, y| {
            let [red, green, blue, _] = (x * 7_919 + y * 104_729).wrapping_mul(2_654_435_761).to_be_bytes();
            image::Rgba([red, green, blue, if x < 450 { 0 } else { 255 }])
        });
        let mut bytes = std::io::Cursor::new(Vec::new());
        noise.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let (_dir, path) = file(&bytes.into_inner());
        let made = small(&path);
        assert!(!made.is_empty() && made.len() <= MAX_THUMBNAIL, "{}", made.len());
        let shown = image::load_from_memory(&made).unwrap().to_rgb8();
        assert!(shown.width() <= 320 && shown.height() <= 260);
        assert!(shown.get_pixel(5, 5).0.iter().all(|part| *part > 200), "it is clear there");
        let (_dir, path) = file(b"no picture at all");
        assert!(small(&path).is_empty());
    }

    #[test]
    fn a_small_image_is_not_blown_up() {
        let (_dir, path) = file(&png(10, 10));
        assert_eq!(decode(&path, 320, 260, 0.0).unwrap().w, 10);
    }

    #[test]
    fn a_picture_as_large_as_a_house_is_refused_before_it_is_decoded() {
        let mut bomb = png(1, 1);
        // The size in the header, and its checksum.
        bomb[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
        let checksum = crc(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
        let (_dir, path) = file(&bomb);
        let error = decode(&path, 320, 260, 0.0).unwrap_err();
        assert!(error.contains("large") || error.to_lowercase().contains("limit"), "{error}");
    }

    #[test]
    fn broken_and_mistyped_files_say_so() {
        for content in [&b"\x89PNG\r\n\x1a\nrubbish"[..], b"", b"GIF8", b"hello world"] {
            let (_dir, path) = file(content);
            assert!(decode(&path, 320, 260, 0.0).is_err());
        }
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8)
                .fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }
}
