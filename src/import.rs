//! `uchat import`: takes over a database of the existing program.

use std::path::Path;

use anyhow::{Context, Result};
use bytes::{Bytes, BytesMut};
use uchat_accounts::password::Passwords;
use uchat_codec::chat::NewMessage;
use uchat_codec::{Limits, Value};
use uchat_db::{OldMessage, import_classic};

use crate::{SettingsArgs, serve, settings};

/// Reads `old` into the empty store of the data folder, and says what was taken over and what was not.
pub(crate) fn run(old: &Path, args: &SettingsArgs) -> Result<()> {
    let settings = settings::load(args)?.settings;
    let passwords = Passwords::new(&settings.accounts).context("accounts.argon2_*")?;
    let store = serve::open_sqlite(&settings)?;
    let wrap = |md5: &str| passwords.wrap_md5(md5).map_err(|error| error.to_string());
    let report = import_classic(old, &store, &wrap, &decode)
        .with_context(|| format!("can't import {}", old.display()))?;
    print!("{report}");
    Ok(())
}

/// A stored row of the existing program is the parameters of an `on_new_message`, with tag and length.
fn decode(row: &[u8]) -> Option<OldMessage> {
    let value = Value::decode(Bytes::copy_from_slice(row), &Limits::default()).ok()?;
    let message: NewMessage = uchat_codec::from_value(value).ok()?;
    let mut body = BytesMut::new();
    message.message.encode(&mut body).ok()?;
    Some(OldMessage {
        sender_id: message.sender_id,
        target_type: u64::from(message.target_type),
        target_id: message.target_id,
        time_ms: message.time,
        body: body.freeze(),
    })
}
