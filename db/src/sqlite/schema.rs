//! The tables, as numbered migrations.

use std::path::Path;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use super::lock;
use crate::error::{Error, Result};

/// One string a version. A released one never changes.
const VERSIONS: [&str; 10] = [
    "
CREATE TABLE users (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    username  TEXT NOT NULL UNIQUE,
    password  TEXT NOT NULL,
    email     TEXT NOT NULL,
    -- The e-mail in lower case; null for the later ones of an imported database that has it several times.
    email_key TEXT UNIQUE,
    ip        TEXT NOT NULL,
    port      TEXT NOT NULL,
    sex       TEXT NOT NULL,
    age       TEXT NOT NULL,
    -- The public number of the client's classic certificate, decimal.
    pk        TEXT
) STRICT;

-- A friendship is two rows with accepted = 1, a request one with 0.
CREATE TABLE friends (
    from_user_id INTEGER NOT NULL REFERENCES users (id),
    to_user_id   INTEGER NOT NULL REFERENCES users (id),
    accepted     INTEGER NOT NULL CHECK (accepted IN (0, 1)),
    PRIMARY KEY (from_user_id, to_user_id)
) STRICT;
CREATE INDEX friends_to ON friends (to_user_id, accepted);

CREATE TABLE rooms (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    room_name TEXT NOT NULL,
    -- The name in lower case; null as above.
    name_key  TEXT UNIQUE,
    owner_id  INTEGER REFERENCES users (id)
) STRICT;

CREATE TABLE room_user (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    UNIQUE (room_id, user_id)
) STRICT;
CREATE INDEX room_user_user ON room_user (user_id);

-- A private conversation is (0, smaller user, greater user), that of a room (1, room, 0).
CREATE TABLE conversations (
    id          INTEGER PRIMARY KEY,
    target_type INTEGER NOT NULL CHECK (target_type IN (0, 1)),
    low         INTEGER NOT NULL,
    high        INTEGER NOT NULL,
    latest      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (target_type, low, high)
) STRICT;

-- What each member may see (from behind first), has received and has read, in numbers of the conversation.
CREATE TABLE cursors (
    user_id         INTEGER NOT NULL REFERENCES users (id),
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    first           INTEGER NOT NULL DEFAULT 0,
    delivered       INTEGER NOT NULL DEFAULT 0,
    read            INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, conversation_id)
) STRICT, WITHOUT ROWID;

-- A message is stored once, whatever the number of receivers.
CREATE TABLE chat_history (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id         INTEGER NOT NULL REFERENCES users (id),
    target_id       INTEGER NOT NULL,
    target_type     INTEGER NOT NULL CHECK (target_type IN (0, 1)),
    data            BLOB NOT NULL,
    -- Whether a receiver was online when it was stored. Unread state comes from cursors.
    sent            INTEGER NOT NULL CHECK (sent IN (0, 1)),
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    seq             INTEGER NOT NULL,
    time            INTEGER NOT NULL,
    UNIQUE (conversation_id, seq)
) STRICT;
",
    "
-- Whether the account has logged in over the strong suite: from then on the classic one is refused.
ALTER TABLE users ADD COLUMN strong INTEGER NOT NULL DEFAULT 0 CHECK (strong IN (0, 1));
",
    "
-- The members of a room in order of joining: each message to it asks for them.
CREATE INDEX room_user_order ON room_user (room_id, id, user_id);
",
    "
-- An operator has shut the account; nobody logs in to it.
ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1));
-- The user is gone; the row keeps the name for what was said, and from being given out again.
ALTER TABLE users ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));

-- The identity keys of the devices with which an account has logged in over the strong suite.
CREATE TABLE device_keys (
    user_id    INTEGER NOT NULL REFERENCES users (id),
    key        BLOB NOT NULL CHECK (length(key) = 32),
    -- In milliseconds since 1970.
    first_used INTEGER NOT NULL,
    last_used  INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
",
    "
-- The newest certificate of each identity key of a user. Times are seconds since 1970.
CREATE TABLE certificates (
    -- Ascending in the order of issuing, which a clock can't tell for certain.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key        BLOB NOT NULL CHECK (length(key) = 32),
    der        BLOB NOT NULL,
    not_before INTEGER NOT NULL,
    not_after  INTEGER NOT NULL,
    UNIQUE (user_id, key)
) STRICT;

-- Identity keys that are refused, whatever certificate comes with them.
CREATE TABLE revoked_keys (
    key  BLOB PRIMARY KEY CHECK (length(key) = 32),
    time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
",
    "
-- What plug-ins keep, each under its own name.
CREATE TABLE plugin_values (
    plugin   TEXT NOT NULL,
    scope    TEXT NOT NULL,
    scope_id INTEGER NOT NULL,
    key      TEXT NOT NULL,
    value    BLOB NOT NULL,
    PRIMARY KEY (plugin, scope, scope_id, key)
) STRICT, WITHOUT ROWID;

-- How many values each plug-in has, so that a bound costs nothing.
CREATE TABLE plugin_counts (
    plugin  TEXT PRIMARY KEY,
    entries INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER plugin_value_comes AFTER INSERT ON plugin_values BEGIN
    INSERT INTO plugin_counts (plugin, entries) VALUES (new.plugin, 1)
        ON CONFLICT DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER plugin_value_goes AFTER DELETE ON plugin_values BEGIN
    UPDATE plugin_counts SET entries = entries - 1 WHERE plugin = old.plugin;
END;
",
    "
-- The name that the sender gave to the message, by which a repeated one is known; null if it has none.
ALTER TABLE chat_history ADD COLUMN client_id BLOB CHECK (length(client_id) = 16);
CREATE UNIQUE INDEX chat_history_client ON chat_history (user_id, client_id) WHERE client_id IS NOT NULL;
",
    "
-- Up to where others may know that a member has read; `read` is the member's own.
ALTER TABLE cursors ADD COLUMN shown INTEGER NOT NULL DEFAULT 0;
-- So far nobody could say what was read; what had arrived counts.
UPDATE cursors SET read = max(read, delivered);
",
    "
-- How one becomes a member: 0 by the number, 1 by invitation, 2 the owner is asked.
ALTER TABLE rooms ADD COLUMN entry INTEGER NOT NULL DEFAULT 0 CHECK (entry IN (0, 1, 2));
-- Only the owner speaks, and who has a voice.
ALTER TABLE rooms ADD COLUMN muted INTEGER NOT NULL DEFAULT 0 CHECK (muted IN (0, 1));
ALTER TABLE room_user ADD COLUMN voice INTEGER NOT NULL DEFAULT 0 CHECK (voice IN (0, 1));

-- What waits for an answer: invitations (kind 0, of by_user_id) and requests to come in (1).
CREATE TABLE room_open (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    kind       INTEGER NOT NULL CHECK (kind IN (0, 1)),
    by_user_id INTEGER NOT NULL REFERENCES users (id),
    UNIQUE (room_id, user_id, kind)
) STRICT;
CREATE INDEX room_open_room ON room_open (room_id, kind, id);
CREATE INDEX room_open_user ON room_open (user_id, kind, id);
CREATE INDEX room_open_by ON room_open (by_user_id);
",
    "
-- Files that are there whole; their bytes are in the folder beside the database. Times are milliseconds since 1970.
CREATE TABLE files (
    id     INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    size   INTEGER NOT NULL,
    -- When somebody brought it last.
    time   INTEGER NOT NULL
) STRICT;
CREATE INDEX files_time ON files (time);

-- Who has brought a file, and is charged for it.
CREATE TABLE file_owners (
    user_id INTEGER NOT NULL REFERENCES users (id),
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    time    INTEGER NOT NULL,
    PRIMARY KEY (user_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_owners_file ON file_owners (file_id);

-- Which messages refer to a file.
CREATE TABLE file_uses (
    file_id         INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    message_id      INTEGER NOT NULL REFERENCES chat_history (id) ON DELETE CASCADE,
    conversation_id INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    PRIMARY KEY (file_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_uses_message ON file_uses (message_id);

-- Uploads that are under way or were broken off; their room is reserved.
CREATE TABLE file_uploads (
    user_id INTEGER NOT NULL REFERENCES users (id),
    sha256  BLOB NOT NULL CHECK (length(sha256) = 32),
    size    INTEGER NOT NULL,
    time    INTEGER NOT NULL,
    PRIMARY KEY (user_id, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_uploads_time ON file_uploads (time);
",
];

/// Brings the file to the newest version; one that has data is copied first.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    bring_up_to_date(connection, path, &VERSIONS)
}

/// Brings any database up to the last of its versions; a copy is kept beside it first.
pub(super) fn bring_up_to_date(connection: &mut Connection, path: &Path, versions: &[&str]) -> Result<()> {
    let problem = |reason: String| Error::Schema { path: path.to_path_buf(), reason };
    let (version, newest) = (version(connection)?, i64::try_from(versions.len()).unwrap_or(i64::MAX));
    if version > newest {
        return Err(problem(format!("it has version {version}, this program knows up to {newest}")));
    }
    if version > 0 && version < newest {
        let copy = path.with_extension(format!("before-v{newest}.db"));
        keep_copy(connection, &copy)?;
        tracing::info!(copy = %copy.display(), version, newest, "the database is upgraded; a copy was kept");
    }
    let migrations = Migrations::new(versions.iter().map(|sql| M::up(sql)).collect());
    migrations.to_latest(connection).map_err(|error| problem(error.to_string()))
}

/// The version of a file.
pub(super) fn version(connection: &Connection) -> Result<i64> {
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(Error::sqlite("reading the schema version"))
}

/// The version that this program makes.
pub(super) fn newest() -> i64 {
    i64::try_from(VERSIONS.len()).unwrap_or(i64::MAX)
}

/// Copies the database; a copy of an upgrade that did not succeed is replaced, an interrupted one too.
fn keep_copy(connection: &Connection, copy: &Path) -> Result<()> {
    let what = "copying the database before its upgrade";
    let part = copy.with_extension("part");
    let io = |source| Error::Io { what, source };
    if part.exists() {
        std::fs::remove_file(&part).map_err(io)?;
    }
    lock::make_private(&part)?;
    let name = part.to_str().ok_or_else(|| io(std::io::ErrorKind::InvalidFilename.into()))?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(Error::sqlite(what))?;
    std::fs::rename(&part, copy).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_is_copied_before_it_is_upgraded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("uchat.db");
        let mut connection = Connection::open(&path).unwrap();
        Migrations::new(vec![M::up(VERSIONS[0])]).to_latest(&mut connection).unwrap();
        let sql = "INSERT INTO rooms (room_name) VALUES ('tea')";
        connection.execute(sql, []).unwrap();
        // What an upgrade leaves that was cut off is in nobody's way.
        let copy = folder.path().join(format!("uchat.before-v{}.db", VERSIONS.len()));
        for rest in [&copy, &copy.with_extension("part")] {
            std::fs::write(rest, "half a copy").unwrap();
        }
        migrate(&mut connection, &path).unwrap();
        let copy = Connection::open(copy).unwrap();
        for (file, columns) in [(&connection, 13), (&copy, 10)] {
            let rooms: i64 = file.query_row("SELECT count(*) FROM rooms", [], |row| row.get(0)).unwrap();
            let sql = "SELECT count(*) FROM pragma_table_info('users')";
            let found: i64 = file.query_row(sql, [], |row| row.get(0)).unwrap();
            assert_eq!((rooms, found), (1, columns));
        }
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Path::new("x.db")).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let error = migrate(&mut connection, Path::new("x.db")).unwrap_err();
        assert!(error.to_string().contains("version 99"), "{error}");
    }
}
