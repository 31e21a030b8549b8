//! A file from here to the server. What the server has of it is asked at each beginning, so it goes on after any break.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use uchat_codec::chat::{
    Blob, FILE_BEGIN, FILE_CHUNK, FILE_FINISH, FileBegin, FileBegun, FileChunk, FileHash, FileHave,
    FileNamed, FileRef, MAX_FILE_NAME, MAX_PIECE,
};

use super::{Tell, TransferError, Tries, UNDER_WAY};
use crate::Client;
use crate::connection::{Answer, AskError};

/// Brings a file whole; the reference says what a message needs.
pub(super) async fn bring(
    client: &Client,
    path: PathBuf,
    tell: &Tell,
    turn: &Semaphore,
) -> Result<FileRef, TransferError> {
    let name = sent_name(&path);
    let (mut file, sha256, size) = on_disk(move || known(&path)).await?;
    // Nobody closes it.
    let _turn = turn.acquire().await;
    let mut tries = Tries::default();
    loop {
        match attempt(client, &mut file, sha256, size, tell).await {
            Ok(()) => return Ok(FileRef { sha256, size, name, thumbnail: Blob::default() }),
            Err(TransferError::Asked(AskError::Refused(error))) if error.code == "wrong_hash" => {
                return Err(TransferError::Changed);
            }
            Err(error) => tries.again(client, tell, error).await?,
        }
    }
}

async fn attempt(
    client: &Client,
    file: &mut Option<File>,
    sha256: FileHash,
    size: u64,
    tell: &Tell,
) -> Result<(), TransferError> {
    let FileBegun { have, complete } = client.ask(FILE_BEGIN, &FileBegin { sha256, size }).await?;
    let _ = tell.begun.set(sha256);
    tell.moved(if complete { size } else { have.min(size) }, size);
    if complete {
        return Ok(());
    }
    let mut offset = have;
    let mut under_way: VecDeque<Answer> = VecDeque::with_capacity(UNDER_WAY);
    while offset < size || !under_way.is_empty() {
        if offset < size && under_way.len() < UNDER_WAY {
            let data = piece(file, offset, size).await?;
            let length = data.len() as u64;
            match client.begin_ask(FILE_CHUNK, &FileChunk { sha256, offset, data: Blob(data) }) {
                Ok(answer) => {
                    under_way.push_back(answer);
                    offset += length;
                    continue;
                }
                // Chat goes first: when its queue is full, the pieces under way are waited for.
                Err(AskError::NotAsked(crate::connection::RequestError::QueueFull))
                    if !under_way.is_empty() => {}
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(answer) = under_way.pop_front() {
            let FileHave { have } = client.read_answer(answer).await?;
            tell.moved(have.min(size), size);
        }
    }
    let _: bool = client.ask(FILE_FINISH, &FileNamed { sha256 }).await?;
    Ok(())
}

/// The file, its hash and its length. Read once through, a piece at a time.
fn known(path: &Path) -> Result<(Option<File>, FileHash, u64), TransferError> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(TransferError::NoFile);
    }
    let (mut hash, mut size, mut buffer) = (Sha256::new(), 0_u64, vec![0; MAX_PIECE]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        size += read as u64;
    }
    if size == 0 {
        return Err(TransferError::Empty);
    }
    Ok((Some(file), FileHash(hash.finalize().into()), size))
}

/// The piece that begins at `offset`. The file goes to the reading thread and comes back.
async fn piece(file: &mut Option<File>, offset: u64, size: u64) -> Result<Bytes, TransferError> {
    let mut inner = file.take().ok_or(TransferError::Changed)?;
    let length = (size - offset).min(MAX_PIECE as u64);
    let (inner, read) = on_disk(move || {
        let mut data = vec![0; usize::try_from(length).unwrap_or(MAX_PIECE)];
        let read = inner.seek(SeekFrom::Start(offset)).and_then(|_| inner.read_exact(&mut data));
        Ok((inner, read.map(|()| data)))
    })
    .await?;
    *file = Some(inner);
    match read {
        Ok(data) => Ok(data.into()),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(TransferError::Changed),
        Err(error) => Err(error.into()),
    }
}

/// What it is called for others: without its folders, as long as the wire allows.
fn sent_name(path: &Path) -> String {
    let mut name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    while name.len() > MAX_FILE_NAME {
        name.pop();
    }
    name
}

/// Waits for the disk beside the tasks.
pub(super) async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TransferError> + Send + 'static,
) -> Result<T, TransferError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(TransferError::Disk(std::io::Error::other(error))))
}
