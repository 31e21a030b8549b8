//! Images and files by their content: what they are called here, and what kind they are.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

/// What is remembered of a received image or file; the bytes themselves go to the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// SHA-256 of the content in lower-case hex.
    pub sha256: String,
    /// How long it is.
    pub bytes: u64,
    /// What it is, as found in the content itself, as a file ending; `bin` when unknown.
    pub extension: &'static str,
    /// What its sender calls it, made harmless to be shown; never a path. Empty if that was not said.
    pub name: String,
}

impl Attachment {
    /// Looks at the content.
    pub fn of(content: &Bytes) -> Self {
        Self {
            sha256: hex::encode(Sha256::digest(content)),
            bytes: content.len() as u64,
            extension: extension(content),
            name: String::new(),
        }
    }

    /// The same with the name that a peer gives it: its last part, without what controls a terminal or turns text around.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        self.name = shown_name(name);
        self
    }

    /// One that was written down before; `None` when the words can't be its own.
    pub fn described(sha256: &str, bytes: u64, extension: &str) -> Option<Self> {
        let digits =
            sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let extension = EXTENSIONS.into_iter().find(|known| *known == extension)?;
        digits.then(|| Self { sha256: sha256.to_owned(), bytes, extension, name: String::new() })
    }

    /// The name on the disk. It is made of the content alone: nothing that a peer says gets into a path, and the same
    /// image is stored once.
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.sha256, self.extension)
    }

    /// Whether a window could show it as an image.
    pub fn is_image(&self) -> bool {
        self.extension != "bin" && self.extension != "pdf" && self.extension != "zip"
    }
}

/// What a peer calls a file, to be shown: its last part, without what controls a terminal or turns text around.
pub(crate) fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !is_hidden(*c)).take(MAX_NAME).collect()
}

/// No longer name of a peer is kept, in characters.
const MAX_NAME: usize = 120;

/// Characters that are not seen but change what is: controls, and those that turn the direction of text.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Every ending that a file can get here.
const EXTENSIONS: [&str; 8] = ["png", "jpg", "gif", "webp", "bmp", "pdf", "zip", "bin"];

/// The ending that fits the content's first bytes.
fn extension(content: &[u8]) -> &'static str {
    match content {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpg",
        [b'G', b'I', b'F', b'8', ..] => "gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => "bmp",
        [b'%', b'P', b'D', b'F', ..] => "pdf",
        [b'P', b'K', 3, 4, ..] => "zip",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_content_only() {
        let attachment = Attachment::of(&Bytes::from_static(b"\x89PNG\r\n"));
        assert_eq!(attachment.bytes, 6);
        assert_eq!(attachment.file_name(), format!("{}.png", hex::encode(Sha256::digest(b"\x89PNG\r\n"))));
        assert_eq!(Attachment::of(&Bytes::from_static(b"hello")).extension, "bin");
    }

    #[test]
    fn a_peers_name_is_shown_without_its_folders_and_tricks() {
        let called = |name: &str| Attachment::of(&Bytes::from_static(b"x")).called(name).name;
        assert_eq!(called("../../etc/notes.txt"), "notes.txt");
        assert_eq!(called("C:\\\\evil\\图片.png"), "图片.png");
        assert_eq!(called("in\u{202e}gpj.exe\n"), "ingpj.exe");
        assert_eq!(called(&"长".repeat(500)).chars().count(), MAX_NAME);
    }
}
