//! A connection before its first message: the handshake, and whether the peer is let in.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout_at};
use uchat_codec::{Established, Handshake, Progress};
use uchat_config::Limits;

use crate::admission::Admission;
use crate::connection::{End, login_deadline, within};
use crate::dispatch::Dispatcher;
use crate::reply::Push;
use crate::wire::Wire;

/// How many bytes of a refused peer are thrown away before it is cut off.
const MOST_UNHEARD: usize = 64 * 1024;
/// How much of a handshake is read at once.
const READ: usize = 512;

/// Drives the handshake. Its time limit ends when all that is missing is the peer's first frame: a classic client
/// finishes its handshake when it starts, and sends its first frame when its user has typed a password.
pub(crate) async fn shake_hands(
    stream: &mut Wire,
    mut machine: Box<dyn Handshake>,
    buffer: &mut BytesMut,
    limits: &Limits,
) -> Result<Established, End> {
    let started = Instant::now();
    let strict = started + Duration::from_secs(limits.handshake_seconds);
    let patient = login_deadline(started, limits);
    let mut output = BytesMut::new();
    loop {
        let progress = match machine.advance(buffer, &mut output) {
            Ok(progress) => progress,
            Err(error) => {
                last_word(stream, &output, strict).await;
                return Err(error.into());
            }
        };
        if !output.is_empty() {
            match timeout_at(strict, stream.write_all(&output)).await {
                Ok(written) => written?,
                Err(_elapsed) => return Err(End::HandshakeTimeout),
            }
            output.clear();
        }
        if progress == Progress::Done {
            return Ok(machine.finish()?);
        }
        buffer.reserve(READ);
        let deadline = if machine.awaits_first_frame() { patient } else { Some(strict) };
        match within(deadline, stream.read_buf(buffer)).await {
            Some(Ok(0)) => return Err(End::PeerClosed),
            Some(read) => read?,
            None => return Err(End::HandshakeTimeout),
        };
    }
}

/// Asks whether the peer is let in, if there is somebody to ask; one that isn't is told.
pub(crate) async fn admit(
    stream: &mut Wire,
    mut established: Established,
    dispatcher: &Dispatcher,
) -> Result<Established, End> {
    let Some(admission) = dispatcher.server.services.get::<Arc<dyn Admission>>() else {
        return Ok(established);
    };
    let deadline = Instant::now() + Duration::from_secs(dispatcher.server.limits.handshake_seconds);
    let admitted = timeout_at(deadline, admission.admit(&established.peer)).await;
    let Err(refused) = admitted.map_err(|_elapsed| End::HandshakeTimeout)? else { return Ok(established) };
    if let Some(last) = refused.last {
        let mut output = BytesMut::new();
        established.sealer.seal(&last.bytes, &mut output)?;
        last_word(stream, &output, deadline).await;
    }
    Err(End::NotAdmitted(refused.reason))
}

/// Completes the handshake with a peer that may not stay, to tell it why, all within the time of a handshake: who has not
/// sent its first frame by then is closed without a word.
pub(crate) async fn refuse(stream: &mut Wire, machine: Box<dyn Handshake>, limits: &Limits, last: Push) {
    let deadline = Instant::now() + Duration::from_secs(limits.handshake_seconds);
    let mut buffer = BytesMut::new();
    let shaken = timeout_at(deadline, shake_hands(stream, machine, &mut buffer, limits)).await;
    let Ok(Ok(mut established)) = shaken else { return };
    let mut output = BytesMut::new();
    if established.sealer.seal(&last.bytes, &mut output).is_ok() {
        last_word(stream, &output, deadline).await;
    }
}

/// Tries to tell a refused peer why. It may be gone already, or not listen. What it still sends is thrown away until it
/// closes too: a connection that is closed with something unread takes the last word along.
async fn last_word(stream: &mut Wire, output: &[u8], deadline: Instant) {
    if output.is_empty() {
        return;
    }
    let telling = async {
        stream.write_all(output).await?;
        stream.shutdown().await?;
        let mut left = MOST_UNHEARD;
        let mut unheard = vec![0; READ];
        while left > 0 {
            match stream.read(&mut unheard).await? {
                0 => break,
                count => left = left.saturating_sub(count),
            }
        }
        Ok::<_, std::io::Error>(())
    };
    let _ = timeout_at(deadline, telling).await;
}
