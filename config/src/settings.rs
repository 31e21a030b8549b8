//! The typed sections and their defaults. What each key means is said in `config/uchat.toml`.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Declares a section: its struct, and its defaults in one place.
macro_rules! section {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty = $default:expr,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[$field_meta])* pub $field: $ty,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }
    };
}

/// All settings of the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where it listens and where its data is.
    pub server: Server,
    /// Every bound of the framework.
    pub limits: Limits,
    /// The classic suite.
    pub classic: Classic,
    /// Names and passwords.
    pub accounts: Accounts,
    /// What the server issues.
    pub certificates: Certificates,
    /// What a user gets at login.
    pub history: History,
    /// Messages with numbers.
    pub delivery: Delivery,
    /// Files beside messages.
    pub files: Files,
    /// Rooms.
    pub rooms: Rooms,
    /// Friends.
    pub friends: Friends,
    /// The store.
    pub database: Database,
    /// The log.
    pub log: Log,
    /// Plug-ins that are loaded while the server runs.
    pub hot: Hot,
    /// A free table for each plug-in.
    pub plugins: toml::Table,
}

impl Settings {
    /// Whether there is a section of this name.
    pub(crate) fn has_section(name: &str) -> bool {
        toml::Table::try_from(Self::default()).is_ok_and(|sections| sections.contains_key(name))
    }
}

section! {
    /// Where the server listens and where its data is.
    Server {
        /// Address and port; port 0 takes a free one.
        listen: SocketAddr = SocketAddr::from(([0, 0, 0, 0], 2333)),
        /// What connections can be secured with.
        suites: Vec<Suite> = vec![Suite::Strong, Suite::Classic],
        /// Folder of the database.
        data: PathBuf = PathBuf::from("data"),
        /// Threads that serve connections; 0 for one a core.
        worker_threads: usize = 0,
        /// Seconds for requests under way when the server ends.
        shutdown_seconds: u64 = 10,
    }
}

section! {
    /// Every bound that the framework keeps.
    Limits {
        /// What the other limits are unless they are said.
        profile: Profile = Profile::Lan,
        /// Connections at the same time.
        max_connections: usize = 10_000,
        /// Connections at the same time from one address.
        max_connections_per_address: usize = 1000,
        /// Connections beyond these numbers that are told so, at the same time.
        refused_connections: usize = 32,
        /// Seconds for a handshake.
        handshake_seconds: u64 = 10,
        /// Seconds until a connection must have logged in; 0 for never.
        login_seconds: u64 = 600,
        /// Seconds of silence of a logged-in connection; 0 for any.
        idle_seconds: u64 = 0,
        /// Seconds of silence after which the peer's machine is asked whether it is still there; 0 for never.
        keepalive_seconds: u64 = 60,
        /// Bytes of a handshake.
        max_handshake_bytes: usize = 4096,
        /// Bytes of the encrypted body of one frame.
        max_frame_bytes: usize = 40 * 1024 * 1024,
        /// The same before login.
        max_unauthenticated_frame_bytes: usize = 64 * 1024,
        /// Nesting of lists and dicts in one message.
        max_depth: usize = 32,
        /// Values in one message.
        max_elements: usize = 1_000_000,
        /// Values that one plug-in may keep.
        plugin_values: usize = 100_000,
        /// Bytes of one of them.
        plugin_value_bytes: usize = 65_536,
        /// Bytes of a dict key.
        max_key_bytes: usize = 255,
        /// Messages that may wait for one receiver.
        outbound_messages: usize = 1024,
        /// Bytes that may wait for one receiver.
        outbound_bytes: usize = 8 * 1024 * 1024,
        /// Seconds in which a receiver must take something.
        write_stall_seconds: u64 = 30,
        /// Seconds that a request may take.
        request_seconds: u64 = 30,
        /// Requests of one session that may wait for their answers together.
        pipelined_requests: usize = 64,
        /// Requests of one session per second; 0 for any number.
        requests_per_second: u32 = 0,
        /// Bytes that one session may send per second; 0 for any number.
        bytes_per_second: u32 = 0,
    }
}

section! {
    /// The classic suite (PROTOCOL.md, classic handshake).
    Classic {
        /// Base of the key exchange, decimal.
        base: String = "43655024726164288056430428019".into(),
        /// Modulus of the key exchange, decimal.
        modulus: String = concat!(
            "836034150286187598601609126611132477484927747235174899077774542660916309180006577265610059653826870006",
            "336512911689242330699668680273552002802989560127156496671763196338405270374495387775167451878006613792",
            "892125711917661002749401209"
        ).into(),
        /// First word of the server's certificate.
        certificate_name: String = "server".into(),
        /// Second word of the server's certificate.
        certificate_email: String = "ahahahaha@qq.com".into(),
    }
}

section! {
    /// Names and passwords.
    Accounts {
        /// Characters of a user name.
        username_max_chars: usize = 8,
        /// Characters of a password, at least.
        password_min_chars: usize = 1,
        /// Characters of a password, at most.
        password_max_chars: usize = 128,
        /// Memory of a password hash, KiB.
        argon2_memory_kib: u32 = 19_456,
        /// Passes of a password hash.
        argon2_passes: u32 = 2,
        /// Password hashes at the same time.
        max_password_hashes_at_once: usize = 2,
        /// Password hashes that may wait or run.
        password_queue: usize = 1024,
        /// Whether an account that has used the strong suite may still log in over the classic one.
        classic_after_strong: bool = false,
        /// Seconds until the next attempt after the first failed logins that count.
        first_delay_seconds: u64 = 1,
        /// The most that they grow to.
        most_delay_seconds: u64 = 60,
        /// Seconds after which failed logins are forgotten.
        forget_after_seconds: u64 = 3600,
        /// Accounts, addresses, and pairs of them, whose failed logins are remembered.
        tracked_failures: usize = 10_000,
        /// Device keys that an account may have.
        device_keys: usize = 16,
        /// Users with the role "operator".
        operators: Vec<String> = Vec::new(),
    }
}

section! {
    /// What the server issues.
    Certificates {
        /// Days that a user's certificate is valid.
        days: u64 = 365,
        /// Keys of one user whose certificates are kept.
        keys_per_user: usize = 16,
    }
}

section! {
    /// What a user gets at login.
    History {
        /// Messages, newest.
        max_messages: usize = 500,
        /// Bytes of them.
        max_bytes: usize = 8 * 1024 * 1024,
    }
}

section! {
    /// Files beside messages (PROTOCOL.md §5.12).
    Files {
        /// Bytes of one file.
        max_bytes: u64 = 100 * 1024 * 1024,
        /// Bytes of all files of one user.
        per_user_bytes: u64 = 2 * 1024 * 1024 * 1024,
        /// Bytes of all files.
        total_bytes: u64 = 50 * 1024 * 1024 * 1024,
        /// Uploads of one user that are under way or were broken off.
        uploads_per_user: usize = 4,
        /// Hours until a file goes to which no message refers.
        unused_hours: u64 = 24,
        /// Hours until an upload goes that was broken off.
        broken_off_hours: u64 = 24,
    }
}

section! {
    /// Messages with numbers (PROTOCOL.md §5.8).
    Delivery {
        /// Messages of one conversation in one answer.
        page: usize = 100,
        /// In rooms of more other members than this nobody is told who has received or read what.
        receipt_members: usize = 50,
    }
}

section! {
    /// Friends.
    Friends {
        /// Friends of a user, with those who were asked and have not answered.
        max_friends: usize = 2000,
        /// Requests of a user that wait for the answers of others, and those that wait for the user's, each.
        max_open_requests: usize = 200,
    }
}

section! {
    /// Rooms.
    Rooms {
        /// Characters of a room's name.
        name_max_chars: usize = 32,
        /// Members of a room.
        max_members: usize = 2000,
        /// Open invitations and open requests of a room, each, and open invitations of a user.
        max_open_requests: usize = 100,
    }
}

section! {
    /// The store.
    Database {
        /// What a commit survives.
        synchronous: Synchronous = Synchronous::Full,
        /// Threads that read.
        readers: usize = 2,
        /// Writes that may wait.
        write_queue: usize = 4096,
        /// Writes that are committed together.
        group_commit: usize = 1024,
    }
}

section! {
    /// Plug-ins in WebAssembly, loaded while the server runs.
    Hot {
        /// The folder of the modules, `NAME.wasm` each; empty for `hot` in the data folder.
        folder: PathBuf = PathBuf::new(),
        /// Seconds between two looks into the folder for modules that have come, changed or gone; 0 for none.
        watch_seconds: u64 = 2,
        /// Plug-ins that may be loaded at the same time.
        plugins: usize = 32,
        /// Bytes of a module.
        module_bytes: usize = 1024 * 1024,
        /// Bytes of memory of one instance.
        memory_bytes: usize = 16 * 1024 * 1024,
        /// Instances of one plug-in, which is how many calls it serves at the same time.
        instances: usize = 4,
        /// Instructions of one call, about.
        fuel: u64 = 50_000_000,
        /// Instructions after which others get their turn.
        fuel_slice: u64 = 100_000,
        /// Milliseconds of one call.
        call_ms: u64 = 1000,
        /// What one call may ask of the server.
        host_calls: usize = 100,
        /// Bytes of an answer, and of what is asked of the server.
        answer_bytes: usize = 64 * 1024,
        /// Faults after which a plug-in is set aside, ...
        faults: usize = 5,
        /// ... if they come within so many seconds.
        fault_seconds: u64 = 60,
    }
}

section! {
    /// The log.
    Log {
        /// Level, or levels by module.
        filter: String = "info".into(),
        /// How a line looks.
        format: LogFormat = LogFormat::Text,
    }
}

/// Whom the limits are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// People who are known, many of them behind one address.
    Lan,
    /// Whoever comes.
    Internet,
}

/// What a connection can be secured with (PROTOCOL.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Suite {
    /// Noise, AES-256-CBC and HMAC-SHA-256.
    Strong,
    /// That of the existing program.
    Classic,
}

/// What a commit survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// A power cut.
    Full,
    /// A crash of the server; a power cut may take the last moments.
    Normal,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}
