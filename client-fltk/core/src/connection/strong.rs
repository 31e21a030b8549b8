//! How the client comes to a strong handshake: with which key, which certificate, and what it demands of the server.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use uchat_codec::certificate::{IssuedBy, SelfIssued};
use uchat_codec::{Limits, StrongClient, StrongIdentity};

use crate::home::Verified;
use crate::{Home, HomeError};

/// What a home has for one strong connection.
pub(super) struct Prepared {
    pub(super) machine: StrongClient,
    pub(super) identity: Arc<StrongIdentity>,
    pub(super) verified: Vec<Verified>,
}

/// A handshake with the expected key, else the known one, else whichever the server shows. The certificate is that of
/// the account, else the one that was issued last; one that the server would refuse is left at home.
pub(super) fn prepare(
    home: &Home,
    server: &str,
    expected: Option<[u8; 32]>,
    account: Option<&str>,
    limits: &Limits,
) -> Result<Prepared, HomeError> {
    let (mut identity, now) = (home.strong_identity()?, now());
    let authority = expected.or(home.known_server(server)?);
    if let Some(authority) = authority {
        let check = IssuedBy { authority, now };
        let found = home.valid_certificate(server, account, &identity.public_key(), check)?;
        if let Some(certificate) = found {
            identity =
                identity.with_certificate(certificate.der).map_err(|_| HomeError::TooLongCertificate)?;
        }
    }
    let identity = Arc::new(identity);
    let machine = StrongClient::new(Arc::clone(&identity), limits);
    let machine = machine.check_certificate(Arc::new(SelfIssued { now }));
    let machine = match authority {
        Some(key) => machine.expect_server(key),
        None => machine,
    };
    Ok(Prepared { machine, identity, verified: home.verified(server)? })
}

/// The time in seconds since 1970. A clock before that makes every certificate invalid.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
