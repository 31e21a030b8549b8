//! Certificates: issued to whoever asks with a proven key, given to friends (PROTOCOL.md §15).
//!
//! # Layout
//!
//! - `request_certificate`: the named call `uchat.request_certificate`
//! - `certificate`: the named call `uchat.certificate`

mod certificate;
mod request_certificate;

use std::time::{SystemTime, SystemTimeError, UNIX_EPOCH};

use uchat_framework::codec::certificate::Validity;

/// Certificates begin this long before they are made, in seconds: not every clock is right.
const HEAD_START: u64 = 3600;
/// Seconds of a day.
const DAY: u64 = 24 * 3600;

/// A number that was never used, and a life of so many days from `now` (seconds since 1970) on.
pub fn fresh(now: u64, days: u64) -> Validity {
    Validity {
        serial: rand::random(),
        not_before: now.saturating_sub(HEAD_START),
        not_after: now.saturating_add(days.saturating_mul(DAY)),
    }
}

/// The time in seconds since 1970.
fn now() -> Result<u64, SystemTimeError> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

#[cfg(test)]
mod kit {
    //! A server that issues, and requests to it.

    use std::sync::Arc;

    use uchat_framework::Service;
    use uchat_framework::codec::StrongIdentity;
    use uchat_framework::codec::certificate::Authority;

    pub(crate) fn identity(secret: u8) -> StrongIdentity {
        StrongIdentity::from_secrets(&[secret; 32], [secret; 32])
    }

    pub(crate) fn authority() -> Service<Authority> {
        let identity = identity(1);
        let now = super::now().unwrap();
        let own = Authority::self_certificate(&identity, super::fresh(now, 3650)).unwrap();
        let identity = Arc::new(identity.with_certificate(own).unwrap());
        Service::new(Authority::new(identity, now).unwrap())
    }
}
