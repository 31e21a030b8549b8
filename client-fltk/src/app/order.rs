//! What the widgets are told after a turn.

use crate::conversation::{FileKey, FileStage, Row, RowKey};

/// Which parts of the window are not true any more.
#[expect(clippy::struct_excessive_bools, reason = "a set of parts, each of which is there or not")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Language, theme, screen: everything.
    pub everything: bool,
    /// The sign-in form.
    pub form: bool,
    /// The list of contacts and requests.
    pub contacts: bool,
    /// The head of the conversation.
    pub head: bool,
    /// The page in the right pane.
    pub page: bool,
    /// The bar above.
    pub bar: bool,
}

impl Changes {
    /// Everything has to be drawn again.
    pub fn all() -> Self {
        Self { everything: true, form: true, contacts: true, head: true, page: true, bar: true }
    }
}

/// One order to the widgets.
#[derive(Clone, Debug)]
pub enum Order {
    /// Another conversation.
    Show {
        /// Its messages, the oldest first.
        rows: Vec<Row>,
        /// Whether there are older ones.
        more_before: bool,
        /// Whether there are newer ones.
        more_after: bool,
        /// Whether senders are named.
        names: bool,
        /// The first message that is new.
        unread_from: Option<RowKey>,
    },
    /// Older messages.
    Prepend(Vec<Row>, bool),
    /// Newer messages of the past.
    Append(Vec<Row>, bool),
    /// Messages that have just come.
    Arrived(Vec<Row>),
    /// How far a file is.
    FileStage(FileKey, FileStage),
    /// Nothing is known of files any more: they are somebody else's.
    ForgetFiles,
    /// Own messages that are not confirmed.
    Outgoing(Vec<Row>),
    /// Own messages have come farther: everything up to the first number has arrived, up to the second was read.
    Reached(u64, u64),
    /// Show this message.
    Reveal(RowKey),
    /// Put this into the field for messages.
    Write(String),
    /// Put this name into the search of users.
    FindUser(String),
    /// A received file is on the disk now.
    FileReady(String),
    /// A desktop notice: head, text.
    Notice(String, String),
    /// A sound.
    Beep,
    /// Shake the window: somebody wants to be noticed.
    Shake,
    /// Open a link or a file with the system's program.
    OpenOutside(String),
    /// Ask for the folder where files are saved.
    ChooseDownloads,
    /// Ask where to save a file, beginning with this name; then copy it.
    SaveAs(std::path::PathBuf, String),
    /// The keyboard goes to the field for messages.
    FocusMessage,
}
