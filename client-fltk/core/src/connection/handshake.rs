//! Moves the bytes of a handshake and watches the clock for it.

use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use uchat_codec::{Established, Handshake, HandshakeError, Progress};

use super::options::Stream;
use crate::DisconnectReason;

/// How much is read at once.
const CHUNK: usize = 4096;

/// Leads a handshake to its end; the second part of the result are bytes that came after it.
///
/// Whatever the machine puts out goes into one write: the original server takes each part with a single `recv`.
pub(super) async fn shake_hands(
    stream: &mut Box<dyn Stream>,
    mut machine: Box<dyn Handshake>,
    quiet_time: Duration,
) -> Result<(Established, BytesMut), DisconnectReason> {
    let mut input = BytesMut::with_capacity(CHUNK);
    let mut output = BytesMut::new();
    let mut heard = false;
    let mut progress = machine.advance(&mut input, &mut output).map_err(refused)?;
    loop {
        if !output.is_empty() {
            stream.write_all(&output).await.map_err(failed)?;
            stream.flush().await.map_err(failed)?;
            output.clear();
        }
        if progress == Progress::Done {
            return Ok((machine.finish().map_err(refused)?, input));
        }
        input.reserve(CHUNK);
        // Silence before the first byte says nothing about the end of a certificate.
        let read = if heard {
            timeout(quiet_time, stream.read_buf(&mut input)).await.ok()
        } else {
            Some(stream.read_buf(&mut input).await)
        };
        progress = match read {
            None => {
                heard = false;
                machine.quiet(&mut output).map_err(refused)?
            }
            Some(Ok(0)) => return Err(failed("the server closed the connection")),
            Some(read) => {
                read.map_err(failed)?;
                heard = true;
                machine.advance(&mut input, &mut output).map_err(refused)?
            }
        };
    }
}

/// A server with another key than the known one is no failure of the network: nobody should try again by himself.
fn refused(error: HandshakeError) -> DisconnectReason {
    match error {
        HandshakeError::WrongServerKey { found, .. } => DisconnectReason::WrongServerKey { found },
        HandshakeError::Certificate(error) => DisconnectReason::ServerCertificate(error.to_string()),
        other => failed(other),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "made for map_err, which gives errors away")]
fn failed(why: impl ToString) -> DisconnectReason {
    DisconnectReason::Handshake(why.to_string())
}
