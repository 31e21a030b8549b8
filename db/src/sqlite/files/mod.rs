//! Files: the bytes in a folder beside the database, who may have them in the database.
//!
//! Each upload has a lock, held while its bytes change or are looked at: a file whose digest was found right can't be
//! changed any more. Another lock is held while files come and go, so that no file is taken away that has just been
//! brought again. The first is taken before the second.
//!
//! The database is told first that a file goes, and last that it is there. What is left on the disk when the process ends
//! in between is swept away at the next start.

mod disk;
pub(super) mod rows;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex as Lock, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::Connection;
use tokio::sync::{Mutex, OwnedMutexGuard};

use self::disk::Disk;
use self::rows::{Begun, Outcome};
use super::SqliteStore;
use super::messages::{named, post};
use super::writer::Runs;
use crate::error::{Error, Result};
use crate::model::{
    Beginning, ClientMessageId, FileBounds, FileHash, FilePart, Finishing, NewFile, NewMessage, Posting,
    Swept, UserId, Writing,
};
use crate::store::{Committed, Files, Queued};

/// Uploads that are known without a look at the disk. Beyond that, those at rest are forgotten and begun anew.
const KNOWN_UPLOADS: usize = 10_000;

type Key = (UserId, FileHash);

/// How far an upload is.
#[derive(Debug)]
struct Upload {
    size: u64,
    have: u64,
    /// Whether pieces are taken.
    open: bool,
}

type Shared = Arc<Mutex<Upload>>;

/// The folder of files, and the uploads under way.
pub(super) struct FileStore {
    disk: Disk,
    uploads: Lock<HashMap<Key, Shared>>,
    /// Held while files come and go.
    turn: Mutex<()>,
}

impl FileStore {
    /// The files of a database; what it does not know of is taken off the disk.
    pub(super) fn open(folder: &Path, connection: &Connection) -> Self {
        let disk = Disk::new(folder.to_owned());
        let unknown_if = |answer: rusqlite::Result<bool>| answer.unwrap_or(true);
        let swept = disk.sweep(
            |sha256| unknown_if(rows::is_file(connection, sha256)),
            |user, sha256| unknown_if(rows::is_upload(connection, user, sha256)),
        );
        match swept {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "files that were left over are gone"),
            // A file too many harms nobody.
            Err(error) => tracing::warn!(%error, "the folder of files can't be swept"),
        }
        Self { disk, uploads: Lock::default(), turn: Mutex::default() }
    }

    /// The upload, locked; known from now on.
    async fn known(&self, key: Key) -> OwnedMutexGuard<Upload> {
        let upload = {
            let mut uploads = self.uploads.lock().unwrap_or_else(PoisonError::into_inner);
            if uploads.len() >= KNOWN_UPLOADS {
                uploads.retain(|_, upload| Arc::strong_count(upload) > 1);
            }
            let fresh = || Arc::new(Mutex::new(Upload { size: 0, have: 0, open: false }));
            Arc::clone(uploads.entry(key).or_insert_with(fresh))
        };
        upload.lock_owned().await
    }

    /// The upload, locked, if pieces of it are taken.
    async fn under_way(&self, key: Key) -> Option<OwnedMutexGuard<Upload>> {
        let upload = self.uploads.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()?;
        Some(upload.lock_owned().await).filter(|upload| upload.open)
    }

    /// Nothing is known of an upload any more.
    fn forget(&self, key: Key) {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }

    /// Ends an upload that the database has forgotten.
    async fn discard(&self, key: Key) -> Result<()> {
        let mut upload = self.known(key).await;
        upload.open = false;
        self.forget(key);
        let partial = self.disk.partial(key.0, &key.1);
        blocking("taking away an upload", move || {
            let gone = disk::remove(&partial);
            drop(upload);
            gone
        })
        .await
    }

    /// Takes files off the disk that the database has forgotten. The turn must be held.
    async fn take_away(&self, files: Vec<FileHash>) -> Result<()> {
        let disk = self.disk.clone();
        blocking("taking away files", move || {
            files.iter().try_for_each(|sha256| disk::remove(&disk.whole(sha256)))
        })
        .await
    }
}

#[async_trait]
impl Files for SqliteStore {
    async fn begin_file(&self, new: NewFile, bounds: FileBounds) -> Result<Beginning> {
        let key = (new.user, new.sha256);
        let mut upload = self.files.known(key).await;
        let turn = self.files.turn.lock().await;
        let change = move |connection: &Connection| rows::begin(connection, &new, &bounds);
        let Begun { outcome, uploads_gone, files_gone } = self.write("beginning an upload", change).await?;
        self.files.take_away(files_gone).await?;
        drop(turn);
        match outcome {
            Outcome::Begun => {}
            Outcome::Complete => return Ok(Beginning::Complete),
            Outcome::UserFull => return Ok(Beginning::UserFull),
            Outcome::StoreFull => return Ok(Beginning::StoreFull),
        }
        let partial = self.files.disk.partial(new.user, &new.sha256);
        let (disk, anew) = (self.files.disk.clone(), uploads_gone.contains(&new.sha256));
        let have = blocking("beginning an upload", move || {
            if anew {
                disk::remove(&partial)?;
            }
            let have = disk.begin(&partial, new.size)?;
            *upload = Upload { size: new.size, have, open: true };
            Ok(have)
        })
        .await?;
        for sha256 in uploads_gone.into_iter().filter(|sha256| *sha256 != new.sha256) {
            self.files.discard((new.user, sha256)).await?;
        }
        Ok(Beginning::Begun { have })
    }

    async fn write_file(&self, user: UserId, sha256: FileHash, offset: u64, data: Bytes) -> Result<Writing> {
        let Some(mut upload) = self.files.under_way((user, sha256)).await else {
            return Ok(Writing::NotBegun);
        };
        let end = offset.saturating_add(data.len() as u64);
        if end > upload.size {
            return Ok(Writing::TooLong);
        }
        if end <= upload.have {
            return Ok(Writing::Written { have: upload.have });
        }
        if offset != upload.have {
            return Ok(Writing::Gap { have: upload.have });
        }
        let partial = self.files.disk.partial(user, &sha256);
        blocking("writing a piece of a file", move || {
            disk::append(&partial, offset, &data)?;
            upload.have = end;
            Ok(Writing::Written { have: end })
        })
        .await
    }

    async fn finish_file(&self, user: UserId, sha256: FileHash, time_ms: u64) -> Result<Finishing> {
        let Some(upload) = self.files.under_way((user, sha256)).await else {
            return Ok(Finishing::NotBegun);
        };
        if upload.have < upload.size {
            return Ok(Finishing::Incomplete { have: upload.have });
        }
        let size = upload.size;
        let partial = self.files.disk.partial(user, &sha256);
        let path = partial.clone();
        let (found, mut upload) =
            blocking("reading a whole upload", move || disk::digest(&path).map(|found| (found, upload)))
                .await?;
        upload.open = false;
        self.files.forget((user, sha256));
        if found != sha256 {
            blocking("taking away an upload", move || disk::remove(&partial)).await?;
            let forget = move |connection: &Connection| rows::forget_upload(connection, user, &sha256);
            self.write("forgetting an upload", forget).await?;
            return Ok(Finishing::WrongHash);
        }
        let turn = self.files.turn.lock().await;
        let disk = self.files.disk.clone();
        blocking("storing a file", move || disk.promote(&partial, &sha256)).await?;
        let new = NewFile { user, sha256, size, time_ms };
        let finished = self.write("storing a file", move |connection| rows::finish(connection, &new)).await?;
        if !finished && !self.read("looking for a file", move |db| rows::is_file(db, &sha256)).await? {
            self.files.take_away(vec![sha256]).await?;
        }
        drop((turn, upload));
        Ok(if finished { Finishing::Stored } else { Finishing::NotBegun })
    }

    async fn cancel_file(&self, user: UserId, sha256: FileHash) -> Result<bool> {
        let forget = move |connection: &Connection| rows::forget_upload(connection, user, &sha256);
        let found = self.write("forgetting an upload", forget).await?;
        if found {
            self.files.discard((user, sha256)).await?;
        }
        Ok(found)
    }

    async fn read_file(
        &self,
        reader: UserId,
        sha256: FileHash,
        offset: u64,
        length: usize,
    ) -> Result<Option<FilePart>> {
        let visible = move |connection: &Connection| rows::visible(connection, reader, &sha256);
        let Some(size) = self.read("looking for a file", visible).await? else { return Ok(None) };
        let whole = self.files.disk.whole(&sha256);
        let read = blocking("reading a file", move || disk::read(&whole, offset, length)).await?;
        Ok(read.map(|data| FilePart { size, data: data.into() }))
    }

    async fn queue_file_message(
        &self,
        name: Option<ClientMessageId>,
        new: NewMessage,
        sha256: FileHash,
        committed: Committed,
    ) -> Result<Queued> {
        let after = |posting: &Posting| {
            if let Posting::Stored(stored) = posting {
                committed(stored);
            }
        };
        let bytes = new.body.len();
        let change = move |connection: &Connection| post_about(connection, name.as_ref(), &new, &sha256);
        let answer = self.writer.queue("storing a message", bytes, Runs::Repeatably, change, after).await?;
        Ok(Box::pin(answer.wait()))
    }

    async fn sweep_files(&self, unused_before: u64, broken_off_before: u64) -> Result<Swept> {
        let mut swept = Swept::default();
        loop {
            let turn = self.files.turn.lock().await;
            let files = self.write("sweeping files", move |db| rows::unused(db, unused_before)).await?;
            let count = files.len();
            self.files.take_away(files).await?;
            drop(turn);
            swept.files += count;
            if count == 0 {
                break;
            }
        }
        loop {
            let change = move |connection: &Connection| rows::broken_off(connection, broken_off_before);
            let uploads = self.write("sweeping uploads", change).await?;
            if uploads.is_empty() {
                return Ok(swept);
            }
            swept.uploads += uploads.len();
            for key in uploads {
                self.files.discard(key).await?;
            }
        }
    }
}

/// Stores a message that refers to a file. What was stored under its name before is answered alike, even if the file is
/// gone by now.
fn post_about(
    connection: &Connection,
    name: Option<&ClientMessageId>,
    new: &NewMessage,
    sha256: &FileHash,
) -> rusqlite::Result<Posting> {
    if let Some(name) = name
        && let Some(receipt) = named(connection, new.sender, name)?
    {
        return Ok(Posting::Repeated(receipt));
    }
    if rows::visible(connection, new.sender, sha256)?.is_none() {
        return Ok(Posting::NoSuchFile);
    }
    let posting = post(connection, name, new)?;
    if let Posting::Stored(stored) = &posting {
        rows::refer(connection, stored, sha256)?;
    }
    Ok(posting)
}

/// Runs what blocks on the disk away from the async threads. It runs to its end even if nobody waits for it any more, and
/// holds until then what it was given.
async fn blocking<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|_| Error::Failed { what })?;
    done.map_err(|source| Error::Io { what, source })
}
