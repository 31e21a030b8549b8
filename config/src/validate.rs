//! Values of the right type that can't work.

use num_bigint::BigUint;

use crate::settings::{Classic, Hot, Settings};

/// The first byte of a frame tells a server that a classic certificate is complete; it is zero below this length.
const CLASSIC_FIRST_FRAME: usize = 1 << 24;
/// What a history bundle may hold beside the messages.
const BUNDLE_OVERHEAD: usize = 1 << 20;
/// Shorter groups are no key exchange but a toy.
const MIN_MODULUS_BITS: u64 = 512;

/// A year: longer ones are mistakes, and clocks do not count to the end of the numbers.
const MAX_SECONDS: u64 = 366 * 24 * 3600;
/// The life of the server's own certificate, which ends the others.
const MAX_DAYS: u64 = 3650;
/// A year in hours.
const MAX_HOURS: u64 = 366 * 24;
/// No disk of today is larger than these bytes.
const MAX_STORE: u64 = 1 << 52;
/// What may wait somewhere, in pieces.
const MAX_QUEUE: usize = 1_000_000;

/// Limits of loaded plug-ins.
fn hot(hot: &Hot, check: &mut impl FnMut(&'static str, bool, &str)) {
    check("hot.instances", (1..=1024).contains(&hot.instances), "must be 1 to 1024");
    check("hot.watch_seconds", hot.watch_seconds <= 3600, "must be at most 3600");
    check("hot.faults", (1..=1000).contains(&hot.faults), "must be 1 to 1000");
    check("hot.fuel_slice", (1000..=hot.fuel).contains(&hot.fuel_slice), "must be 1000 to hot.fuel");
    check("hot.memory_bytes", hot.memory_bytes >= 1 << 16, "must be at least 65536");
    check("hot.call_ms", (1..=600_000).contains(&hot.call_ms), "must be 1 to 600000");
    check("hot.fault_seconds", hot.fault_seconds <= MAX_SECONDS, "must be at most a year");
    check("hot.answer_bytes", (1024..=1 << 24).contains(&hot.answer_bytes), "must be 1024 to 16777216");
}

/// Limits on friends and rooms.
fn people(settings: &Settings, check: &mut impl FnMut(&'static str, bool, &str)) {
    check(
        "friends.max_friends",
        (1..=100_000).contains(&settings.friends.max_friends),
        "must be 1 to 100000",
    );
    let most_asked = settings.friends.max_open_requests;
    check("friends.max_open_requests", (1..=100_000).contains(&most_asked), "must be 1 to 100000");
    check("rooms.name_max_chars", (1..=1000).contains(&settings.rooms.name_max_chars), "must be 1 to 1000");
    check("rooms.max_members", (2..=100_000).contains(&settings.rooms.max_members), "must be 2 to 100000");
    let most_open = settings.rooms.max_open_requests;
    check("rooms.max_open_requests", (1..=10_000).contains(&most_open), "must be 1 to 10000");
}

/// Every impossible value: the key, and what is wrong with it.
pub(crate) fn all(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut check = |key: &'static str, sound: bool, message: &str| {
        if !sound {
            found.push((key, message.to_owned()));
        }
    };
    check("server.suites", !settings.server.suites.is_empty(), "must name at least one suite");
    let limits = &settings.limits;
    let zero = "must be at least 1";
    check(
        "limits.max_connections",
        (1..=1_000_000).contains(&limits.max_connections),
        "must be 1 to 1000000",
    );
    check("limits.max_connections_per_address", limits.max_connections_per_address > 0, zero);
    check(
        "limits.max_handshake_bytes",
        (1024..=1 << 20).contains(&limits.max_handshake_bytes),
        "must be 1024 to 1048576",
    );
    check(
        "limits.max_frame_bytes",
        (1024..=1 << 30).contains(&limits.max_frame_bytes),
        "must be 1024 to 1073741824",
    );
    check(
        "limits.max_unauthenticated_frame_bytes",
        (1024..=limits.max_frame_bytes.min(CLASSIC_FIRST_FRAME - 1))
            .contains(&limits.max_unauthenticated_frame_bytes),
        "must be 1024 to limits.max_frame_bytes, and below 16777216",
    );
    check("limits.max_depth", (4..=128).contains(&limits.max_depth), "must be 4 to 128");
    check("limits.max_elements", limits.max_elements >= 100, "must be at least 100");
    check("limits.max_key_bytes", (16..=255).contains(&limits.max_key_bytes), "must be 16 to 255");
    check(
        "limits.outbound_messages",
        (1..=MAX_QUEUE).contains(&limits.outbound_messages),
        "must be 1 to 1000000",
    );
    check("limits.pipelined_requests", (1..=1024).contains(&limits.pipelined_requests), "must be 1 to 1024");
    check("limits.outbound_bytes", limits.outbound_bytes >= 1024, "must be at least 1024");
    hot(&settings.hot, &mut check);
    let accounts = &settings.accounts;
    check("accounts.username_max_chars", (1..=64).contains(&accounts.username_max_chars), "must be 1 to 64");
    check(
        "accounts.password_min_chars",
        (1..=accounts.password_max_chars).contains(&accounts.password_min_chars),
        "must be 1 to accounts.password_max_chars",
    );
    check("accounts.password_max_chars", accounts.password_max_chars <= 4096, "must be at most 4096");
    check(
        "accounts.argon2_memory_kib",
        (8..=1 << 21).contains(&accounts.argon2_memory_kib),
        "must be 8 to 2097152",
    );
    check("accounts.argon2_passes", (1..=100).contains(&accounts.argon2_passes), "must be 1 to 100");
    check(
        "accounts.max_password_hashes_at_once",
        (1..=1024).contains(&accounts.max_password_hashes_at_once),
        "must be 1 to 1024",
    );
    check(
        "accounts.password_queue",
        (1..=MAX_QUEUE).contains(&accounts.password_queue),
        "must be 1 to 1000000",
    );
    check("accounts.device_keys", (1..=1000).contains(&accounts.device_keys), "must be 1 to 1000");
    check(
        "accounts.tracked_failures",
        (1..=MAX_QUEUE).contains(&accounts.tracked_failures),
        "must be 1 to 1000000",
    );
    check(
        "accounts.most_delay_seconds",
        accounts.most_delay_seconds >= accounts.first_delay_seconds,
        "must be at least accounts.first_delay_seconds",
    );
    check("history.max_messages", settings.history.max_messages <= 100_000, "must be at most 100000");
    check(
        "history.max_bytes",
        settings.history.max_bytes.saturating_add(BUNDLE_OVERHEAD) <= limits.max_frame_bytes,
        "must be at least 1 MiB below limits.max_frame_bytes: a login's history is one frame",
    );
    let delivery = &settings.delivery;
    check("delivery.page", (1..=1000).contains(&delivery.page), "must be 1 to 1000");
    check("delivery.receipt_members", delivery.receipt_members <= 1000, "must be at most 1000");
    people(settings, &mut check);
    let database = &settings.database;
    check("database.readers", (1..=64).contains(&database.readers), "must be 1 to 64");
    check("database.write_queue", (1..=MAX_QUEUE).contains(&database.write_queue), "must be 1 to 1000000");
    check("database.group_commit", (1..=MAX_QUEUE).contains(&database.group_commit), "must be 1 to 1000000");
    check("server.worker_threads", settings.server.worker_threads <= 1024, "must be at most 1024");
    found.extend(certificates(settings));
    found.extend(plugins(settings).chain(files(settings)).chain(pace(settings)));
    found.extend(seconds(settings));
    found.extend(classic(&settings.classic));
    found
}

/// A key and what is wrong with it, unless it is sound.
fn unless(sound: bool, key: &'static str, message: &str) -> Option<(&'static str, String)> {
    (!sound).then(|| (key, message.to_owned()))
}

fn certificates(settings: &Settings) -> impl Iterator<Item = (&'static str, String)> {
    let certificates = &settings.certificates;
    let days = (1..=MAX_DAYS).contains(&certificates.days);
    let keys = (1..=1000).contains(&certificates.keys_per_user);
    let found = [
        unless(days, "certificates.days", "must be 1 to 3650"),
        unless(keys, "certificates.keys_per_user", "must be 1 to 1000"),
    ];
    found.into_iter().flatten()
}

fn files(settings: &Settings) -> impl Iterator<Item = (&'static str, String)> {
    let files = &settings.files;
    let one = files.max_bytes > 0;
    let user = files.per_user_bytes >= files.max_bytes;
    let all = (files.per_user_bytes..=MAX_STORE).contains(&files.total_bytes);
    let uploads = (1..=100).contains(&files.uploads_per_user);
    let unused = (1..=MAX_HOURS).contains(&files.unused_hours);
    let broken_off = (1..=MAX_HOURS).contains(&files.broken_off_hours);
    let found = [
        unless(one, "files.max_bytes", "must be at least 1"),
        unless(user, "files.per_user_bytes", "must be at least files.max_bytes"),
        unless(all, "files.total_bytes", "must be files.per_user_bytes to 4503599627370496"),
        unless(uploads, "files.uploads_per_user", "must be 1 to 100"),
        unless(unused, "files.unused_hours", "must be 1 to 8784"),
        unless(broken_off, "files.broken_off_hours", "must be 1 to 8784"),
    ];
    found.into_iter().flatten()
}

fn plugins(settings: &Settings) -> impl Iterator<Item = (&'static str, String)> {
    let limits = &settings.limits;
    let bytes = (64..=1 << 20).contains(&limits.plugin_value_bytes);
    let found = [
        unless(limits.plugin_values > 0, "limits.plugin_values", "must be at least 1"),
        unless(bytes, "limits.plugin_value_bytes", "must be 64 to 1048576"),
    ];
    found.into_iter().flatten()
}

fn pace(settings: &Settings) -> Option<(&'static str, String)> {
    let too_slow = (1..1024).contains(&settings.limits.bytes_per_second);
    too_slow.then(|| ("limits.bytes_per_second", "must be 0 or at least 1024".to_owned()))
}

fn seconds(settings: &Settings) -> Vec<(&'static str, String)> {
    let limits = &settings.limits;
    // Those that may be 0 say what that means.
    let all = [
        ("server.shutdown_seconds", settings.server.shutdown_seconds, 0),
        ("accounts.first_delay_seconds", settings.accounts.first_delay_seconds, 0),
        ("accounts.most_delay_seconds", settings.accounts.most_delay_seconds, 0),
        ("accounts.forget_after_seconds", settings.accounts.forget_after_seconds, 0),
        ("limits.handshake_seconds", limits.handshake_seconds, 1),
        ("limits.login_seconds", limits.login_seconds, 0),
        ("limits.idle_seconds", limits.idle_seconds, 0),
        ("limits.keepalive_seconds", limits.keepalive_seconds, 0),
        ("limits.write_stall_seconds", limits.write_stall_seconds, 1),
        ("limits.request_seconds", limits.request_seconds, 1),
    ];
    let wrong = all.into_iter().filter(|(_, seconds, least)| !(*least..=MAX_SECONDS).contains(seconds));
    wrong.map(|(key, _, least)| (key, format!("must be {least} to {MAX_SECONDS}"))).collect()
}

fn classic(classic: &Classic) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let number =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<BigUint>().ok()).flatten();
    let (base, modulus) = (number(&classic.base), number(&classic.modulus));
    if base.is_none() {
        found.push(("classic.base", "must be a decimal number".to_owned()));
    }
    match &modulus {
        None => found.push(("classic.modulus", "must be a decimal number".to_owned())),
        Some(modulus) if modulus.bits() < MIN_MODULUS_BITS || !modulus.bit(0) => {
            found.push(("classic.modulus", format!("must be a prime of at least {MIN_MODULUS_BITS} bits")));
        }
        Some(modulus) => {
            if base.is_some_and(|base| base <= BigUint::from(1u8) || base >= *modulus) {
                found.push((
                    "classic.base",
                    "must be greater than 1 and less than classic.modulus".to_owned(),
                ));
            }
        }
    }
    for (key, word) in [
        ("classic.certificate_name", &classic.certificate_name),
        ("classic.certificate_email", &classic.certificate_email),
    ] {
        if word.is_empty() || word.len() > 128 || !word.bytes().all(|byte| byte.is_ascii_graphic()) {
            found.push((key, "must be one word of at most 128 ASCII characters".to_owned()));
        }
    }
    found
}
