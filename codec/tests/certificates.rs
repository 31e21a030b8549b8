//! Certificates are issued, read and refused; strong handshakes let in only those that fit.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on should stop")]

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio_util::codec::Decoder;
use uchat_codec::certificate::{
    Authority, Certificate, CertificateCheck, CertificateError, IssuedBy, MAX_PEM, SelfIssued, Subject,
    Validity, certificate_request, from_pem, read_request, to_pem,
};
use uchat_codec::chat::Refused;
use uchat_codec::{
    Established, FrameCodec, Handshake, HandshakeError, Limits, Message, StrongClient, StrongIdentity,
    StrongServer, from_value, opcode,
};

/// The middle of 2026, and a day.
const NOW: u64 = 1_782_000_000;
const DAY: u64 = 86_400;

fn validity(number: u8, from: u64, until: u64) -> Validity {
    Validity { serial: [number; 16], not_before: from, not_after: until }
}

fn identity(secret: u8) -> StrongIdentity {
    StrongIdentity::from_secrets(&[secret; 32], [secret + 1; 32])
}

/// A server that is an authority for 3650 days.
fn server(secret: u8) -> Arc<StrongIdentity> {
    let identity = identity(secret);
    let own = validity(1, NOW - DAY, NOW + 3650 * DAY);
    let certificate = Authority::self_certificate(&identity, own).unwrap();
    Arc::new(identity.with_certificate(certificate).unwrap())
}

fn authority(secret: u8) -> Authority {
    Authority::new(server(secret), NOW).unwrap()
}

fn subject(identity: &StrongIdentity) -> Subject {
    Subject { username: "小明".into(), email: "ming@mail.com".into(), key: identity.public_key() }
}

/// Of the server 1, about the client 3.
fn issued(from: u64, until: u64) -> Certificate {
    authority(1).issue(&subject(&identity(3)), validity(2, from, until)).unwrap()
}

#[test]
fn a_certificate_says_who_it_is_about_and_until_when() {
    let found = Certificate::read(issued(NOW, NOW + 365 * DAY).der).unwrap();
    assert_eq!((found.name.as_str(), found.email.as_deref()), ("小明", Some("ming@mail.com")));
    assert_eq!((found.key, found.is_authority), (identity(3).public_key(), false));
    assert_eq!((found.not_before, found.not_after), (NOW, NOW + 365 * DAY));
    assert_eq!(found.serial.len(), 16);
    assert!(found.is_signed_by(&identity(1).public_key()) && !found.is_signed_by(&identity(5).public_key()));
    assert!(!found.is_worn(NOW + 240 * DAY) && found.is_worn(NOW + 250 * DAY));
}

#[test]
fn no_certificate_outlives_its_authority() {
    let found = issued(NOW, NOW + 9999 * DAY);
    assert_eq!(found.not_after, NOW + 3650 * DAY);
}

#[test]
fn a_request_proves_its_key_and_a_changed_one_is_refused() {
    let text = certificate_request(&identity(3), "小明").unwrap();
    assert_eq!(read_request(&text), Ok(identity(3).public_key()));
    let der = pem_body(&text);
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 1;
        let text = text_of("CERTIFICATE REQUEST", &changed);
        assert!(read_request(&text).is_err(), "byte {at}");
    }
    for bad in ["", "no request", &to_pem([&der]), &"x".repeat(MAX_PEM + 1)] {
        assert!(read_request(bad).is_err());
    }
}

#[test]
fn a_chain_is_read_back_as_it_was_written() {
    let (one, own) = (issued(NOW, NOW + DAY), authority(1).certificate().clone());
    let chain = authority(1).chain(&one.der);
    assert_eq!(from_pem(&chain).unwrap(), [one.der, own.der]);
    assert!(from_pem("").is_err() && from_pem(&chain.replace("CERT", "CURT")).is_err());
}

#[test]
fn every_changed_byte_of_a_certificate_is_refused() {
    let der = issued(NOW, NOW + DAY).der;
    let check = IssuedBy { authority: identity(1).public_key(), now: NOW };
    check.check(&identity(3).public_key(), &der).unwrap();
    for at in 0..der.len() {
        let mut changed = der.to_vec();
        changed[at] ^= 1;
        assert!(check.check(&identity(3).public_key(), &changed.into()).is_err(), "byte {at}");
    }
    for length in 0..der.len() {
        assert!(check.check(&identity(3).public_key(), &der.slice(..length)).is_err());
    }
    assert!(Certificate::read([&der[..], b"0"].concat()).is_err(), "something stands behind it");
}

type Met = (Result<Established, HandshakeError>, Result<Established, HandshakeError>);

/// A client and a server that look at each other's certificates at `now`: what each has come to.
fn meet(client: StrongIdentity, server: Arc<StrongIdentity>, now: u64) -> Met {
    let limits = Limits::default();
    let check = IssuedBy { authority: server.public_key(), now };
    let mut server = StrongServer::new(server, &limits).check_certificates(Arc::new(check));
    let mut client =
        StrongClient::new(Arc::new(client), &limits).check_certificate(Arc::new(SelfIssued { now }));
    let (mut to_server, mut to_client) = (BytesMut::new(), BytesMut::new());
    client.advance(&mut to_client, &mut to_server).unwrap();
    server.advance(&mut to_server, &mut to_client).unwrap();
    let client = client.advance(&mut to_client, &mut to_server).and_then(|_| Box::new(client).finish());
    let server_done = server.advance(&mut to_server, &mut to_client);
    let Ok(mut client) = client else { return (client, Err(HandshakeError::Unfinished)) };
    if let Err(error) = server_done {
        let last = last_word(&mut client, to_client);
        assert_eq!(last, Refused(code(&error).into(), error.to_string()));
        return (Ok(client), Err(error));
    }
    (Ok(client), Box::new(server).finish())
}

fn code(error: &HandshakeError) -> &'static str {
    let HandshakeError::Certificate(error) = error else { panic!("{error}") };
    error.code()
}

/// What a refused client is told.
fn last_word(client: &mut Established, mut wire: BytesMut) -> Refused {
    let frame = FrameCodec::new(1000).decode(&mut wire).unwrap().unwrap();
    let message = Message::decode(client.opener.open(frame).unwrap(), &Limits::default()).unwrap();
    assert_eq!((message.opcode, wire.len()), (opcode::REFUSED, 0));
    from_value(message.parameters).unwrap()
}

fn refusal(certificate: impl Into<Bytes>, now: u64) -> CertificateError {
    let client = identity(3).with_certificate(certificate).unwrap();
    match meet(client, server(1), now).1 {
        Err(HandshakeError::Certificate(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_client_with_its_certificate_or_with_none_is_let_in() {
    let certificate = issued(NOW, NOW + DAY).der;
    for der in [certificate, Bytes::new()] {
        let (client, server) = meet(identity(3).with_certificate(der.clone()).unwrap(), server(1), NOW);
        assert_eq!(server.unwrap().peer.certificate_der, (!der.is_empty()).then_some(der));
        assert_eq!(client.unwrap().peer.certificate_der, Some(authority(1).certificate().der.clone()));
    }
}

#[test]
fn a_client_with_another_certificate_is_refused_and_told_why() {
    let of = |secret: u8| subject(&identity(secret));
    let (fine, year) = (validity(3, NOW, NOW + DAY), 365 * DAY);
    assert_eq!(refusal(&b"no certificate"[..], NOW).code(), "malformed");
    assert_eq!(refusal(authority(1).issue(&of(5), fine).unwrap().der, NOW), CertificateError::OtherKey);
    assert_eq!(refusal(authority(5).issue(&of(3), fine).unwrap().der, NOW), CertificateError::OtherAuthority);
    let own = Authority::self_certificate(&identity(3), fine).unwrap();
    assert_eq!(refusal(own, NOW), CertificateError::OtherAuthority);
    let server_own = authority(1).certificate().der.clone();
    assert_eq!(refusal(server_own, NOW), CertificateError::OtherKey);
    assert_eq!(refusal(issued(NOW, NOW + year).der, NOW + year + 1), CertificateError::Expired);
    assert_eq!(refusal(issued(NOW, NOW + year).der, NOW - 1), CertificateError::NotYetValid);
}

#[test]
fn what_a_check_says_of_a_revoked_certificate_is_told() {
    let limits = Limits::default();
    let revoked = |_: &[u8; 32], _: &Bytes| Err(CertificateError::Revoked);
    let mut server = StrongServer::new(server(1), &limits).check_certificates(Arc::new(revoked));
    let client = identity(3).with_certificate(issued(NOW, NOW + DAY).der).unwrap();
    let mut client = StrongClient::new(Arc::new(client), &limits);
    let (mut to_server, mut to_client) = (BytesMut::new(), BytesMut::new());
    client.advance(&mut to_client, &mut to_server).unwrap();
    server.advance(&mut to_server, &mut to_client).unwrap();
    client.advance(&mut to_client, &mut to_server).unwrap();
    let refused = server.advance(&mut to_server, &mut to_client).unwrap_err();
    assert_eq!(refused, HandshakeError::Certificate(CertificateError::Revoked));
    assert_eq!(last_word(&mut Box::new(client).finish().unwrap(), to_client).0, "revoked");
    assert!(Box::new(server).finish().is_err());
}

#[test]
fn a_server_with_another_certificate_is_refused_before_it_knows_who_asks() {
    let fine = validity(3, NOW, NOW + DAY);
    let with = |der: Bytes| Arc::new(identity(1).with_certificate(der).unwrap());
    let refused = |server: Arc<StrongIdentity>, now: u64| match meet(identity(3), server, now).0 {
        Err(HandshakeError::Certificate(error)) => error,
        other => panic!("{other:?}"),
    };
    let other = Authority::self_certificate(&identity(5), fine).unwrap();
    assert_eq!(refused(with(other), NOW), CertificateError::OtherAuthority);
    let user = authority(1).issue(&subject(&identity(1)), fine).unwrap();
    assert_eq!(refused(with(user.der), NOW), CertificateError::WrongKind);
    let own = Authority::self_certificate(&identity(1), fine).unwrap();
    assert_eq!(refused(with(own.clone()), NOW + 2 * DAY), CertificateError::Expired);
    assert!(Authority::new(with(own), NOW + 2 * DAY).is_err());
    // A server that has none is known by its key alone.
    assert!(meet(identity(3), Arc::new(identity(1)), NOW).0.is_ok());
}

fn pem_body(text: &str) -> Vec<u8> {
    pem::parse(text).unwrap().into_contents()
}

fn text_of(label: &str, der: &[u8]) -> String {
    pem::encode(&pem::Pem::new(label, der))
}
