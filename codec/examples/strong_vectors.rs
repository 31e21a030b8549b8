//! Writes the test vectors of the strong suite: `cargo run -p uchat-codec --example strong_vectors > strong.json`.
//!
//! Every secret in there is fixed. The frames behind the handshakes have random vectors, so they differ each time.

use std::sync::Arc;

use bytes::BytesMut;
use serde_json::{Value as Json, json};
use uchat_codec::certificate::{Authority, Subject, Validity, certificate_request};
use uchat_codec::safety::safety_number;
use uchat_codec::{
    Established, Handshake, HandshakeError, Limits, StrongClient, StrongIdentity, StrongKeys, StrongServer,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = json!({
        "about": "Hex throughout. strong_frames: keys as Noise gives them, frames in their order. strong_handshakes: \
                  *_seed Ed25519, *_static and *_ephemeral X25519 secrets; the frames are the first of each direction. certificates: *_seed Ed25519, times in seconds since 1970, \
                  certificates and requests in DER. safety_numbers: keys.",
        "strong_frames": [
            frames("frames-to-server", "to_server", (1 << 20, 1 << 34), &[0, 1, 15, 16, 17, 100])?,
            frames("frames-to-client", "to_client", (1 << 20, 1 << 34), &[2, 300, 0])?,
            frames("rekey-by-frames", "to_server", (2, 1 << 34), &[5; 7])?,
            frames("rekey-by-bytes", "to_client", (1 << 20, 64), &[15, 16, 40, 64, 3, 200, 1])?,
        ],
        "strong_handshakes": [
            handshake("bare-keys", 0x10, &[], &[])?,
            handshake("certificates", 0x20, &counting(0x30, 300), &counting(0x40, 2048))?,
        ],
        "certificates": [
            certificate("ascii", 0x50, ("ann", "ann@mail.com"), (1_782_000_000, 1_813_536_000))?,
            certificate("chinese-no-email", 0x60, ("小明", "小明@mail.com"), (1_782_000_000, 1_782_000_001))?,
            // Beyond 2049 the times are written in another way.
            certificate("far-away", 0x70, ("a.b-c_9", "a+b@x.y.z"), (2_500_000_000, 2_600_000_000))?,
        ],
        "safety_numbers": [
            safety("counting", &counting(0, 32), &counting(32, 32))?,
            safety("other-way-round", &counting(32, 32), &counting(0, 32))?,
            safety("same-key", &[7; 32], &[7; 32])?,
        ],
    });
    println!("{file:#}");
    Ok(())
}

/// So many bytes that count up from `first`.
fn counting(first: u8, length: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().skip(usize::from(first)).take(length).collect()
}

fn secret(first: u8) -> [u8; 32] {
    std::array::from_fn(|_| first)
}

fn frames(
    id: &str,
    direction: &str,
    (frames, bytes): (u64, u64),
    lengths: &[usize],
) -> Result<Json, Box<dyn std::error::Error>> {
    let (to_server, to_client, hash) = (secret(0xa1), secret(0xa2), secret(0xa3));
    let keys = StrongKeys::new(&to_server, &to_client, &hash).rekey_sooner(frames, bytes);
    let (mut sealer, _) = if direction == "to_server" { keys.client(1 << 20) } else { keys.server(1 << 20) };
    let mut list = Vec::new();
    for (index, length) in (0_u8..).zip(lengths) {
        let (plaintext, iv) = (counting(index, *length), [0xc0 + index; 16]);
        let mut frame = BytesMut::new();
        sealer.seal_with_iv(&plaintext, iv, &mut frame)?;
        list.push(json!({
            "iv": hex::encode(iv), "plaintext": hex::encode(plaintext), "frame": hex::encode(frame),
        }));
    }
    Ok(json!({
        "id": id, "direction": direction, "to_server_key": hex::encode(to_server),
        "to_client_key": hex::encode(to_client), "handshake_hash": hex::encode(hash),
        "rekey_frames": frames, "rekey_bytes": bytes, "frames": list,
    }))
}

fn handshake(
    id: &str,
    first: u8,
    client_certificate: &[u8],
    server_certificate: &[u8],
) -> Result<Json, Box<dyn std::error::Error>> {
    let limits = Limits::default();
    let secrets = |at: u8| (secret(first + at), secret(first + at + 1), secret(first + at + 2));
    let (client_seed, client_static, client_ephemeral) = secrets(1);
    let (server_seed, server_static, server_ephemeral) = secrets(4);
    let identity = |seed, key, certificate: &[u8]| -> Result<_, HandshakeError> {
        Ok(Arc::new(StrongIdentity::from_secrets(seed, key).with_certificate(certificate.to_vec())?))
    };
    let client_identity = identity(&client_seed, client_static, client_certificate)?;
    let server_identity = identity(&server_seed, server_static, server_certificate)?;
    let (client_public, server_public) = (client_identity.public_key(), server_identity.public_key());
    let mut client = StrongClient::new(client_identity, &limits).with_ephemeral_for_tests(client_ephemeral);
    let mut server = StrongServer::new(server_identity, &limits).with_ephemeral_for_tests(server_ephemeral);

    let (mut one, mut two, mut three) = (BytesMut::new(), BytesMut::new(), BytesMut::new());
    client.advance(&mut BytesMut::new(), &mut one)?;
    server.advance(&mut one.clone(), &mut two)?;
    client.advance(&mut two.clone(), &mut three)?;
    server.advance(&mut three.clone(), &mut BytesMut::new())?;
    let (client_plaintext, server_plaintext) = (b"\x03\x00", b"\x69\x00");
    let client_frame = sealed(Box::new(client).finish()?, client_plaintext)?;
    let server_frame = sealed(Box::new(server).finish()?, server_plaintext)?;
    let hex = |bytes: &[u8]| hex::encode(bytes);
    Ok(json!({
        "id": id,
        "client_seed": hex(&client_seed), "client_static": hex(&client_static),
        "client_ephemeral": hex(&client_ephemeral), "client_certificate": hex(client_certificate),
        "client_public": hex(&client_public),
        "server_seed": hex(&server_seed), "server_static": hex(&server_static),
        "server_ephemeral": hex(&server_ephemeral), "server_certificate": hex(server_certificate),
        "server_public": hex(&server_public),
        "client_first": hex(&one), "server_second": hex(&two), "client_third": hex(&three),
        "client_plaintext": hex(client_plaintext), "client_frame": hex(&client_frame),
        "server_plaintext": hex(server_plaintext), "server_frame": hex(&server_frame),
    }))
}

/// What the authority `first` gives to the client `first + 1`, both made of fixed numbers and times.
fn certificate(
    id: &str,
    first: u8,
    (username, email): (&str, &str),
    (not_before, not_after): (u64, u64),
) -> Result<Json, Box<dyn std::error::Error>> {
    let (authority_seed, seed) = (secret(first), secret(first + 1));
    let authority = StrongIdentity::from_secrets(&authority_seed, secret(0));
    let client = StrongIdentity::from_secrets(&seed, secret(0));
    let serials: [[u8; 16]; 2] = [[first | 0x80; 16], [first & 0x0f; 16]];
    let own = Validity { serial: serials[0], not_before: not_before - 86_400, not_after: not_after + 86_400 };
    let validity = Validity { serial: serials[1], not_before, not_after };
    let own_certificate = Authority::self_certificate(&authority, own)?;
    let authority =
        Authority::new(Arc::new(authority.with_certificate(own_certificate.clone())?), not_before)?;
    let subject = Subject { username: username.into(), email: email.into(), key: client.public_key() };
    let issued = authority.issue(&subject, validity)?;
    let request = certificate_request(&client, username)?;
    Ok(json!({
        "id": id, "authority_seed": hex::encode(authority_seed), "seed": hex::encode(seed),
        "username": username, "email": email, "not_before": not_before, "not_after": not_after,
        "serial": hex::encode(serials[1]),
        "authority_not_before": own.not_before, "authority_not_after": own.not_after,
        "authority_serial": hex::encode(serials[0]), "authority_certificate": hex::encode(own_certificate),
        "certificate": hex::encode(issued.der), "request": hex::encode(pem::parse(request)?.contents()),
    }))
}

fn safety(id: &str, one: &[u8], other: &[u8]) -> Result<Json, Box<dyn std::error::Error>> {
    let number = safety_number(one.try_into()?, other.try_into()?);
    Ok(json!({"id": id, "one": hex::encode(one), "other": hex::encode(other), "number": number}))
}

fn sealed(mut established: Established, plaintext: &[u8]) -> Result<BytesMut, uchat_codec::SealError> {
    let mut frame = BytesMut::new();
    established.sealer.seal(plaintext, &mut frame)?;
    Ok(frame)
}
