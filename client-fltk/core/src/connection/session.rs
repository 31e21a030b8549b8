//! One connection after its handshake: a reader task and a writer task.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::codec::Decoder as _;
use uchat_codec::chat::CallError;
use uchat_codec::{FrameCodec, FrameError, Limits, Opener, Sealer, Value, encode_message, opcode};

use super::account::Consequence;
use super::events::EventSink;
use super::incoming;
use super::link::{Outgoing, Shared};
use super::notary::{Notary, Purpose};
use super::numbers::Outcome;
use super::options::Stream;
use crate::{DisconnectReason, Event, Home};

/// How much is read at once; also the most that a quiet connection holds.
const CHUNK: usize = 16 * 1024;
/// What is asked to be echoed when nothing else is said. Nobody else's echo looks like this.
const PROBE: &str = "uchat-client: still there?";

/// What reader and writer tell each other.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// How many of our own echoes are out.
    probes: AtomicU64,
    /// Told after each probe that was sent.
    probed: Notify,
    /// Whether anything came from the server but refusals.
    pub(super) heard: AtomicBool,
}

/// Reads frames until the connection ends.
pub(super) struct Reader {
    pub(super) stream: ReadHalf<Box<dyn Stream>>,
    pub(super) opener: Box<dyn Opener>,
    /// What has come and was not read yet; never more than a frame and a chunk.
    pub(super) input: BytesMut,
    pub(super) limits: Limits,
    pub(super) events: EventSink,
    pub(super) shared: Arc<Shared>,
    pub(super) home: Home,
    /// Over the strong suite.
    pub(super) notary: Option<Notary>,
    pub(super) pulse: Arc<Pulse>,
    pub(super) patience: Duration,
}

impl Reader {
    /// Ends with the reason why there is nothing more to read.
    pub(super) async fn run(mut self) -> DisconnectReason {
        let mut codec = FrameCodec::new(self.limits.max_frame_body);
        loop {
            match codec.decode(&mut self.input) {
                Ok(Some(frame)) => match self.opener.open(frame) {
                    Ok(plaintext) => {
                        let length = plaintext.len();
                        if let Some(refused) = incoming::refused(&plaintext, &self.limits) {
                            return refused;
                        }
                        if let Some(reason) =
                            self.tell(incoming::event(plaintext, &self.limits), length).await
                        {
                            return reason;
                        }
                    }
                    Err(error) => return DisconnectReason::BadFrame(error.to_string()),
                },
                Ok(None) => match self.read_more().await {
                    Ok(0) if self.input.is_empty() => return DisconnectReason::Closed,
                    Ok(0) => return DisconnectReason::Broken("the server closed it inside a frame".into()),
                    Ok(_) => {}
                    Err(reason) => return reason,
                },
                Err(FrameError::Io(error)) => return DisconnectReason::Broken(error.to_string()),
                Err(error) => return DisconnectReason::BadFrame(error.to_string()),
            }
        }
    }

    /// Waits for bytes, but not for ever while an echo is due.
    async fn read_more(&mut self) -> Result<usize, DisconnectReason> {
        self.input.reserve(CHUNK);
        let read = self.stream.read_buf(&mut self.input);
        tokio::pin!(read);
        let outcome = loop {
            let due = self.pulse.probes.load(Ordering::Acquire) > 0;
            let deadline = Instant::now() + self.patience;
            tokio::select! {
                biased;
                outcome = &mut read => break outcome,
                () = self.pulse.probed.notified(), if !due => {}
                () = sleep_until(deadline), if due => return Err(DisconnectReason::Silent),
            }
        };
        outcome.map_err(|error| DisconnectReason::Broken(error.to_string()))
    }

    /// Passes an event on; gives a reason to end, if there is one.
    async fn tell(&mut self, event: Event, length: usize) -> Option<DisconnectReason> {
        // A server that says no more than that it has no place is not there for us: the next wait is a longer one.
        if !matches!(event, Event::Failure(_)) {
            self.pulse.heard.store(true, Ordering::Release);
        }
        if self.is_own_echo(&event) {
            return None;
        }
        let event = match event {
            Event::CallAnswer { id, outcome } if self.shared.calls().is_awaited(id) => {
                self.shared.calls().answered(id, outcome);
                return None;
            }
            event => event,
        };
        let outcome = match self.notary {
            Some(_) => self.shared.numbers().heard(event, &self.limits),
            None => Outcome { tell: vec![event], ..Outcome::default() },
        };
        let asked = outcome.ask.iter().try_for_each(|request| self.shared.own_request(request));
        if outcome.broken || asked.is_err() {
            return Some(DisconnectReason::Broken("it can't be asked what is new".into()));
        }
        for event in outcome.tell {
            if let Some(reason) = self.pass_on(event, length).await {
                return Some(reason);
            }
        }
        None
    }

    async fn pass_on(&mut self, event: Event, length: usize) -> Option<DisconnectReason> {
        let event = match (event, &mut self.notary) {
            (Event::CallAnswer { id, outcome }, Some(_)) if Purpose::of(id).is_some() => {
                return self.tell_of_keys(id, outcome, length).await;
            }
            (event, Some(notary)) => {
                notary.heard(&event).await;
                event
            }
            (event, None) => event,
        };
        let (mut told, mut reason) = (event, None);
        match self.shared.heard(&told) {
            Consequence::Nothing => {}
            Consequence::RememberRegistration { username, email } => {
                remember(self.home.clone(), username, email).await;
            }
            Consequence::StayAway => reason = Some(DisconnectReason::Kicked),
            Consequence::KeepQuiet => return None,
            Consequence::Instead(other) => told = other,
            Consequence::Ask(request) => match self.shared.request(&request) {
                Ok(()) => return None,
                Err(error) => told = Event::Failure(error.to_string()),
            },
        }
        if self.events.send(told, length).await.is_err() {
            return Some(DisconnectReason::Requested);
        }
        reason
    }

    /// The same for an answer to a call of our own.
    async fn tell_of_keys(
        &mut self,
        id: u64,
        outcome: Result<Value, CallError>,
        length: usize,
    ) -> Option<DisconnectReason> {
        let (notary, purpose) = (self.notary.as_mut()?, Purpose::of(id)?);
        for event in notary.answered(purpose, outcome).await {
            if self.events.send(event, length).await.is_err() {
                return Some(DisconnectReason::Requested);
            }
        }
        None
    }

    fn is_own_echo(&self, event: &Event) -> bool {
        let is_probe = matches!(event, Event::Echo(Value::Str(text)) if *text == *PROBE);
        let take_one = |count: u64| count.checked_sub(1);
        is_probe && self.pulse.probes.fetch_update(Ordering::AcqRel, Ordering::Acquire, take_one).is_ok()
    }
}

/// Without its certificate a client still works, so a full disk is only logged.
async fn remember(home: Home, username: String, email: String) {
    let written = tokio::task::spawn_blocking(move || home.remember_registration(&username, &email)).await;
    if let Ok(Err(error)) = written {
        tracing::warn!(%error, "the certificate could not be written");
    }
}

/// How a writer has ended.
pub(super) struct WriterEnd {
    pub(super) outcome: Result<(), DisconnectReason>,
    /// Kept, since a dropped queue forgets what was in it.
    _queue: mpsc::Receiver<Outgoing>,
}

/// Seals and sends what is queued until the queue is closed.
pub(super) struct Writer {
    pub(super) stream: WriteHalf<Box<dyn Stream>>,
    pub(super) sealer: Box<dyn Sealer>,
    pub(super) pulse: Arc<Pulse>,
    pub(super) events: EventSink,
    pub(super) shared: Arc<Shared>,
    pub(super) first_frame_pause: Duration,
    pub(super) keepalive: Option<Duration>,
    pub(super) patience: Duration,
}

impl Writer {
    /// Ends well when the queue is closed and empty; the stream is then closed in this direction.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Outgoing>) -> WriterEnd {
        let outcome = self.empty(&mut queue).await;
        WriterEnd { outcome, _queue: queue }
    }

    async fn empty(&mut self, queue: &mut mpsc::Receiver<Outgoing>) -> Result<(), DisconnectReason> {
        tokio::time::sleep(self.first_frame_pause).await;
        let mut frame = BytesMut::new();
        loop {
            let next = match self.keepalive {
                Some(after) => timeout(after, queue.recv()).await,
                None => Ok(queue.recv().await),
            };
            match next {
                Ok(None) => break,
                Ok(Some(outgoing)) => self.send(outgoing.plaintext.as_slice(), &mut frame).await?,
                Err(_) => self.probe(&mut frame).await?,
            }
            if frame.capacity() > CHUNK {
                frame = BytesMut::new();
            }
            if self.shared.has_room_again() && self.events.send(Event::QueueHasRoom, 0).await.is_err() {
                return Err(DisconnectReason::Requested);
            }
        }
        // The peer may be gone already; everything was sent.
        let _ = timeout(self.patience, self.stream.shutdown()).await;
        Ok(())
    }

    async fn probe(&mut self, frame: &mut BytesMut) -> Result<(), DisconnectReason> {
        if self.pulse.probes.load(Ordering::Acquire) > 0 {
            return Ok(());
        }
        let Ok(plaintext) = encode_message(opcode::CLIENT_ECHO, PROBE) else { return Ok(()) };
        self.pulse.probes.fetch_add(1, Ordering::AcqRel);
        self.send(&plaintext, frame).await?;
        self.pulse.probed.notify_one();
        Ok(())
    }

    /// Header and body go out together: the original server dies of a header that comes alone.
    async fn send(&mut self, plaintext: &[u8], frame: &mut BytesMut) -> Result<(), DisconnectReason> {
        frame.clear();
        let broken = |why: String| DisconnectReason::Broken(why);
        self.sealer.seal(plaintext, frame).map_err(|error| broken(error.to_string()))?;
        let mut sent = 0;
        while sent < frame.len() {
            // A server may be slow with a long frame, but each part of it must find its way in time.
            let written = timeout(self.patience, self.stream.write(&frame[sent..])).await;
            match written.map_err(|_| DisconnectReason::Silent)? {
                Ok(0) => return Err(broken("the server takes nothing more".into())),
                Ok(count) => sent += count,
                Err(error) => return Err(broken(error.to_string())),
            }
        }
        self.stream.flush().await.map_err(|error| broken(error.to_string()))
    }
}
