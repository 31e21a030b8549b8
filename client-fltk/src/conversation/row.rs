//! A message as the view gets it, and what a user can do with it.

use uchat_client_core::attachment::Attachment;
use uchat_client_core::shared_file::SharedFile;
use uchat_client_core::state::Content;
use uchat_codec::chat::FileHash;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which one.
    pub key: RowKey,
    /// Who sent it.
    pub sender_id: u64,
    /// The sender's name.
    pub sender_name: String,
    /// Whether it is the user's own.
    pub own: bool,
    /// When, in milliseconds since 1970 UTC.
    pub time: u64,
    /// What was sent.
    pub content: Content,
    /// How far it is, if it is an own one.
    pub delivery: Delivery,
    /// Its number in the conversation, where the server numbers messages.
    pub number: Option<u64>,
}

/// Which message; in the order of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// One of the local history.
    Stored {
        /// When, in milliseconds since 1970 UTC.
        time: u64,
        /// Its number there.
        row: i64,
    },
    /// An own one that the server has not confirmed.
    Outgoing(u64),
    /// A file on its way to the server, of which no message tells yet.
    Upload(u64),
}

/// How far an own message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// On its way.
    Sending,
    /// The server has it.
    Sent,
    /// It has arrived at everybody.
    Arrived,
    /// Everybody has read it.
    Read,
    /// It did not get out; it can be sent again.
    Failed,
}

/// A file that is on its way, or could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKey {
    /// One that messages refer to.
    Shared(FileHash),
    /// One on its way to the server.
    Upload(u64),
}

impl FileKey {
    /// The file of this row, if it is about one in pieces.
    pub fn of(row: &Row) -> Option<Self> {
        match (row.key, &row.content) {
            (RowKey::Upload(id), _) => Some(Self::Upload(id)),
            (_, Content::Shared(file)) => Some(Self::Shared(file.sha256)),
            _ => None,
        }
    }
}

/// How far such a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileStage {
    /// The server has it, and it can be fetched.
    #[default]
    There,
    /// It is to go when it can.
    Waiting,
    /// So many hundredths of it have arrived.
    Moving(u8),
    /// It is here.
    Here,
    /// It did not come; it can be fetched again.
    Failed,
}

/// What the user wants from the conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// Messages before this one.
    Older(RowKey),
    /// Messages after this one.
    Newer(RowKey),
    /// Open a link.
    Link(String),
    /// Show an image large.
    OpenImage(Attachment),
    /// Open a file with the system's program.
    OpenFile(Attachment),
    /// Save a file somewhere.
    SaveFile(Attachment),
    /// Fetch a file that a message refers to.
    GetFile(SharedFile),
    /// Don't go on fetching it.
    CancelFile(FileHash),
    /// Open a file that was fetched with the system's program.
    OpenFetched(FileHash),
    /// Open the folder that it is in.
    OpenFolder(FileHash),
    /// Send a file again that did not get to the server.
    ResendFile(u64),
    /// Don't send a file after all.
    DropFile(u64),
    /// Send a failed message again.
    Retry(u64),
    /// Take back the own message with this number.
    TakeBack(u64),
    /// Give a failed message up.
    Discard(u64),
    /// The sender of a message in a room: number, name.
    Person(u64, String),
    /// The newest message is in sight.
    AtNewest,
    /// Begin again at the newest message: it is not loaded.
    ToNewest,
}
