//! A file from the server into a folder here: whole and durable under its name, or only a part with another one.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use uchat_codec::chat::{FILE_FETCH, FileFetch, FileHash, FilePiece, MAX_PIECE};

use super::name::numbered;
use super::up::on_disk;
use super::{LONGEST, Tell, TransferError, Tries, UNDER_WAY};
use crate::Client;
use crate::connection::Answer;

/// Names that are tried before it is given up: `a.txt`, `a (2).txt`, …
const NAMES: u32 = 1000;

/// Fetches a file; where it is then.
pub(super) async fn fetch(
    client: &Client,
    sha256: FileHash,
    name: &str,
    folder: PathBuf,
    tell: &Tell,
) -> Result<PathBuf, TransferError> {
    let part = folder.join(format!("{sha256}.part"));
    let beside = part.clone();
    let mut file = on_disk(move || {
        if let Some(folder) = beside.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&beside)?;
        // Two that wrote into the same part would spoil it for each other.
        file.try_lock().map_err(std::io::Error::from)?;
        Ok(Some(file))
    })
    .await?;
    let mut tries = Tries::default();
    loop {
        match attempt(client, &mut file, sha256, tell).await {
            Ok(()) => break,
            Err(error) => {
                if let Err(error) = tries.again(client, tell, error).await {
                    remove_if_empty(part).await;
                    return Err(error);
                }
            }
        }
    }
    let (file, name) = (file.take(), name.to_owned());
    on_disk(move || finish(file, &part, sha256, &folder, &name)).await
}

async fn attempt(
    client: &Client,
    file: &mut Option<File>,
    sha256: FileHash,
    tell: &Tell,
) -> Result<(), TransferError> {
    let mut have = length(file.as_ref())?;
    let length = u32::try_from(MAX_PIECE).unwrap_or(u32::MAX);
    let first = match have {
        // The server gives no empty piece: a part that is whole already is asked for its last byte.
        0 => FileFetch { sha256, offset: 0, length },
        _ => FileFetch { sha256, offset: have - 1, length: 1 },
    };
    let piece: FilePiece = client.ask(FILE_FETCH, &first).await?;
    let size = piece.size;
    if size > LONGEST || have > size || piece.data.0.is_empty() {
        return Err(TransferError::Wrong);
    }
    if have == 0 {
        have = append(file, piece, 0).await?;
    }
    tell.moved(have, size);
    let (mut asked, mut under_way) = (have, VecDeque::<Answer>::with_capacity(UNDER_WAY));
    while have < size {
        while asked < size && under_way.len() < UNDER_WAY {
            match client.begin_ask(FILE_FETCH, &FileFetch { sha256, offset: asked, length }) {
                Ok(answer) => under_way.push_back(answer),
                Err(_) if !under_way.is_empty() => break,
                Err(error) => return Err(error.into()),
            }
            asked += u64::from(length).min(size - asked);
        }
        let Some(answer) = under_way.pop_front() else { return Err(TransferError::Wrong) };
        have = append(file, client.read_answer(answer).await?, have).await?;
        tell.moved(have, size);
    }
    Ok(())
}

fn length(file: Option<&File>) -> Result<u64, TransferError> {
    Ok(file.ok_or(TransferError::Wrong)?.metadata()?.len())
}

/// Puts a piece behind what is there; how much that makes.
async fn append(file: &mut Option<File>, piece: FilePiece, have: u64) -> Result<u64, TransferError> {
    let FilePiece { offset, size, data } = piece;
    let after = have.saturating_add(data.0.len() as u64);
    if offset != have || data.0.is_empty() || data.0.len() > MAX_PIECE || after > size {
        return Err(TransferError::Wrong);
    }
    let mut inner = file.take().ok_or(TransferError::Wrong)?;
    let (inner, written) = on_disk(move || {
        let written = inner.write_all(&data.0);
        Ok((inner, written))
    })
    .await?;
    *file = Some(inner);
    written?;
    Ok(after)
}

/// Looks whether it is the file, makes it durable and gives it its name; nothing that is there is written over.
fn finish(
    file: Option<File>,
    part: &Path,
    sha256: FileHash,
    folder: &Path,
    name: &str,
) -> Result<PathBuf, TransferError> {
    if let Some(file) = file {
        file.sync_all()?;
    }
    let (mut file, mut hash, mut buffer) = (File::open(part)?, Sha256::new(), vec![0; MAX_PIECE]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    drop(file);
    if FileHash(hash.finalize().into()) != sha256 {
        std::fs::remove_file(part)?;
        return Err(TransferError::Wrong);
    }
    for number in 1..=NAMES {
        let path = folder.join(numbered(name, number));
        // Whoever makes the file has the name; the part then takes its place.
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => {
                std::fs::rename(part, &path)?;
                sync_folder(folder);
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(TransferError::Disk(std::io::Error::from(std::io::ErrorKind::AlreadyExists)))
}

/// So that the name is as durable as the content; some systems can't, and need not.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Nothing has come: nothing stays.
async fn remove_if_empty(part: PathBuf) {
    let _ = on_disk(move || {
        if std::fs::metadata(&part)?.len() == 0 {
            std::fs::remove_file(&part)?;
        }
        Ok(())
    })
    .await;
}
