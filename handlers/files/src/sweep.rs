//! Takes away files to which no message refers, and uploads that were broken off.

use uchat_config::Settings;
use uchat_db::Db;
use uchat_framework::prelude::*;

use crate::now_ms;

/// A clock that goes back makes files stay longer, never shorter.
#[timer(every = "60min")]
async fn sweep(db: Service<Db>, settings: Service<Settings>) -> Result<()> {
    let (now, files) = (now_ms()?, &settings.files);
    let hours_ago = |hours: u64| now.saturating_sub(hours * 3_600_000);
    let swept = db.sweep_files(hours_ago(files.unused_hours), hours_ago(files.broken_off_hours)).await?;
    if swept.files + swept.uploads > 0 {
        tracing::info!(files = swept.files, uploads = swept.uploads, "swept");
    }
    Ok(())
}
