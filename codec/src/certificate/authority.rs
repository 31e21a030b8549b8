//! A server's identity key as a small CA: its own certificate, and those that it issues.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyIdMethod, KeyUsagePurpose, SanType, SerialNumber,
};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::CertificateError::{self, Making};
use super::signer::{PublicKey, Signer};
use super::{Certificate, CertificateCheck, SelfIssued, to_pem};
use crate::StrongIdentity;

/// How much of a key's hash names it: RFC 7093, method 1.
const KEY_ID_LEN: usize = 20;
/// How many hexadecimal digits of the key stand in the name of an authority.
const NAME_DIGITS: usize = 16;

/// Who a certificate is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The username, which becomes the common name.
    pub username: String,
    /// The e-mail address, which becomes an alternative name; left out when it is not ASCII.
    pub email: String,
    /// The Ed25519 key.
    pub key: [u8; 32],
}

/// What is different in each certificate, given from outside since there is no clock and no chance in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The number: never the same twice. The highest bit does not count.
    pub serial: [u8; 16],
    /// From when on, in seconds since 1970.
    pub not_before: u64,
    /// Until when, in seconds since 1970.
    pub not_after: u64,
}

/// A server's identity that issues certificates.
#[derive(Clone)]
pub struct Authority {
    identity: Arc<StrongIdentity>,
    certificate: Certificate,
}

impl Authority {
    /// The certificate of an authority with this key, in DER: signed by itself.
    pub fn self_certificate(
        identity: &StrongIdentity,
        validity: Validity,
    ) -> Result<Bytes, CertificateError> {
        let mut params = params(&identity.public_key(), validity)?;
        params.distinguished_name = name(&identity.public_key());
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages =
            vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let made = params.self_signed(&Signer::new(identity)).map_err(|error| Making(error.to_string()))?;
        Ok(Bytes::copy_from_slice(made.der()))
    }

    /// The authority of an identity that presents its own certificate, which must be valid at `now`.
    pub fn new(identity: Arc<StrongIdentity>, now: u64) -> Result<Self, CertificateError> {
        let certificate = identity.certificate().clone();
        SelfIssued { now }.check(&identity.public_key(), &certificate)?;
        Ok(Self { certificate: Certificate::read(certificate)?, identity })
    }

    /// The identity behind it, which presents the authority's certificate.
    pub fn identity(&self) -> &Arc<StrongIdentity> {
        &self.identity
    }

    /// The key that signs.
    pub fn key(&self) -> [u8; 32] {
        self.certificate.key
    }

    /// The authority's own certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Issues a certificate. It ends no later than the authority's own.
    pub fn issue(&self, subject: &Subject, validity: Validity) -> Result<Certificate, CertificateError> {
        let not_after = validity.not_after.min(self.certificate.not_after);
        let mut params = params(&subject.key, Validity { not_after, ..validity })?;
        params.distinguished_name.push(DnType::CommonName, subject.username.as_str());
        // Imported accounts may have anything there; what isn't ASCII has no place in this field.
        if let Ok(email) = subject.email.as_str().try_into() {
            params.subject_alt_names.push(SanType::Rfc822Name(email));
        }
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let mut own = CertificateParams::default();
        own.distinguished_name = name(&self.key());
        own.key_identifier_method = key_id(&self.key());
        let issuer = Issuer::new(own, Signer::new(&self.identity));
        let made = params.signed_by(&PublicKey(subject.key), &issuer);
        let made = made.map_err(|error| Making(error.to_string()))?;
        if made.der().len() > StrongIdentity::MAX_CERTIFICATE {
            return Err(Making("it would be too long for a handshake".into()));
        }
        Certificate::read(Bytes::copy_from_slice(made.der()))
    }

    /// An issued certificate and the authority's own behind it, as PEM.
    pub fn chain(&self, issued: &[u8]) -> String {
        to_pem([issued, &self.certificate.der])
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("name", &self.certificate.name).finish_non_exhaustive()
    }
}

/// What all certificates have in common.
fn params(key: &[u8; 32], validity: Validity) -> Result<CertificateParams, CertificateError> {
    let mut params = CertificateParams::default();
    params.not_before = date(validity.not_before)?;
    params.not_after = date(validity.not_after)?;
    params.serial_number = Some(serial(validity.serial));
    params.distinguished_name = DistinguishedName::new();
    params.key_identifier_method = key_id(key);
    Ok(params)
}

/// The name follows from the key, so that it stays the same when the certificate is renewed.
fn name(key: &[u8; 32]) -> DistinguishedName {
    let digits = crate::handshake::hex(key);
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Uchat");
    name.push(DnType::CommonName, format!("Uchat server {}", &digits[..NAME_DIGITS]));
    name
}

fn key_id(key: &[u8; 32]) -> KeyIdMethod {
    KeyIdMethod::PreSpecified(Sha256::digest(key)[..KEY_ID_LEN].to_vec())
}

/// A positive number of exactly 16 bytes.
fn serial(mut bytes: [u8; 16]) -> SerialNumber {
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn date(seconds: u64) -> Result<OffsetDateTime, CertificateError> {
    let seconds = i64::try_from(seconds).ok();
    let date = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    date.ok_or_else(|| Making("a time beyond all calendars".into()))
}
