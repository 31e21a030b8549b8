//! Files, in the words of the domain: uploads, quotas, pieces.

use bytes::Bytes;

use super::UserId;

/// The SHA-256 of a file, by which it is known.
pub type FileHash = [u8; 32];

/// A file that a user wants to bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Who.
    pub user: UserId,
    /// Which file.
    pub sha256: FileHash,
    /// Its length in bytes.
    pub size: u64,
    /// Now, in milliseconds since 1970.
    pub time_ms: u64,
}

/// How much may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileBounds {
    /// Bytes of all files of one user, uploads under way with them. The user's oldest files go when there are more.
    pub per_user: u64,
    /// Bytes of everything. When there are more, uploads are refused.
    pub total: u64,
    /// Uploads of one user that are under way or were broken off; the oldest ones go when there are more.
    pub uploads: usize,
}

/// How the beginning of an upload ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// The file is there, and the user may refer to it.
    Complete,
    /// Pieces are awaited.
    Begun {
        /// From where on, in bytes.
        have: u64,
    },
    /// The user's uploads under way leave no room for it.
    UserFull,
    /// There is no room for it in all.
    StoreFull,
}

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// It is written.
    Written {
        /// How many bytes there are now.
        have: u64,
    },
    /// No such upload is under way.
    NotBegun,
    /// It does not follow what is there.
    Gap {
        /// How many bytes there are.
        have: u64,
    },
    /// It goes beyond the announced length.
    TooLong,
}

/// How an upload ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finishing {
    /// The file is durable.
    Stored,
    /// No such upload is under way.
    NotBegun,
    /// Something is missing.
    Incomplete {
        /// How many bytes there are.
        have: u64,
    },
    /// The content has another SHA-256; it is thrown away.
    WrongHash,
}

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePart {
    /// The length of the whole file in bytes.
    pub size: u64,
    /// The piece; shorter than asked for only where the file ends.
    pub data: Bytes,
}

/// What a sweep has thrown away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files to which no message refers.
    pub files: usize,
    /// Uploads that were broken off.
    pub uploads: usize,
}
