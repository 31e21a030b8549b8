//! Handshakes, through the machines of both sides.

use std::sync::Arc;

use bytes::BytesMut;
use num_bigint::BigUint;
use serde_json::Value as Json;
use tokio_util::codec::Decoder;
use uchat_codec::{
    ClassicClient, ClassicIdentity, ClassicKeyPair, ClassicServer, DhParams, Established, FrameCodec,
    Handshake, HandshakeError, Limits, Progress,
};

use super::{Verdict, array, same_bytes, text};

/// What the client says in its first frame.
const HELLO: &[u8] = b"\x03\x00";

/// Public numbers, certificates and the key are those of the vector, whichever certificate the client presents.
pub(crate) fn handshake(vector: &Json) -> Verdict {
    let number = |key: &str| number(&vector[key]).ok_or_else(|| format!("`{key}` is not a number"));
    let params = DhParams::new(number("base")?, number("modulus")?).map_err(|error| error.to_string())?;
    let server = ClassicKeyPair::from_secret(&params, number("server_secret")?);
    let client = ClassicKeyPair::from_secret(&params, number("client_secret")?);
    same_number("the server's public number", server.public(), &number("server_public")?)?;
    same_number("the client's public number", client.public(), &number("client_public")?)?;
    let key: [u8; 32] = array(vector, "aes_key")?;
    for (pair, peer) in [(&server, &client), (&client, &server)] {
        let agreed = pair.agree(peer.public()).map_err(|error| error.to_string())?;
        same_bytes("the key", agreed.as_bytes(), &key)?;
    }
    for certificate in ["client_certificate", "client_certificate_after_registering"] {
        meet(vector, &server, &client, text(vector, certificate)?)
            .map_err(|error| format!("{certificate}: {error}"))?;
    }
    let plain = uchat_codec::client_certificate("aaa", "bbb", client.public());
    same_bytes(
        "the certificate of a new client",
        plain.as_bytes(),
        text(vector, "client_certificate")?.as_bytes(),
    )
}

/// Lets both machines talk, then the client say something.
fn meet(vector: &Json, server: &ClassicKeyPair, client: &ClassicKeyPair, certificate: &str) -> Verdict {
    let limits = Limits::default();
    let address = text(vector, "client_first_bytes")?;
    let mut server = ClassicServer::new(Arc::new(ClassicIdentity::new(server.clone())), &limits);
    let mut client = ClassicClient::new(client.clone(), certificate.into(), address.into(), &limits);
    let (mut to_client, mut to_server) = (BytesMut::new(), BytesMut::new());
    let failed = |error: HandshakeError| error.to_string();

    client.advance(&mut to_client, &mut to_server).map_err(failed)?;
    same_bytes("the client's first bytes", &to_server, address.as_bytes())?;
    server.advance(&mut to_server, &mut to_client).map_err(failed)?;
    same_bytes("the server's certificate", &to_client, text(vector, "server_certificate")?.as_bytes())?;
    if client.advance(&mut to_client, &mut to_server).map_err(failed)? == Progress::NeedInput {
        client.quiet(&mut to_server).map_err(failed)?;
    }
    same_bytes("the client's certificate", &to_server, certificate.as_bytes())?;
    let mut client = finished(Box::new(client))?;
    client.sealer.seal(HELLO, &mut to_server).map_err(|error| error.to_string())?;
    if server.advance(&mut to_server, &mut to_client).map_err(failed)? == Progress::NeedInput {
        return Err("the server waits for more than the first frame".into());
    }
    let mut server = finished(Box::new(server))?;
    let frame =
        FrameCodec::new(limits.max_frame_body).decode(&mut to_server).map_err(|error| error.to_string())?;
    let opened = server
        .opener
        .open(frame.ok_or("the first frame is not whole")?)
        .map_err(|error| error.to_string())?;
    same_bytes("the first plaintext", &opened, HELLO)?;
    match server.peer.public_number {
        Some(public) => same_number(
            "the client's public number",
            &public,
            &number(&vector["client_public"]).unwrap_or_default(),
        ),
        None => Err("the server knows no public number".into()),
    }
}

fn finished(machine: Box<dyn Handshake>) -> Result<Established, String> {
    machine.finish().map_err(|error| error.to_string())
}

fn number(field: &Json) -> Option<BigUint> {
    match field {
        Json::String(text) => text.parse().ok(),
        Json::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn same_number(what: &str, have: &BigUint, want: &BigUint) -> Verdict {
    if have == want { Ok(()) } else { Err(format!("{what} is {have} and not {want}")) }
}
