//! The strong suite: frames under given keys, handshakes with given secrets.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use serde_json::Value as Json;
use tokio_util::codec::Decoder;
use uchat_codec::{
    Established, Frame, FrameCodec, Handshake, HandshakeError, Limits, StrongClient, StrongIdentity,
    StrongKeys, StrongServer,
};

use super::{Verdict, array, bytes, same_bytes, text};

pub(crate) const HANDSHAKE_KEYS: &[&str] = &[
    "id",
    "client_seed",
    "client_static",
    "client_ephemeral",
    "client_certificate",
    "client_public",
    "server_seed",
    "server_static",
    "server_ephemeral",
    "server_certificate",
    "server_public",
    "client_first",
    "server_second",
    "client_third",
    "client_plaintext",
    "client_frame",
    "server_plaintext",
    "server_frame",
];

/// Sealing with the given vectors gives the same frames, and opening them the plaintexts.
pub(crate) fn frames(vector: &Json) -> Verdict {
    let (one, other) = (keys(vector)?, keys(vector)?);
    let max = Limits::default().max_frame_body;
    let ((mut sealer, _), (_, mut opener)) = match text(vector, "direction")? {
        "to_server" => (one.client(max), other.server(max)),
        "to_client" => (one.server(max), other.client(max)),
        unknown => return Err(format!("direction `{unknown}`")),
    };
    for (index, part) in vector["frames"].as_array().ok_or("no frames")?.iter().enumerate() {
        let at = |error: String| format!("frame {index}: {error}");
        let (plaintext, whole) = (bytes(part, "plaintext")?, bytes(part, "frame")?);
        let mut out = BytesMut::new();
        sealer.seal_with_iv(&plaintext, array(part, "iv")?, &mut out).map_err(|it| at(it.to_string()))?;
        same_bytes("the sealed frame", &out, &whole).map_err(at)?;
        let found = uchat_codec::Opener::open(&mut opener, frame(&whole)?);
        same_bytes("the plaintext", &found.map_err(|it| at(it.to_string()))?, &plaintext).map_err(at)?;
    }
    Ok(())
}

fn keys(vector: &Json) -> Result<StrongKeys, String> {
    let count = |key: &str| vector[key].as_u64().ok_or_else(|| format!("`{key}` is not a number"));
    let (to_server, to_client) = (array(vector, "to_server_key")?, array(vector, "to_client_key")?);
    let keys = StrongKeys::new(&to_server, &to_client, &array(vector, "handshake_hash")?);
    Ok(keys.rekey_sooner(count("rekey_frames")?, count("rekey_bytes")?))
}

fn frame(whole: &[u8]) -> Result<Frame, String> {
    let frame = FrameCodec::new(Limits::default().max_frame_body).decode(&mut BytesMut::from(whole));
    frame.map_err(|error| error.to_string())?.ok_or_else(|| "the frame is not whole".into())
}

/// Both machines write the messages of the vector, know each other in the end, and open the frames of the vector.
pub(crate) fn handshake(vector: &Json) -> Verdict {
    let limits = Limits::default();
    let (client, server) = (Arc::new(identity(vector, "client")?), Arc::new(identity(vector, "server")?));
    let mut client = StrongClient::new(client, &limits)
        .expect_server(array(vector, "server_public")?)
        .with_ephemeral_for_tests(array(vector, "client_ephemeral")?);
    let mut server =
        StrongServer::new(server, &limits).with_ephemeral_for_tests(array(vector, "server_ephemeral")?);
    let (mut to_client, mut to_server) = (BytesMut::new(), BytesMut::new());
    let failed = |error: HandshakeError| error.to_string();

    client.advance(&mut to_client, &mut to_server).map_err(failed)?;
    same_bytes("the client's first bytes", &to_server, &bytes(vector, "client_first")?)?;
    server.advance(&mut to_server, &mut to_client).map_err(failed)?;
    same_bytes("the server's message", &to_client, &bytes(vector, "server_second")?)?;
    client.advance(&mut to_client, &mut to_server).map_err(failed)?;
    same_bytes("the client's second message", &to_server, &bytes(vector, "client_third")?)?;
    server.advance(&mut to_server, &mut to_client).map_err(failed)?;
    let client = Box::new(client).finish().map_err(failed)?;
    let server = Box::new(server).finish().map_err(failed)?;
    knows(client, vector, "server")?;
    knows(server, vector, "client")
}

fn identity(vector: &Json, who: &str) -> Result<StrongIdentity, String> {
    let seed = array(vector, &format!("{who}_seed"))?;
    let identity = StrongIdentity::from_secrets(&seed, array(vector, &format!("{who}_static"))?);
    same_bytes("the public key", &identity.public_key(), &bytes(vector, &format!("{who}_public"))?)?;
    let certificate = bytes(vector, &format!("{who}_certificate"))?;
    identity.with_certificate(certificate).map_err(|error| error.to_string())
}

/// The peer is the one of the vector, and its frame can be opened.
fn knows(mut established: Established, vector: &Json, peer: &str) -> Verdict {
    let (key, certificate) = (array(vector, &format!("{peer}_public"))?, format!("{peer}_certificate"));
    let certificate = Bytes::from(bytes(vector, &certificate)?);
    if established.peer.identity_key != Some(key) {
        return Err(format!("the {peer} is known as {:?}", established.peer.identity_key));
    }
    if established.peer.certificate_der != (!certificate.is_empty()).then_some(certificate) {
        return Err(format!("the certificate of the {peer} is {:?}", established.peer.certificate_der));
    }
    let opened = established.opener.open(frame(&bytes(vector, &format!("{peer}_frame"))?)?);
    let opened = opened.map_err(|error| format!("{peer}_frame: {error}"))?;
    same_bytes("the plaintext", &opened, &bytes(vector, &format!("{peer}_plaintext"))?)
}
