//! The named call `uchat.file.finish`: a file is here whole.

use uchat_db::{Db, Finishing};
use uchat_framework::codec::chat::FileNamed;
use uchat_framework::prelude::*;

use crate::{NotBegun, now_ms};

rejections! {
    /// Something is missing.
    Incomplete = "文件还不完整 (the file is not complete)",
    /// It is another file than was announced.
    WrongHash = "文件内容与摘要不符 (the content has another SHA-256)",
}

/// Ends an upload: the content is checked, and durable when this is answered. Messages can refer to it from then on.
#[handler("uchat.file.finish", timeout = "120s")]
pub(crate) async fn finish(me: User, Args(file): Args<FileNamed>, db: Service<Db>) -> Result<()> {
    match db.finish_file(me.id, file.sha256.0, now_ms()?).await? {
        Finishing::Stored => Ok(()),
        Finishing::NotBegun => Err(NotBegun.into()),
        Finishing::Incomplete { have } => Err(Incomplete.with(have).into()),
        Finishing::WrongHash => Err(WrongHash.into()),
    }
}
