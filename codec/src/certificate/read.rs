//! What a certificate says.

use bytes::Bytes;
use ed25519_dalek::{Signature, VerifyingKey};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::OID_SIG_ED25519;
use x509_parser::prelude::{AlgorithmIdentifier, FromDer, SubjectPublicKeyInfo, X509Version};

use super::CertificateError;
use super::CertificateError::Malformed;

/// What stands between the signed part and the 64 bytes of the signature: the algorithm, and the head of a bit string.
const BEFORE_SIGNATURE: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 65, 0];

/// A certificate that could be read. Whether it is to be believed, [`CertificateCheck`](super::CertificateCheck) says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// All of it.
    pub der: Bytes,
    /// The Ed25519 key that it is about.
    pub key: [u8; 32],
    /// Its number, unique for its authority.
    pub serial: Vec<u8>,
    /// The common name: of a user, the username.
    pub name: String,
    /// The e-mail address, if it has one.
    pub email: Option<String>,
    /// From when on it is valid, in seconds since 1970.
    pub not_before: u64,
    /// Until when it is valid, in seconds since 1970.
    pub not_after: u64,
    /// Whether it is one of an authority.
    pub is_authority: bool,
    signed: Bytes,
    signature: [u8; 64],
}

impl Certificate {
    /// Reads one certificate; nothing may stand behind it.
    pub fn read(der: impl Into<Bytes>) -> Result<Self, CertificateError> {
        let der = der.into();
        let (rest, found) = X509Certificate::from_der(&der).map_err(|_| Malformed("it is no DER of one"))?;
        if !rest.is_empty() {
            return Err(Malformed("something stands behind it"));
        }
        if !is_envelope(&der, found.tbs_certificate.as_ref()) {
            return Err(Malformed("it is not signed in the one way of writing that"));
        }
        if found.version() != X509Version::V3 {
            return Err(Malformed("it is not of version 3"));
        }
        if found.signature_algorithm != found.tbs_certificate.signature {
            return Err(Malformed("it names two algorithms"));
        }
        let signature = ed25519(&found.signature_algorithm, &found.signature_value.data)?;
        let key = public_key(found.public_key())?;
        let mut names = found.subject().iter_common_name();
        let (Some(name), None) = (names.next(), names.next()) else {
            return Err(Malformed("it has not one common name"));
        };
        let name = name.as_str().map_err(|_| Malformed("its name is no text"))?.to_owned();
        let seconds = |time: i64| u64::try_from(time).unwrap_or(0);
        let validity = found.validity();
        Ok(Self {
            key,
            serial: found.raw_serial().to_vec(),
            name,
            email: extensions(&found)?,
            not_before: seconds(validity.not_before.timestamp()),
            not_after: seconds(validity.not_after.timestamp()),
            is_authority: found.is_ca(),
            signed: der.slice_ref(found.tbs_certificate.as_ref()),
            signature,
            der: der.clone(),
        })
    }

    /// Whether this key has signed it. Strictly: as in the handshake.
    pub fn is_signed_by(&self, key: &[u8; 32]) -> bool {
        verify(key, &self.signed, &self.signature)
    }

    /// Whether less than a third of its life is left: the time to get another one.
    pub fn is_worn(&self, now: u64) -> bool {
        let life = self.not_after.saturating_sub(self.not_before);
        self.not_after.saturating_sub(now) < life / 3
    }
}

/// The e-mail address. Extensions that one must understand and that we don't, and any that come twice, are refused.
fn extensions(found: &X509Certificate<'_>) -> Result<Option<String>, CertificateError> {
    found.extensions_map().map_err(|_| Malformed("it has an extension twice"))?;
    let mut email = None;
    for extension in found.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => {
                email = names.general_names.iter().find_map(|name| match name {
                    GeneralName::RFC822Name(address) => Some((*address).to_owned()),
                    _ => None,
                });
            }
            ParsedExtension::BasicConstraints(_)
            | ParsedExtension::KeyUsage(_)
            | ParsedExtension::ExtendedKeyUsage(_) => {}
            _ if extension.critical => return Err(Malformed("it has an extension that nobody here knows")),
            _ => {}
        }
    }
    Ok(email)
}

/// Whether something signed is a sequence of `content`, the name of Ed25519, and a signature, written in the one way that
/// DER has for it: what is around the signed part is not covered by the signature.
pub(super) fn is_envelope(der: &[u8], content: &[u8]) -> bool {
    let length = content.len() + BEFORE_SIGNATURE.len() + 64;
    let Some(signature_at) = der.len().checked_sub(64) else { return false };
    let Ok(short) = u16::try_from(length) else { return false };
    let [high, low] = short.to_be_bytes();
    let head = match length {
        ..0x80 => vec![0x30, low],
        0x80..0x100 => vec![0x30, 0x81, low],
        _ => vec![0x30, 0x82, high, low],
    };
    der[..signature_at] == [&head, content, BEFORE_SIGNATURE].concat()
}

/// The key of a certificate or request, if it is an Ed25519 one.
pub(super) fn public_key(info: &SubjectPublicKeyInfo<'_>) -> Result<[u8; 32], CertificateError> {
    let key: Option<[u8; 32]> = info.subject_public_key.data.as_ref().try_into().ok();
    key.filter(|_| is_ed25519(&info.algorithm)).ok_or(Malformed("its key is no Ed25519 key"))
}

/// The signature of a certificate or request, if it is an Ed25519 one.
pub(super) fn ed25519(
    algorithm: &AlgorithmIdentifier<'_>,
    signature: &[u8],
) -> Result<[u8; 64], CertificateError> {
    let signature: Option<[u8; 64]> = signature.try_into().ok();
    signature.filter(|_| is_ed25519(algorithm)).ok_or(Malformed("its signature is no Ed25519 signature"))
}

/// RFC 8410: the parameters are absent.
fn is_ed25519(algorithm: &AlgorithmIdentifier<'_>) -> bool {
    algorithm.algorithm == OID_SIG_ED25519 && algorithm.parameters.is_none()
}

/// Verifies a signature: no keys of small order, under which one signature fits everything.
pub(super) fn verify(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .and_then(|key| key.verify_strict(message, &Signature::from_bytes(signature)))
        .is_ok()
}
