//! The named call `uchat.file.cancel`: a file is not to come after all.

use uchat_db::Db;
use uchat_framework::codec::chat::FileNamed;
use uchat_framework::prelude::*;

use crate::NotBegun;

/// Gives up an upload: what has come of it is thrown away.
#[handler("uchat.file.cancel")]
pub(crate) async fn cancel(me: User, Args(file): Args<FileNamed>, db: Service<Db>) -> Result<()> {
    ensure!(db.cancel_file(me.id, file.sha256.0).await?, NotBegun);
    Ok(())
}
