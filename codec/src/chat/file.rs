//! Files: messages that refer to one, and the named calls that carry its bytes (PROTOCOL.md §5.12).

use bytes::Bytes;
use serde::de::{self, Deserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::{Blob, MessageBody};
use crate::{Dict, EncodeError, Value, from_value, to_value};

/// The name of the call that begins an upload, or goes on with one; its answer is [`FileBegun`].
pub const FILE_BEGIN: &str = "uchat.file.begin";
/// The name of the call that carries a piece to the server; its answer is [`FileHave`].
pub const FILE_CHUNK: &str = "uchat.file.chunk";
/// The name of the call that ends an upload.
pub const FILE_FINISH: &str = "uchat.file.finish";
/// The name of the call that gives up an upload.
pub const FILE_CANCEL: &str = "uchat.file.cancel";
/// The name of the call that asks for a piece; its answer is [`FilePiece`].
pub const FILE_FETCH: &str = "uchat.file.fetch";

/// Bytes of a piece, at most: small enough that a message between two of them never waits for long.
pub const MAX_PIECE: usize = 64 * 1024;
/// Bytes of a thumbnail, at most.
pub const MAX_THUMBNAIL: usize = 32 * 1024;
/// Bytes of a file's name, at most.
pub const MAX_FILE_NAME: usize = 255;

/// The SHA-256 of a file, by which it is known. 32 bytes on the wire; hexadecimal for people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileHash(pub [u8; 32]);

impl std::fmt::Display for FileHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for FileHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileHash({self})")
    }
}

impl Serialize for FileHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Blob(Bytes::copy_from_slice(&self.0)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FileHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Blob(bytes) = Blob::deserialize(deserializer)?;
        let hash = bytes.as_ref().try_into();
        hash.map(Self).map_err(|_| de::Error::invalid_length(bytes.len(), &"32 bytes"))
    }
}

/// A message's reference to a file that the server has. What it says beside the hash is the sender's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRef {
    /// Which file.
    pub sha256: FileHash,
    /// Its length in bytes.
    pub size: u64,
    /// What the sender calls it. Only ever shown: never a path.
    pub name: String,
    /// A small picture of it, made by the sender; empty when there is none.
    pub thumbnail: Blob,
}

#[derive(Serialize, Deserialize)]
struct FileFields {
    #[serde(rename = "type")]
    kind: u8,
    sha256: FileHash,
    size: u64,
    name: String,
    #[serde(default, skip_serializing_if = "is_empty")]
    thumbnail: Blob,
}

fn is_empty(blob: &Blob) -> bool {
    blob.0.is_empty()
}

impl FileRef {
    /// Whether name and thumbnail keep to their limits.
    pub fn is_within_limits(&self) -> bool {
        self.name.len() <= MAX_FILE_NAME && self.thumbnail.0.len() <= MAX_THUMBNAIL
    }

    /// The reference that a message holds, if its content is exactly that. Cheap for all other contents.
    pub fn in_message(message: &Value) -> Option<Self> {
        let fields = message.as_dict().map_or(0, Dict::len);
        if message.get("type").and_then(Value::as_u64) != Some(FILE_KIND.into()) || !(4..=5).contains(&fields)
        {
            return None;
        }
        let FileFields { sha256, size, name, thumbnail, .. } = from_value(message.clone()).ok()?;
        // Four are the fields without a thumbnail: then there is none that could be something else.
        Some(Self { sha256, size, name, thumbnail })
            .filter(|file| file.is_within_limits() && (fields == 5) != is_empty(&file.thumbnail))
    }

    /// The content of a message that refers to this file.
    ///
    /// # Errors
    ///
    /// If it can't be encoded.
    pub fn into_message(self) -> Result<Value, EncodeError> {
        let Self { sha256, size, name, thumbnail } = self;
        to_value(&FileFields { kind: FILE_KIND, sha256, size, name, thumbnail })
    }

    /// What a client that knows no files gets in the place of this one: the small picture, if there is one, or else a line
    /// that says that it came.
    ///
    /// # Errors
    ///
    /// If it can't be encoded.
    pub fn for_old_clients(&self) -> Result<Value, EncodeError> {
        let Self { name, size, thumbnail, .. } = self;
        if is_picture(&thumbnail.0) {
            return MessageBody::Image { data: thumbnail.clone(), name: Some(name.clone()) }.into_value();
        }
        MessageBody::text(format!("[文件 (file)] {name} ({size} bytes)")).into_value()
    }
}

/// Whether these bytes begin as a picture does that every client can show.
fn is_picture(bytes: &[u8]) -> bool {
    [&b"\x89PNG"[..], b"\xff\xd8\xff", b"GIF8"].iter().any(|mark| bytes.starts_with(mark))
}

/// `type` of a content that refers to a file.
const FILE_KIND: u8 = 2;

/// The arguments of [`FILE_BEGIN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileBegin {
    /// Which file.
    pub sha256: FileHash,
    /// Its length in bytes.
    pub size: u64,
}

/// The answer to [`FILE_BEGIN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileBegun {
    /// How many bytes the server has: the next piece begins there.
    pub have: u64,
    /// Whether the file is there whole, and the caller may refer to it: nothing more is to be done.
    pub complete: bool,
}

/// The arguments of [`FILE_CHUNK`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChunk {
    /// Which file.
    pub sha256: FileHash,
    /// Where the piece begins, in bytes.
    pub offset: u64,
    /// The piece, 1 to [`MAX_PIECE`] bytes.
    pub data: Blob,
}

/// The answer to [`FILE_CHUNK`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHave {
    /// How many bytes the server has now.
    pub have: u64,
}

/// The arguments of [`FILE_FINISH`] and [`FILE_CANCEL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNamed {
    /// Which file.
    pub sha256: FileHash,
}

/// The arguments of [`FILE_FETCH`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFetch {
    /// Which file.
    pub sha256: FileHash,
    /// Where the piece begins, in bytes.
    pub offset: u64,
    /// How long it is at most, 1 to [`MAX_PIECE`] bytes.
    pub length: u32,
}

/// The answer to [`FILE_FETCH`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePiece {
    /// Where the piece begins, in bytes.
    pub offset: u64,
    /// The length of the whole file in bytes.
    pub size: u64,
    /// The piece; shorter than asked for only where the file ends.
    pub data: Blob,
}
