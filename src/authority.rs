//! The server as a small CA: its certificate beside its key, and who is let in.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use bytes::Bytes;
use uchat_codec::certificate::{
    Authority, Certificate, CertificateCheck, CertificateError, SelfIssued, from_pem, to_pem,
};
use uchat_codec::chat::Refused;
use uchat_codec::{PeerIdentity, StrongIdentity, opcode};
use uchat_db::Db;
use uchat_framework::{Admission, BoxFuture, NotAdmitted, Push};

use crate::identity;

/// The server's own certificate in PEM, in the data folder: what `openssl verify -CAfile` takes.
const FILE: &str = "ca.pem";
/// How long it is valid. It is made anew by a start of the server with less than a third of that left; the key stays.
const DAYS: u64 = 3650;

/// Reads key and certificate, or makes them. The certificate follows from the key, so one that doesn't fit is replaced.
pub(crate) fn load(data: &Path) -> Result<Authority> {
    let (identity, now) = (identity::load(data)?, now()?);
    let path = data.join(FILE);
    let certificate = match kept(&path, &identity, now)? {
        Some(certificate) => certificate,
        None => make(&path, &identity, now)?,
    };
    Ok(Authority::new(Arc::new(identity.with_certificate(certificate)?), now)?)
}

/// The certificate of the file, if it will do for a long time to come.
fn kept(path: &Path, identity: &StrongIdentity, now: u64) -> Result<Option<Bytes>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => {
            return Ok(None);
        }
        Err(error) => return Err(error).with_context(|| format!("can't read {}", path.display())),
    };
    let sound = |der: &Bytes| -> Result<bool, CertificateError> {
        SelfIssued { now }.check(&identity.public_key(), der)?;
        Ok(!Certificate::read(der.clone())?.is_worn(now))
    };
    let found = from_pem(&text).ok().and_then(|mut all| (all.len() == 1).then(|| all.remove(0)));
    Ok(found.filter(|der| sound(der).unwrap_or(false)))
}

/// Writes the file, whole or not at all.
fn make(path: &Path, identity: &StrongIdentity, now: u64) -> Result<Bytes> {
    let certificate = Authority::self_certificate(identity, uchat_certificates::fresh(now, DAYS))?;
    let beside = path.with_extension("pem.new");
    fs::write(&beside, to_pem([&certificate]))
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("can't write {}", path.display()))?;
    tracing::info!(path = %path.display(), days = DAYS, "made the server's certificate");
    Ok(certificate)
}

/// The time in seconds since 1970.
pub(crate) fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_secs())
}

/// Lets in whose key is not revoked, as the store says at that moment: an operator may have revoked it just now.
pub(crate) struct Gate {
    /// Where the revoked keys are.
    pub(crate) db: Db,
}

impl Admission for Gate {
    fn admit(&self, peer: &PeerIdentity) -> BoxFuture<Result<(), NotAdmitted>> {
        let (db, key) = (Arc::clone(&self.db), peer.identity_key);
        Box::pin(async move {
            let Some(key) = key else { return Ok(()) };
            match db.is_revoked(key).await {
                Ok(false) => Ok(()),
                Ok(true) => Err(revoked(&key)),
                Err(error) => {
                    tracing::error!(%error, "nobody can be let in");
                    Err(NotAdmitted { reason: error.to_string(), last: None })
                }
            }
        })
    }
}

fn revoked(key: &[u8; 32]) -> NotAdmitted {
    let why = CertificateError::Revoked;
    let last = Push::new(opcode::REFUSED, &Refused(why.code().into(), why.to_string())).ok();
    NotAdmitted { reason: format!("the key {} is revoked", identity::fingerprint(key)), last }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_stays_until_it_is_worn_or_does_not_fit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let serial = |authority: Authority| authority.certificate().serial.clone();
        let first = load(folder.path()).unwrap();
        let key = first.key();
        let first = serial(first);
        assert_eq!(serial(load(folder.path()).unwrap()), first);
        let identity = identity::load(folder.path()).unwrap();
        let now = now().unwrap();
        let days = 24 * 3600;
        assert!(kept(&path, &identity, now + 2400 * days).unwrap().is_some());
        assert!(kept(&path, &identity, now + 2450 * days).unwrap().is_none());
        let stranger = StrongIdentity::from_secrets(&[1; 32], [1; 32]);
        assert!(kept(&path, &stranger, now).unwrap().is_none());
        for damage in [&b"damaged"[..], b"\xff"] {
            fs::write(&path, damage).unwrap();
            let renewed = load(folder.path()).unwrap();
            assert_eq!(renewed.key(), key, "the key stays");
            assert_ne!(serial(renewed), first);
        }
    }
}
