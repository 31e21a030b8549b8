//! Files in pieces: brought to the server and told of, fetched into the folder for downloads, with how far each is.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use uchat_client_core::attachment::Attachment;
use uchat_client_core::connection::AskError;
use uchat_client_core::shared_file::SharedFile;
use uchat_client_core::state::Content;
use uchat_client_core::store::{MAX_FETCHED, MAX_UPLOADS, Upload, Wanted};
use uchat_client_core::transfer::{News, Step, TransferError};
use uchat_client_core::{Command, ConversationId};
use uchat_codec::SuiteName;
use uchat_codec::chat::{Blob, FileHash, FileRef};

use super::order::Order;
use super::{App, now};
use crate::conversation::{Delivery, FileKey, FileStage, Row, RowKey};
use crate::network::FileEvent;

/// Files up to this length travel inside their message, where they are there at once and for every client.
const INSIDE_MESSAGE: u64 = 1024 * 1024;

/// So many files wait to be fetched; then no more are asked for.
const MAX_WANTED: usize = 64;

/// What is on its way.
#[derive(Debug, Default)]
pub(super) struct FileDesk {
    /// On their way to the server, the oldest first.
    sending: Vec<Sending>,
    last: u64,
    /// By the number of the transfer: which file, and what its sender calls it.
    fetching: HashMap<u64, (FileHash, String)>,
    /// To be fetched, those that were asked for first in front.
    wanted: VecDeque<Wanted>,
    /// Where fetched files are.
    here: HashMap<FileHash, PathBuf>,
}

/// A file on its way to the server.
#[derive(Debug)]
struct Sending {
    file: Upload,
    name: String,
    size: u64,
    stage: Stage,
    /// The small picture of it, and its bytes.
    picture: Option<(Attachment, Bytes)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// For its turn, or for a connection.
    Waiting,
    /// Its small picture is being made.
    Drawing,
    /// By the number of the transfer.
    Moving(u64),
    Failed,
}

impl App {
    /// Sends a file in pieces, if it is long and the connection knows how; false if it has to travel inside a message.
    pub(super) fn send_in_pieces(&mut self, to: ConversationId, path: &Path) -> bool {
        let is_long =
            std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() > INSIDE_MESSAGE);
        if !is_long || self.suite == Some(SuiteName::Classic) {
            return false;
        }
        if self.files.sending.len() >= MAX_UPLOADS {
            let said = self.texts.get("t-too-many-waiting");
            self.tell(said);
            return true;
        }
        self.files.last += 1;
        let file = Upload { id: self.files.last, to, time: now(), path: path.to_owned() };
        self.disk.put_upload(file.clone());
        self.files.sending.push(Sending::of(file));
        self.files_go();
        true
    }

    /// Begins what can begin now. When as many are on their way as may be, the turn of others comes with the end of one.
    pub(super) fn files_go(&mut self) {
        if !self.state.is_ready() {
            return self.show_outgoing();
        }
        let is_strong = self.suite == Some(SuiteName::Strong);
        // One after the other: a large picture takes much memory.
        let mut draws = self.files.sending.iter().any(|one| one.stage == Stage::Drawing);
        for one in self.files.sending.iter_mut().filter(|one| one.stage == Stage::Waiting) {
            if !is_strong {
                one.stage = Stage::Failed;
            } else if one.picture.is_none() && is_picture(&one.file.path) {
                if !std::mem::replace(&mut draws, true) {
                    one.stage = Stage::Drawing;
                    self.network.draw_small(one.file.id, one.file.path.clone());
                }
            } else if let Some(Ok(number)) = self.network.send_file(one.file.path.clone()) {
                one.stage = Stage::Moving(number);
            }
        }
        self.show_outgoing();
        while is_strong && let Some(Wanted { sha256, name, .. }) = self.files.wanted.front() {
            let Some(Ok(number)) = self.network.fetch_file(*sha256, name, self.downloads()) else { break };
            self.show_file(FileKey::Shared(*sha256), FileStage::Moving(0));
            if let Some(Wanted { sha256, name, .. }) = self.files.wanted.pop_front() {
                self.files.fetching.insert(number, (sha256, name));
            }
        }
    }

    /// The connection was given up for another one: what was on its way waits for that.
    pub(super) fn files_wait(&mut self) {
        let is_done = |stage| matches!(stage, Stage::Waiting | Stage::Failed);
        for one in self.files.sending.iter_mut().filter(|one| !is_done(one.stage)) {
            one.stage = Stage::Waiting;
        }
        let wanted = |(_, (sha256, name))| Wanted { sha256, name, path: None };
        self.files.wanted.extend(self.files.fetching.drain().map(wanted));
    }

    /// What was on its way when the window was closed, and where fetched files are.
    pub(super) fn restore_files(&mut self, uploads: Vec<Upload>, wanted: Vec<Wanted>) {
        for file in uploads {
            self.files.last = self.files.last.max(file.id);
            self.files.sending.push(Sending::of(file));
        }
        for wanted in wanted {
            let key = FileKey::Shared(wanted.sha256);
            let Some(path) = wanted.path.clone() else {
                self.show_file(key, FileStage::Waiting);
                self.files.wanted.push_back(wanted);
                continue;
            };
            self.show_file(key, FileStage::Here);
            self.files.here.insert(wanted.sha256, path);
        }
        self.files_go();
    }

    /// Files on their way to this conversation, behind its last message.
    pub(super) fn rows_of_files(&self, to: ConversationId) -> Vec<Row> {
        let me = self.state.me();
        let row = |one: &Sending| Row {
            key: RowKey::Upload(one.file.id),
            sender_id: me.map_or(0, |me| me.id),
            sender_name: me.map(|me| me.username.clone()).unwrap_or_default(),
            own: true,
            time: one.file.time,
            content: Content::Shared(SharedFile {
                // Not known yet, and not asked for: the row is known by its key.
                sha256: FileHash([0; 32]),
                size: one.size,
                name: one.name.clone(),
                thumbnail: one.small_picture().cloned(),
            }),
            delivery: if one.stage == Stage::Failed { Delivery::Failed } else { Delivery::Sending },
            number: None,
        };
        self.files.sending.iter().filter(|one| one.file.to == to).map(row).collect()
    }

    /// Sends a file again that did not get to the server.
    pub(super) fn resend_file(&mut self, id: u64) {
        if let Some(one) = self.files.sending.iter_mut().find(|one| one.file.id == id) {
            one.stage = Stage::Waiting;
            self.show_file(FileKey::Upload(id), FileStage::Waiting);
            self.files_go();
        }
    }

    /// A file is not to be sent after all.
    pub(super) fn drop_file(&mut self, id: u64) {
        let Some(at) = self.files.sending.iter().position(|one| one.file.id == id) else { return };
        let one = self.files.sending.remove(at);
        if let Stage::Moving(number) = one.stage {
            self.network.cancel_file(number);
        }
        self.disk.remove_upload(id);
        self.files_go();
    }

    /// Fetches a file that a message refers to, as soon as that is possible.
    pub(super) fn fetch_file(&mut self, sha256: FileHash, name: &str) {
        let is_asked = self.files.fetching.values().any(|(other, _)| *other == sha256)
            || self.files.wanted.iter().any(|wanted| wanted.sha256 == sha256);
        if is_asked {
            return;
        }
        if self.files.wanted.len() >= MAX_WANTED {
            let said = self.texts.get("t-file-too-many");
            return self.tell(said);
        }
        self.disk.put_wanted(sha256, name.to_owned(), None);
        self.files.wanted.push_back(Wanted { sha256, name: name.to_owned(), path: None });
        self.show_file(FileKey::Shared(sha256), FileStage::Waiting);
        self.files_go();
    }

    /// Ends the fetching of a file where it is; another try goes on there.
    pub(super) fn cancel_file(&mut self, sha256: FileHash) {
        let found = self.files.fetching.iter().find(|(_, (file, _))| *file == sha256);
        if let Some(number) = found.map(|(number, _)| *number) {
            self.network.cancel_file(number);
            self.files.fetching.remove(&number);
        }
        self.files.wanted.retain(|wanted| wanted.sha256 != sha256);
        self.disk.remove_wanted(sha256);
        self.show_file(FileKey::Shared(sha256), FileStage::There);
        self.files_go();
    }

    /// Opens a fetched file, or the folder that it is in.
    pub(super) fn open_fetched(&mut self, sha256: FileHash, folder: bool) {
        let Some(path) = self.files.here.get(&sha256) else {
            return self.show_file(FileKey::Shared(sha256), FileStage::There);
        };
        if !path.exists() {
            let said = self.texts.with("t-file-gone", &[("path", path.display().to_string().into())]);
            self.files.here.remove(&sha256);
            self.disk.remove_wanted(sha256);
            self.show_file(FileKey::Shared(sha256), FileStage::There);
            return self.tell(said);
        }
        let what = if folder { path.parent().unwrap_or(path) } else { path };
        self.orders.push(Order::OpenOutside(what.display().to_string()));
    }

    /// Takes in what happens to files on their way.
    pub(super) fn file_event(&mut self, event: FileEvent) {
        match event {
            FileEvent::Transfer(news) => self.file_news(news),
            FileEvent::Drawn(id, picture) => self.drawn(id, picture),
        }
    }

    fn drawn(&mut self, id: u64, picture: Vec<u8>) {
        let Some(one) = self.files.sending.iter_mut().find(|one| one.file.id == id) else { return };
        let picture = Bytes::from(picture);
        let attachment = Attachment::of(&picture);
        if attachment.is_image() {
            self.disk.save_file(attachment.file_name(), picture.clone());
        }
        (one.picture, one.stage) = (Some((attachment, picture)), Stage::Waiting);
        self.files_go();
    }

    fn file_news(&mut self, News { transfer, what }: News) {
        let sending = self.files.sending.iter().position(|one| one.stage == Stage::Moving(transfer));
        match (sending, what) {
            (Some(at), Step::Moved { done, size }) => {
                let key = FileKey::Upload(self.files.sending[at].file.id);
                self.show_file(key, FileStage::Moving(percent(done, size)));
            }
            (Some(at), Step::Sent(file)) => self.sent(at, file),
            (Some(at), Step::Failed(error)) => {
                let one = &mut self.files.sending[at];
                one.stage = Stage::Failed;
                let name = one.name.clone();
                self.tell_file(&name, &error);
                self.files_go();
            }
            (None, Step::Moved { done, size }) => {
                if let Some((sha256, _)) = self.files.fetching.get(&transfer) {
                    self.show_file(FileKey::Shared(*sha256), FileStage::Moving(percent(done, size)));
                }
            }
            (None, Step::Fetched(path)) => {
                if let Some((sha256, name)) = self.files.fetching.remove(&transfer) {
                    self.here(sha256, name, path);
                    self.files_go();
                }
            }
            (None, Step::Failed(error)) => {
                if let Some((sha256, name)) = self.files.fetching.remove(&transfer) {
                    self.disk.remove_wanted(sha256);
                    self.show_file(FileKey::Shared(sha256), FileStage::Failed);
                    self.tell_file(&name, &error);
                    self.files_go();
                }
            }
            _ => {}
        }
    }

    /// The server has it: a message tells of it.
    fn sent(&mut self, at: usize, mut file: FileRef) {
        // It can be sent again, which takes no time since the server has it.
        if !self.state.can_send() {
            self.files.sending[at].stage = Stage::Failed;
            let said = self.texts.get("t-too-many-waiting");
            self.tell(said);
            return self.show_outgoing();
        }
        let one = self.files.sending.remove(at);
        if let Some((_, picture)) = one.picture.filter(|(made, _)| made.is_image()) {
            file.thumbnail = Blob(picture);
        }
        self.here(file.sha256, one.name, one.file.path);
        match file.into_message() {
            Ok(message) => {
                self.command(Command::Send { to: one.file.to, message, time: now() });
            }
            Err(error) => self.tell(error.to_string()),
        }
        self.disk.remove_upload(one.file.id);
        self.files_go();
    }

    fn here(&mut self, sha256: FileHash, name: String, path: PathBuf) {
        self.disk.put_wanted(sha256, name, Some(path.clone()));
        if self.files.here.len() >= MAX_FETCHED {
            self.files.here.clear();
        }
        self.files.here.insert(sha256, path);
        self.show_file(FileKey::Shared(sha256), FileStage::Here);
    }

    fn show_file(&mut self, key: FileKey, stage: FileStage) {
        self.orders.push(Order::FileStage(key, stage));
    }

    /// Why a file did not arrive, in the user's language.
    fn tell_file(&mut self, name: &str, error: &TransferError) {
        let why = match error {
            TransferError::Asked(AskError::Refused(error)) => self.texts.of_server(&error.message),
            TransferError::Asked(_) => self.texts.get("t-file-offline"),
            TransferError::NoFile | TransferError::Empty => self.texts.get("t-file-empty"),
            TransferError::Changed => self.texts.get("t-file-changed"),
            TransferError::Wrong | TransferError::Strange(_) => self.texts.get("t-file-wrong"),
            TransferError::Disk(error) => {
                self.texts.with("t-disk-failed", &[("why", error.to_string().into())])
            }
        };
        self.tell(format!("{name}: {why}"));
    }

    /// The folder that was chosen, or else that of this computer's user, or else that of the received files.
    fn downloads(&self) -> PathBuf {
        if !self.settings.downloads.is_empty() {
            return PathBuf::from(&self.settings.downloads);
        }
        let of_user = directories::UserDirs::new().and_then(|dirs| dirs.download_dir().map(Path::to_owned));
        of_user.unwrap_or_else(|| self.home.files_dir())
    }
}

impl Sending {
    /// The small picture, if one could be made.
    fn small_picture(&self) -> Option<&Attachment> {
        self.picture.as_ref().map(|(made, _)| made).filter(|made| made.is_image())
    }

    fn of(file: Upload) -> Self {
        let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let size = std::fs::metadata(&file.path).map_or(0, |found| found.len());
        Self { file, name, size, stage: Stage::Waiting, picture: None }
    }
}

fn percent(done: u64, size: u64) -> u8 {
    u8::try_from(done.saturating_mul(100) / size.max(1)).unwrap_or(100)
}

/// Whether a small picture can be made of it, as its name says.
fn is_picture(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending.is_some_and(|ending| ["png", "jpg", "jpeg", "gif", "webp", "bmp"].contains(&ending.as_str()))
}
