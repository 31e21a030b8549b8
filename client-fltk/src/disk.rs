//! The disk, away from the window: local history, drafts, received files.

mod worker;

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::JoinHandle;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use uchat_client_core::state::Contact;
use uchat_client_core::store::{Unsent, Upload, Wanted};
use uchat_client_core::{Arrived, ConversationId, Event, Home, Place, State};
use uchat_codec::chat::{FileHash, UserInfo};

use crate::conversation::{Row, RowKey};
use crate::network::Bell;

/// How many jobs may wait; more than a person can cause.
const MAX_JOBS: usize = 4096;

/// The place of a message in its conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Milliseconds since 1970 UTC.
    pub time: u64,
    /// Its number in the local history.
    pub row: i64,
}

impl Position {
    /// The place that a row's key names; one that is still on its way is after all others.
    pub fn of(key: RowKey) -> Self {
        match key {
            RowKey::Stored { time, row } => Self { time, row },
            RowKey::Outgoing(_) | RowKey::Upload(_) => Self { time: u64::MAX >> 1, row: i64::MAX },
        }
    }
}

/// A found message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its conversation.
    pub id: ConversationId,
    /// Its place.
    pub position: Position,
    /// Who sent it.
    pub sender: String,
    /// When.
    pub time: u64,
    /// The text around the find.
    pub snippet: String,
}

/// What the window wants from the disk.
#[derive(Debug)]
enum Job {
    Open(PathBuf),
    Close,
    Record { messages: Vec<Arrived>, live: bool },
    SetSafe(Vec<(ConversationId, u64, u64)>),
    ForgetNumbers,
    PutOutgoing(Box<Unsent>),
    RemoveOutgoing(u64),
    PutUpload(Upload),
    RemoveUpload(u64),
    PutWanted(Wanted),
    RemoveWanted(FileHash),
    SaveContacts { me: UserInfo, contacts: Vec<Contact> },
    Show { id: ConversationId, limit: usize, unread: u64 },
    ShowAround { id: ConversationId, position: Position },
    Older { id: ConversationId, position: Position, limit: usize },
    Newer { id: ConversationId, position: Position, limit: usize },
    MarkRead(ConversationId),
    Draft { id: ConversationId, text: String },
    Search { text: String, limit: usize },
    SaveFile { name: String, data: Bytes },
    ReadFile { to: ConversationId, path: PathBuf },
    Copy { from: PathBuf, to: PathBuf },
    Finish,
}

/// What the disk answers.
#[derive(Debug)]
pub enum Reply {
    /// What was known from before.
    Restored {
        /// Whose it is.
        me: UserInfo,
        /// The contacts with their last messages and counts.
        contacts: Vec<Contact>,
        /// Unsent texts.
        drafts: Vec<(ConversationId, String)>,
        /// Own messages that the server has not confirmed.
        unsent: Vec<Unsent>,
        /// Up to where everything is here, by the server's numbers of conversations.
        have: Vec<(u64, u64)>,
        /// Files that are to be sent.
        uploads: Vec<Upload>,
        /// Files that were asked for, here or still to come.
        wanted: Vec<Wanted>,
    },
    /// A conversation from the beginning of a look at it.
    Shown {
        /// Which one.
        id: ConversationId,
        /// Its messages, the oldest first.
        rows: Vec<Row>,
        /// Whether there are older ones.
        more_before: bool,
        /// The smallest number that is here.
        oldest: Option<u64>,
        /// Whether there are newer ones.
        more_after: bool,
        /// The first one that is new.
        unread_from: Option<RowKey>,
        /// The one that was looked for.
        reveal: Option<RowKey>,
    },
    /// Older messages.
    Older {
        /// Which conversation.
        id: ConversationId,
        /// The messages, the oldest first.
        rows: Vec<Row>,
        /// Whether there are more.
        more: bool,
        /// The smallest number that is here.
        oldest: Option<u64>,
    },
    /// Newer messages.
    Newer {
        /// Which conversation.
        id: ConversationId,
        /// The messages, the oldest first.
        rows: Vec<Row>,
        /// Whether there are more.
        more: bool,
    },
    /// Messages that have just come and are stored now.
    Arrived {
        /// Which conversation.
        id: ConversationId,
        /// The messages, the oldest first.
        rows: Vec<Row>,
    },
    /// These messages are stored.
    Safe(Vec<(ConversationId, Place)>),
    /// Found messages.
    Found {
        /// What was searched.
        text: String,
        /// The finds, the newest first.
        found: Vec<Found>,
    },
    /// A file to be sent.
    Read(ConversationId, Result<(String, Bytes), String>),
    /// A received file is on the disk, under this name.
    Saved(String),
    /// A file was copied to here.
    Copied(PathBuf),
    /// Something did not work.
    Failed(String),
}

/// The thread that owns the disk.
#[derive(Debug)]
pub struct Disk {
    dir: PathBuf,
    jobs: SyncSender<Job>,
    replies: Receiver<Reply>,
    thread: Option<JoinHandle<()>>,
}

impl Disk {
    /// Starts the thread.
    pub fn start(home: Home, bell: Bell) -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::sync_channel(MAX_JOBS);
        // Each job has a bounded number of replies, so this is bounded by the jobs.
        let (answers, replies) = mpsc::channel();
        let dir = home.dir().join("accounts");
        let thread = std::thread::Builder::new()
            .name("disk".into())
            .spawn(move || worker::Worker::new(home, answers, bell).run(&waiting))?;
        Ok(Self { dir, jobs, replies, thread: Some(thread) })
    }

    fn put(&self, job: Job) {
        // The thread ends only with the window.
        let _ = self.jobs.send(job);
    }

    /// The next answer, if there is one.
    pub fn take(&self) -> Option<Reply> {
        self.replies.try_recv().ok()
    }

    /// Uses the history of this account from now on.
    pub fn open_account(&self, server: &str, username: &str) {
        // The names of servers and users are not made for file systems.
        let name = Sha256::digest(format!("{server}\n{username}"));
        self.put(Job::Open(self.dir.join(hex::encode(&name[..12]))));
    }

    /// Shows nothing of this account any more.
    pub fn close_account(&self) {
        self.put(Job::Close);
    }

    /// Stores the messages of an event. True when there were any.
    pub fn record(&self, event: &Event) -> bool {
        match event {
            Event::Message(message) => {
                self.put(Job::Record { messages: vec![message.clone()], live: true });
                true
            }
            Event::Bundle(bundle) => {
                self.put(Job::Record { messages: bundle.messages.clone(), live: false });
                true
            }
            Event::Fetched(fetched) => {
                self.put(Job::Record { messages: fetched.messages.clone(), live: false });
                true
            }
            Event::ContactAdded(_) | Event::FriendDeleted(_) => true,
            _ => false,
        }
    }

    /// Remembers up to where everything of conversations is here: ours, the server's number, the number of the message.
    pub fn set_safe(&self, safe: Vec<(ConversationId, u64, u64)>) {
        self.put(Job::SetSafe(safe));
    }

    /// The server is another one: its numbers mean nothing any more.
    pub fn forget_numbers(&self) {
        self.put(Job::ForgetNumbers);
    }

    /// Keeps an own message until the server has confirmed it.
    pub fn put_outgoing(&self, unsent: Unsent) {
        self.put(Job::PutOutgoing(Box::new(unsent)));
    }

    /// The server has confirmed it, or it was given up.
    pub fn remove_outgoing(&self, id: u64) {
        self.put(Job::RemoveOutgoing(id));
    }

    /// Keeps a file that is to be sent until a message tells of it.
    pub fn put_upload(&self, upload: Upload) {
        self.put(Job::PutUpload(upload));
    }

    /// A message tells of it, or it was given up.
    pub fn remove_upload(&self, id: u64) {
        self.put(Job::RemoveUpload(id));
    }

    /// Remembers that a file was asked for, and where it is once it is here.
    pub fn put_wanted(&self, sha256: FileHash, name: String, path: Option<PathBuf>) {
        self.put(Job::PutWanted(Wanted { sha256, name, path }));
    }

    /// The file is not wanted any more, or is not where it was.
    pub fn remove_wanted(&self, sha256: FileHash) {
        self.put(Job::RemoveWanted(sha256));
    }

    /// Remembers the contacts for the next start.
    pub fn save_contacts(&self, state: &State) {
        if let Some(me) = state.me().filter(|_| state.is_ready()) {
            let contacts = state.contacts().cloned().collect();
            self.put(Job::SaveContacts { me: me.clone(), contacts });
        }
    }

    /// Loads the newest messages; the last `unread` of others are new.
    pub fn show(&self, id: ConversationId, limit: usize, unread: u64) {
        self.put(Job::Show { id, limit, unread });
    }

    /// Loads the messages around a place.
    pub fn show_around(&self, id: ConversationId, position: Position) {
        self.put(Job::ShowAround { id, position });
    }

    /// Loads messages before a place.
    pub fn older(&self, id: ConversationId, position: Position, limit: usize) {
        self.put(Job::Older { id, position, limit });
    }

    /// Loads messages after a place.
    pub fn newer(&self, id: ConversationId, position: Position, limit: usize) {
        self.put(Job::Newer { id, position, limit });
    }

    /// Everything in this conversation was seen.
    pub fn mark_read(&self, id: ConversationId) {
        self.put(Job::MarkRead(id));
    }

    /// Keeps what is written and not sent.
    pub fn save_draft(&self, id: ConversationId, text: String) {
        self.put(Job::Draft { id, text });
    }

    /// Searches all messages.
    pub fn search(&self, text: String, limit: usize) {
        self.put(Job::Search { text, limit });
    }

    /// Stores a received file under a name of ours.
    pub fn save_file(&self, name: String, data: Bytes) {
        self.put(Job::SaveFile { name, data });
    }

    /// Reads a file that is to be sent.
    pub fn read_file(&self, to: ConversationId, path: PathBuf) {
        self.put(Job::ReadFile { to, path });
    }

    /// Copies a received file to where the user wants it.
    pub fn copy_file(&self, from: PathBuf, to: PathBuf) {
        self.put(Job::Copy { from, to });
    }

    /// Does what is waiting, then ends.
    pub fn finish(&mut self) {
        self.put(Job::Finish);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
