//! The text form: what files hold and what named calls carry.

use bytes::Bytes;

use super::CertificateError;

/// What certificates are labelled with.
pub(super) const CERTIFICATE: &str = "CERTIFICATE";
/// No text of certificates or requests is longer than this, in bytes; longer ones are not read.
pub const MAX_PEM: usize = 16 * 1024;

/// Certificates in DER as one text, in their order.
pub fn to_pem<T: AsRef<[u8]>>(certificates: impl IntoIterator<Item = T>) -> String {
    certificates.into_iter().map(|der| encode(CERTIFICATE, der.as_ref())).collect()
}

/// The certificates of a text, as DER and in their order; at least one.
pub fn from_pem(text: &str) -> Result<Vec<Bytes>, CertificateError> {
    let malformed = CertificateError::Malformed;
    if text.len() > MAX_PEM {
        return Err(malformed("it is too long"));
    }
    let blocks = pem::parse_many(text).map_err(|_| malformed("it is no PEM"))?;
    if blocks.is_empty() {
        return Err(malformed("it holds none"));
    }
    let certificate = |block: pem::Pem| match block.tag() {
        CERTIFICATE => Ok(Bytes::from(block.into_contents())),
        _ => Err(malformed("it holds something else")),
    };
    blocks.into_iter().map(certificate).collect()
}

/// One block, with line ends of one byte, the same everywhere.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new(label, der), config)
}
