//! The limits of a profile: a layer between the defaults and what is said.

use toml::Value;

use crate::layer::{Raw, Said};

/// The key that names the profile.
const KEY: &str = "limits.profile";

/// What the profile `internet` has in place of the defaults, which are those of `lan`.
const INTERNET: [(&str, i64); 8] = [
    ("limits.max_connections_per_address", 32),
    ("limits.handshake_seconds", 5),
    ("limits.login_seconds", 10),
    ("limits.max_unauthenticated_frame_bytes", 8192),
    ("limits.requests_per_second", 50),
    ("limits.bytes_per_second", 4 << 20),
    ("limits.outbound_messages", 512),
    ("limits.pipelined_requests", 32),
];

/// The keys of the profile that was named last, if it is not that of the defaults. A profile that there is none of is told where
/// its key is checked.
pub(crate) fn layer(said: &[Said]) -> Vec<Said> {
    let named = said.iter().rev().find(|one| one.key == KEY).map(|one| match &one.value {
        Raw::Typed(value) => value.as_str().unwrap_or_default().to_owned(),
        Raw::Text(text) => text.trim_matches('"').to_owned(),
    });
    if named.as_deref() != Some("internet") {
        return Vec::new();
    }
    let key = |(key, value): (&str, i64)| Said {
        key: key.to_owned(),
        value: Raw::Typed(Value::Integer(value)),
        place: "limits.profile".to_owned(),
    };
    INTERNET.into_iter().map(key).collect()
}
