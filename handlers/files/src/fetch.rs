//! The named call `uchat.file.fetch`: a piece of a file for who may have it.

use uchat_db::Db;
use uchat_framework::codec::chat::{FileFetch, FilePiece};
use uchat_framework::prelude::*;

use crate::check_length;

rejections! {
    /// There is none, there is none any more, or the caller may not have it: the same answer for all.
    NoSuchFile = "文件不存在或已过期 (no such file, or not for you)",
}

/// Gives a piece of a file to who has brought it or sees a message that refers to it.
#[handler("uchat.file.fetch")]
pub(crate) async fn fetch(me: User, Args(asked): Args<FileFetch>, db: Service<Db>) -> Result<FilePiece> {
    let length = usize::try_from(asked.length)?;
    check_length(length)?;
    let part = db.read_file(me.id, asked.sha256.0, asked.offset, length).await?.ok_or(NoSuchFile)?;
    Ok(FilePiece { offset: asked.offset, size: part.size, data: part.data.into() })
}
