//! Any bytes as a certificate, as a request, and as the text of either: of all that can be read, only what the key of the
//! vector "ascii" has really signed is accepted.
#![no_main]

use std::sync::LazyLock;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use uchat_codec::StrongIdentity;
use uchat_codec::certificate::{
    Authority, Certificate, CertificateCheck, IssuedBy, SelfIssued, Validity, from_pem, read_request, to_pem,
};

const NOW: u64 = 1_782_000_000;

static AUTHORITY: LazyLock<Certificate> = LazyLock::new(|| {
    let identity = StrongIdentity::from_secrets(&[0x50; 32], [0; 32]);
    let validity = Validity { serial: [0xd0; 16], not_before: NOW - 86_400, not_after: 1_813_536_000 + 86_400 };
    Certificate::read(Authority::self_certificate(&identity, validity).unwrap()).unwrap()
});

fuzz_target!(|data: &[u8]| {
    let der = Bytes::copy_from_slice(data);
    if let Ok(found) = Certificate::read(der.clone()) {
        assert_eq!(found.der, der);
        assert_eq!(from_pem(&to_pem([&der])).unwrap(), [der.clone()]);
        let issued = IssuedBy { authority: AUTHORITY.key, now: NOW }.check(&found.key, &der).is_ok();
        assert!(!issued || found.name == "ann", "a forgery");
        let own = SelfIssued { now: NOW }.check(&AUTHORITY.key, &der).is_ok();
        assert!(!own || der == AUTHORITY.der, "a forgery");
    }
    let request = pem::encode(&pem::Pem::new("CERTIFICATE REQUEST", data));
    if let Ok(key) = read_request(&request) {
        assert_eq!(key, StrongIdentity::from_secrets(&[0x51; 32], [0; 32]).public_key(), "a forgery");
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = from_pem(text);
        let _ = read_request(text);
    }
});
