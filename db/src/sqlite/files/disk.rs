//! The bytes of files on the disk: uploads in `partial`, whole files under their SHA-256.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::model::{FileHash, UserId};

/// Where uploads grow.
const PARTIAL: &str = "partial";
/// How much is read at once to compute a digest.
const READ: usize = 256 * 1024;

/// The folder beside the database: `ab/cdef…` for each file, `partial/USER-abcdef…` for each upload.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    root: PathBuf,
}

impl Disk {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The place of an upload.
    pub(super) fn partial(&self, user: UserId, sha256: &FileHash) -> PathBuf {
        self.root.join(PARTIAL).join(format!("{user}-{}", hex::encode(sha256)))
    }

    /// The place of a whole file.
    pub(super) fn whole(&self, sha256: &FileHash) -> PathBuf {
        let name = hex::encode(sha256);
        let (folder, rest) = name.split_at(2);
        self.root.join(folder).join(rest)
    }

    /// Makes an upload's place, or finds what is there of it; says how long it is. What is longer than it may be is
    /// nothing of worth.
    pub(super) fn begin(&self, partial: &Path, size: u64) -> io::Result<u64> {
        make_folder(&self.root)?;
        make_folder(&self.root.join(PARTIAL))?;
        let file = private().create(true).truncate(false).open(partial)?;
        let have = file.metadata()?.len();
        if have <= size {
            return Ok(have);
        }
        file.set_len(0)?;
        Ok(0)
    }

    /// Makes an upload a file, whatever was there before: the same content has the same name. The upload's bytes are
    /// durable already.
    pub(super) fn promote(&self, partial: &Path, sha256: &FileHash) -> io::Result<()> {
        let whole = self.whole(sha256);
        let Some(folder) = whole.parent() else { return Err(io::ErrorKind::InvalidFilename.into()) };
        make_folder(folder)?;
        fs::rename(partial, &whole)?;
        sync_folder(folder)?;
        sync_folder(&self.root)
    }

    /// Looks at every file there is; of those that have a name of ours, the ones that are not known go. What else lies
    /// there is somebody else's. Says how many went.
    pub(super) fn sweep(
        &self,
        mut known_file: impl FnMut(&FileHash) -> bool,
        mut known_upload: impl FnMut(UserId, &FileHash) -> bool,
    ) -> io::Result<usize> {
        let mut gone = 0;
        for folder in entries(&self.root)? {
            let prefix = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for file in entries(&folder)? {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let known = if prefix == PARTIAL {
                    upload(&name).is_none_or(|(user, sha256)| known_upload(user, &sha256))
                } else {
                    whole(&prefix, &name).is_none_or(|sha256| known_file(&sha256))
                };
                if !known {
                    remove(&file)?;
                    gone += 1;
                }
            }
        }
        Ok(gone)
    }
}

fn hash(name: &str) -> Option<FileHash> {
    let mut sha256 = [0; 32];
    hex::decode_to_slice(name, &mut sha256).ok().map(|()| sha256)
}

fn whole(folder: &str, name: &str) -> Option<FileHash> {
    (folder.len() == 2).then(|| hash(&format!("{folder}{name}")))?
}

fn upload(name: &str) -> Option<(UserId, FileHash)> {
    let (user, name) = name.split_once('-')?;
    Some((user.parse().ok()?, hash(name)?))
}

/// What is in a folder; nothing if there is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(found) => found.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

/// Writes a piece where an upload ends.
pub(super) fn append(partial: &Path, offset: u64, data: &[u8]) -> io::Result<()> {
    let mut file = private().open(partial)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(data)
}

/// Makes an upload durable, and computes its digest from what is on the disk.
pub(super) fn digest(partial: &Path) -> io::Result<FileHash> {
    private().open(partial)?.sync_all()?;
    let mut file = File::open(partial)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; READ];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            count => hasher.update(&buffer[..count]),
        }
    }
}

/// Reads a piece; none if the file is not there.
pub(super) fn read(whole: &Path, offset: u64, length: usize) -> io::Result<Option<Vec<u8>>> {
    let mut file = match File::open(whole) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    file.seek(SeekFrom::Start(offset))?;
    let left = file.metadata()?.len().saturating_sub(offset);
    let length = usize::try_from(left).unwrap_or(usize::MAX).min(length);
    let mut data = vec![0; length];
    file.read_exact(&mut data)?;
    Ok(Some(data))
}

/// Takes a file away, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A file that only its owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The name of a file is durable only when its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
