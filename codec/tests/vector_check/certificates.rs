//! Certificates made of fixed keys, numbers and times; safety numbers of given keys.

use std::sync::Arc;

use serde_json::Value as Json;
use uchat_codec::StrongIdentity;
use uchat_codec::certificate::{
    Authority, CertificateCheck, CertificateError, IssuedBy, Subject, Validity, certificate_request,
    read_request,
};
use uchat_codec::safety::safety_number;

use super::{Verdict, array, bytes, same_bytes, text};

pub(crate) const KEYS: &[&str] = &[
    "id",
    "authority_seed",
    "seed",
    "username",
    "email",
    "serial",
    "not_before",
    "not_after",
    "authority_serial",
    "authority_not_before",
    "authority_not_after",
    "authority_certificate",
    "certificate",
    "request",
];

/// The authority's own certificate, the one that it issues, and the request for it are those of the vector.
pub(crate) fn certificate(vector: &Json) -> Verdict {
    let failed = |error: CertificateError| error.to_string();
    let (signer, client) = (identity(vector, "authority_seed")?, identity(vector, "seed")?);
    let own = Authority::self_certificate(&signer, validity(vector, "authority_")?).map_err(failed)?;
    same_bytes("the authority's certificate", &own, &bytes(vector, "authority_certificate")?)?;
    let signer = signer.with_certificate(own).map_err(|error| error.to_string())?;
    let fresh = validity(vector, "")?;
    let authority = Authority::new(Arc::new(signer), fresh.not_before).map_err(failed)?;
    let (username, email) = (text(vector, "username")?.to_owned(), text(vector, "email")?.to_owned());
    let subject = Subject { username: username.clone(), email, key: client.public_key() };
    let issued = authority.issue(&subject, fresh).map_err(failed)?;
    same_bytes("the certificate", &issued.der, &bytes(vector, "certificate")?)?;
    if (&issued.name, issued.not_before, issued.not_after) != (&username, fresh.not_before, fresh.not_after) {
        return Err(format!("the certificate is read as {issued:?}"));
    }
    let check = IssuedBy { authority: authority.key(), now: fresh.not_after };
    check.check(&client.public_key(), &issued.der).map_err(failed)?;
    let request = certificate_request(&client, &username).map_err(failed)?;
    let der = pem::parse(&request).map_err(|error| error.to_string())?;
    same_bytes("the request", der.contents(), &bytes(vector, "request")?)?;
    same_bytes("the key of the request", &read_request(&request).map_err(failed)?, &client.public_key())
}

/// The number is that of the vector.
pub(crate) fn safety(vector: &Json) -> Verdict {
    let found = safety_number(&array(vector, "one")?, &array(vector, "other")?);
    if found == text(vector, "number")? { Ok(()) } else { Err(format!("the number is {found}")) }
}

fn identity(vector: &Json, key: &str) -> Result<StrongIdentity, String> {
    Ok(StrongIdentity::from_secrets(&array(vector, key)?, [0; 32]))
}

fn validity(vector: &Json, prefix: &str) -> Result<Validity, String> {
    let time = |key: &str| vector[format!("{prefix}{key}")].as_u64().ok_or(format!("no `{prefix}{key}`"));
    Ok(Validity {
        serial: array(vector, &format!("{prefix}serial"))?,
        not_before: time("not_before")?,
        not_after: time("not_after")?,
    })
}
