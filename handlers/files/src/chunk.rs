//! The named call `uchat.file.chunk`: a piece of a file.

use uchat_db::{Db, Writing};
use uchat_framework::codec::chat::{FileChunk, FileHave};
use uchat_framework::prelude::*;

use crate::{NotBegun, check_length};

rejections! {
    /// A piece that does not follow the one before.
    WrongOffset = "分块顺序不对 (the piece does not follow what is there)",
    /// Longer than was announced.
    BeyondEnd = "超出了文件长度 (the piece goes beyond the announced length)",
}

/// Takes a piece of a file that follows what is there, and answers how much is there now.
#[handler("uchat.file.chunk")]
pub(crate) async fn chunk(me: User, Args(piece): Args<FileChunk>, db: Service<Db>) -> Result<FileHave> {
    let FileChunk { sha256, offset, data } = piece;
    check_length(data.0.len())?;
    match db.write_file(me.id, sha256.0, offset, data.0).await? {
        Writing::Written { have } => Ok(FileHave { have }),
        Writing::NotBegun => Err(NotBegun.into()),
        Writing::Gap { have } => Err(WrongOffset.with(have).into()),
        Writing::TooLong => Err(BeyondEnd.into()),
    }
}
