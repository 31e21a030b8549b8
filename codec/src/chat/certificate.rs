//! The named calls about certificates (PROTOCOL.md §15).

use serde::{Deserialize, Serialize};

/// The name of the call that asks for a certificate of one's own; its answer is [`Certificates`].
pub const REQUEST_CERTIFICATE: &str = "uchat.request_certificate";
/// The name of the call that asks for the certificate of a friend, or the newest of one's own; its answer is
/// [`Certificates`].
pub const CERTIFICATE: &str = "uchat.certificate";

/// The arguments of [`REQUEST_CERTIFICATE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCertificate {
    /// A PKCS #10 request in PEM, about the key that the connection was made with.
    pub csr: String,
}

/// The arguments of [`CERTIFICATE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateOf {
    /// The user's number.
    pub user: u64,
}

/// What both calls answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificates {
    /// In PEM: the certificate, and behind it that of the server which has issued it.
    pub pem: String,
}
