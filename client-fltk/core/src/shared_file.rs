//! A file that a message refers to: what its sender says of it, made harmless.

use bytes::Bytes;
use uchat_codec::chat::{FileHash, FileRef};

use crate::attachment::{Attachment, shown_name};

/// A file that the server has, as a message tells of it. Its bytes come when they are asked for
/// ([`Transfers::fetch`](crate::transfer::Transfers::fetch)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedFile {
    /// Which file.
    pub sha256: FileHash,
    /// Its length in bytes, in the sender's word.
    pub size: u64,
    /// What its sender calls it, made harmless to be shown; never a path. It can be empty.
    pub name: String,
    /// The small picture of it that its sender has made.
    pub thumbnail: Option<Attachment>,
}

impl SharedFile {
    /// Reads a reference; the bytes of the small picture come back apart. A picture that is none is left out.
    pub fn of(file: FileRef) -> (Self, Option<(Attachment, Bytes)>) {
        let FileRef { sha256, size, name, thumbnail } = file;
        let picture = Some(thumbnail.0).filter(|bytes| !bytes.is_empty());
        let picture =
            picture.map(|bytes| (Attachment::of(&bytes), bytes)).filter(|(made, _)| made.is_image());
        let thumbnail = picture.as_ref().map(|(made, _)| made.clone());
        (Self { sha256, size, name: shown_name(&name), thumbnail }, picture)
    }
}

#[cfg(test)]
mod tests {
    use uchat_codec::Blob;

    use super::*;

    fn reference(name: &str, thumbnail: &'static [u8]) -> FileRef {
        let thumbnail = Blob(Bytes::from_static(thumbnail));
        FileRef { sha256: FileHash([7; 32]), size: 9, name: name.into(), thumbnail }
    }

    #[test]
    fn a_name_is_shown_without_its_folders_and_a_picture_is_one() {
        let (file, picture) = SharedFile::of(reference("../../x\u{202e}gpj.exe", b"\x89PNG.."));
        assert_eq!(file.name, "xgpj.exe");
        assert_eq!(picture.map(|(made, _)| made), file.thumbnail);
        assert!(file.thumbnail.is_some());
        assert_eq!(SharedFile::of(reference("a", b"no picture")).0.thumbnail, None);
    }
}
