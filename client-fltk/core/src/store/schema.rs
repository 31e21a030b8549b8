//! The tables, as numbered migrations.

use std::path::Path;

use bytes::Bytes;
use rusqlite::{Connection, Transaction};
use rusqlite_migration::{HookError, HookResult, M, Migrations};
use uchat_codec::chat::MessageBody;
use uchat_codec::{Limits, Value};

use super::StoreError;
use super::record::{Identity, write};
use crate::attachment::Attachment;
use crate::state::Content;

/// The version that the migrations lead to.
const NEWEST: i64 = 4;

/// As it was first; never changes.
pub(super) const FIRST: &str = "
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    target INTEGER NOT NULL,
    time INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    sender_name TEXT NOT NULL,
    hash INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    content BLOB NOT NULL,
    text TEXT
) STRICT;
CREATE UNIQUE INDEX message_once ON message (kind, target, time, sender, hash, nth);
CREATE INDEX message_place ON message (kind, target, time, id);
CREATE VIRTUAL TABLE pairs USING fts5 (words, content='', detail='none', prefix='1', tokenize=\"unicode61 remove_diacritics 0\");
CREATE TABLE contact (
    kind INTEGER NOT NULL,
    target INTEGER NOT NULL,
    name TEXT NOT NULL,
    ip TEXT NOT NULL,
    port TEXT NOT NULL,
    PRIMARY KEY (kind, target)
) STRICT;
CREATE TABLE conversation (
    kind INTEGER NOT NULL,
    target INTEGER NOT NULL,
    read_time INTEGER NOT NULL DEFAULT 0,
    read_id INTEGER NOT NULL DEFAULT 0,
    draft TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, target)
) STRICT;
CREATE TABLE me (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id INTEGER NOT NULL,
    name TEXT NOT NULL
) STRICT;
";

/// Conversations with numbers and counts of their own, bounds, an index of pairs and triples, the outbox.
const SECOND: &str = "
ALTER TABLE conversation RENAME TO old_conversation;
ALTER TABLE message RENAME TO old_message;
DROP TABLE pairs;

-- `messages` and `unread` are counts of the rows below, kept in the same transactions. `read_time` and `read_id` are the
-- place up to which everything was seen.
CREATE TABLE conversation (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
    target INTEGER NOT NULL,
    messages INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    read_time INTEGER NOT NULL DEFAULT -1,
    read_id INTEGER NOT NULL DEFAULT -1,
    UNIQUE (kind, target)
) STRICT;

-- Numbers of messages are never used twice: places that a window remembers stay true.
-- `quiet`: one's own message, or one that was delivered before; it never counts as unread.
-- `kind` 0: `text` with `size` points and `style` for a colour. 1: a file, `text` its SHA-256, `size` its bytes, `style`
-- its ending. 2: `value`, encoded.
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL,
    time INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    quiet INTEGER NOT NULL CHECK (quiet IN (0, 1)),
    sender_name TEXT NOT NULL,
    kind INTEGER NOT NULL CHECK (kind IN (0, 1, 2)),
    text TEXT,
    size INTEGER,
    style TEXT,
    value BLOB
) STRICT;
CREATE UNIQUE INDEX message_identity ON message (conversation, time, sender, hash, nth);
CREATE INDEX message_order ON message (conversation, time);
CREATE INDEX message_age ON message (time);

-- What it holds for a text: see `grams`. It keeps no text, so it is small.
CREATE VIRTUAL TABLE gram USING fts5 (
    words, content='', contentless_delete=1, detail='none', tokenize='ascii'
);

CREATE TABLE draft (
    kind INTEGER NOT NULL,
    target INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (kind, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE outgoing (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    target INTEGER NOT NULL,
    time INTEGER NOT NULL,
    failed INTEGER NOT NULL CHECK (failed IN (0, 1)),
    body BLOB NOT NULL
) STRICT;

ALTER TABLE me ADD COLUMN ip TEXT NOT NULL DEFAULT '';
ALTER TABLE me ADD COLUMN port TEXT NOT NULL DEFAULT '';

INSERT INTO draft SELECT kind, target, draft FROM old_conversation WHERE draft <> '';
INSERT INTO conversation (kind, target, read_time, read_id)
    SELECT kind, target, read_time, read_id FROM old_conversation WHERE read_id > 0;
";

/// Where the server numbers messages: the number of each, the server's number of a conversation, and up to where everything
/// of it is here.
const THIRD: &str = "
ALTER TABLE message ADD COLUMN number INTEGER;
CREATE UNIQUE INDEX message_number ON message (conversation, number) WHERE number IS NOT NULL;
ALTER TABLE conversation ADD COLUMN server INTEGER;
ALTER TABLE conversation ADD COLUMN safe INTEGER;
-- Under which name the server stores it once.
ALTER TABLE outgoing ADD COLUMN name BLOB CHECK (length(name) = 16);
";

/// Files that are to be sent, and those that were asked for: here (`path`), or still to come.
const FOURTH: &str = "
CREATE TABLE upload (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    target INTEGER NOT NULL,
    time INTEGER NOT NULL,
    path TEXT NOT NULL
) STRICT;
CREATE TABLE wanted_file (
    sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    name TEXT NOT NULL,
    path TEXT
) STRICT;
";

/// How a file's description began in the first version.
const FILE_MARK: &[u8] = b"\0file\0";

/// Brings the file to the newest version.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > NEWEST {
        return Err(StoreError::Newer { path: path.to_path_buf(), found, newest: NEWEST });
    }
    let steps = vec![M::up(FIRST), M::up_with_hook(SECOND, take_over), M::up(THIRD), M::up(FOURTH)];
    let migrations = Migrations::new(steps);
    Ok(migrations.to_latest(connection)?)
}

/// Takes the messages of the first version over, and their index.
fn take_over(transaction: &Transaction<'_>) -> HookResult {
    let me: i64 = transaction.query_row("SELECT coalesce(max(id), 0) FROM me", [], |row| row.get(0))?;
    {
        let mut old = transaction.prepare(
            "SELECT kind, target, time, sender, hash, nth, sender_name, content, id FROM old_message ORDER BY id",
        )?;
        let mut rows = old.query([])?;
        while let Some(row) = rows.next()? {
            let (time, sender, hash, nth): (i64, i64, i64, i64) =
                (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
            let conversation = super::record::conversation_row(transaction, (row.get(0)?, row.get(1)?))
                .map_err(|error| HookError::Hook(error.to_string()))?;
            let identity = Identity { conversation: conversation.id, time, sender, hash };
            let name: String = row.get(6)?;
            let content = first_content(row.get(7)?);
            let id: i64 = row.get(8)?;
            write(transaction, Some(id), &identity, nth, sender == me, &name, &content)
                .map_err(|error| HookError::Hook(error.to_string()))?;
        }
    }
    transaction.execute(
        "UPDATE conversation SET messages = (SELECT count(*) FROM message WHERE conversation = conversation.id)",
        [],
    )?;
    super::unread::recount(transaction).map_err(|error| HookError::Hook(error.to_string()))?;
    transaction.execute_batch("DROP TABLE old_message; DROP TABLE old_conversation;")?;
    Ok(())
}

/// A content as the first version wrote it. What can't be read is shown as such and hides nothing else.
fn first_content(stored: Vec<u8>) -> Content {
    if let Some(described) = stored.strip_prefix(FILE_MARK) {
        return first_file(described).map_or(Content::Other(Value::None), Content::File);
    }
    let value = Value::decode(Bytes::from(stored), &Limits::default()).unwrap_or(Value::None);
    match MessageBody::from(value) {
        MessageBody::Text { data, fontsize, fontcolor } => {
            Content::Text { text: data, size: fontsize, colour: fontcolor }
        }
        MessageBody::Image { data, .. } => Content::File(Attachment::of(&data.0)),
        MessageBody::Other(value) => Content::Other(value),
    }
}

fn first_file(described: &[u8]) -> Option<Attachment> {
    let mut words = std::str::from_utf8(described).ok()?.split(' ');
    Attachment::described(words.next()?, words.next()?.parse().ok()?, words.next()?)
}
