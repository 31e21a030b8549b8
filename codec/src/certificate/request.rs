//! Asking for a certificate: PKCS #10, made by the client and read by the server.

use rcgen::{CertificateParams, DistinguishedName, DnType};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use super::CertificateError::{self, Making, Request};
use super::signer::Signer;
use super::{MAX_PEM, pem, read};
use crate::StrongIdentity;

/// What requests are labelled with.
const REQUEST: &str = "CERTIFICATE REQUEST";

/// The request, in PEM, for a certificate about this identity's key in the name of `username`. The secret stays here:
/// only what it has signed is in the request.
pub fn certificate_request(identity: &StrongIdentity, username: &str) -> Result<String, CertificateError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, username);
    let request = params.serialize_request(&Signer::new(identity));
    let request = request.map_err(|error| Making(error.to_string()))?;
    Ok(pem::encode(REQUEST, request.der()))
}

/// The key that a request in PEM is about, which has signed it. The name in it counts for nothing: the server knows who
/// asks.
pub fn read_request(text: &str) -> Result<[u8; 32], CertificateError> {
    if text.len() > MAX_PEM {
        return Err(Request("it is too long"));
    }
    let block = ::pem::parse(text).map_err(|_| Request("it is no PEM"))?;
    if block.tag() != REQUEST {
        return Err(Request("it holds something else"));
    }
    let (rest, found) =
        X509CertificationRequest::from_der(block.contents()).map_err(|_| Request("it is no DER of one"))?;
    if !rest.is_empty() {
        return Err(Request("something stands behind it"));
    }
    let info = &found.certification_request_info;
    if !read::is_envelope(block.contents(), info.raw) {
        return Err(Request("it is not signed in the one way of writing that"));
    }
    let key = read::public_key(&info.subject_pki).map_err(|_| Request("its key is no Ed25519 key"))?;
    let signature = read::ed25519(&found.signature_algorithm, &found.signature_value.data)
        .map_err(|_| Request("its signature is no Ed25519 signature"))?;
    if read::verify(&key, info.raw, &signature) { Ok(key) } else { Err(Request("its signature is wrong")) }
}
