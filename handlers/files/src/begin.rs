//! The named call `uchat.file.begin`: a file is to come.

use uchat_config::Settings;
use uchat_db::{Beginning, Db, FileBounds, NewFile};
use uchat_framework::codec::chat::{FileBegin, FileBegun};
use uchat_framework::prelude::*;

use crate::now_ms;

rejections! {
    /// Longer than this server takes.
    TooLarge = "文件太大 (the file is too large)",
    /// There is nothing in it.
    Empty = "文件是空的 (the file is empty)",
    /// The uploads that the user has under way leave no room.
    QuotaReached = "您的文件空间已满 (your uploads take all of your space)",
    /// The server has no room.
    StoreFull = "服务器的文件空间已满 (the server has no room for it)",
}

/// Begins an upload or goes on with one: answers from which byte on pieces are awaited, or that the file is there.
#[handler("uchat.file.begin")]
pub(crate) async fn begin(
    me: User,
    Args(file): Args<FileBegin>,
    db: Service<Db>,
    settings: Service<Settings>,
) -> Result<FileBegun> {
    let files = &settings.files;
    ensure!(file.size > 0, Empty);
    ensure!(file.size <= files.max_bytes, TooLarge.with(files.max_bytes));
    let new = NewFile { user: me.id, sha256: file.sha256.0, size: file.size, time_ms: now_ms()? };
    let bounds = FileBounds {
        per_user: files.per_user_bytes,
        total: files.total_bytes,
        uploads: files.uploads_per_user,
    };
    match db.begin_file(new, bounds).await? {
        Beginning::Complete => Ok(FileBegun { have: file.size, complete: true }),
        Beginning::Begun { have } => Ok(FileBegun { have, complete: false }),
        Beginning::UserFull => Err(QuotaReached.into()),
        Beginning::StoreFull => Err(StoreFull.into()),
    }
}
