//! One connection: the handshake, then a task that reads and a task that writes.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, ReadHalf, WriteHalf};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::codec::Decoder;
use tokio_util::sync::CancellationToken;
use uchat_codec::{
    Established, Frame, FrameCodec, FrameError, Handshake, HandshakeError, OpenError, Opener, SealError,
    Sealer, SuiteName, opcode,
};
use uchat_config::Limits;
use zeroize::Zeroize as _;

use crate::dispatch::Dispatcher;
use crate::error::Error;
use crate::handshake::{admit, shake_hands};
use crate::line::Line;
use crate::outbound::Next;
use crate::pace::Pace;
use crate::presence;
use crate::reply::{Push, Written};
use crate::session::Session;

/// How much is read at once: of users, and of connections that have not logged in.
const READ: usize = 16 * 1024;
const READ_OF_STRANGERS: usize = 4 * 1024;
/// What a frame needs besides its message, about.
const FRAME_EXTRA: usize = 80;
/// No longer frame holds a password: it is a page of text then.
const MAX_WIPED: usize = 4096;
/// Frames of suites that allow it are written together up to about this many bytes.
const WRITE_TOGETHER: usize = 64 * 1024;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum End {
    #[error("the peer closed the connection")]
    PeerClosed,
    #[error("the peer closed the connection in the middle of a frame")]
    MidFrame,
    #[error("the handshake took too long")]
    HandshakeTimeout,
    #[error("nobody logged in in time")]
    LoginTimeout,
    #[error("idle for too long")]
    Idle,
    #[error("the peer does not read")]
    WriteStalled,
    #[error("handshake refused: {0}")]
    Handshake(#[from] HandshakeError),
    #[error("not let in: {0}")]
    NotAdmitted(String),
    #[error("bad frame: {0}")]
    Frame(#[from] FrameError),
    #[error("frame refused: {0}")]
    Open(#[from] OpenError),
    #[error("a message can't be sealed: {0}")]
    Seal(#[from] SealError),
    #[error("connection broken: {0}")]
    Io(#[from] std::io::Error),
    #[error("the feed can't be read: {0}")]
    Feed(Error),
    #[error("closed by the server")]
    Closed,
}

/// A socket or anything like it.
pub trait Transport: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Transport for T {}

/// A connection that has just been accepted.
pub(crate) struct Incoming<S> {
    pub(crate) stream: S,
    pub(crate) id: u64,
    pub(crate) address: SocketAddr,
}

/// Shakes hands with a peer and asks whether it is let in; what comes back serves it to its last byte. The two are apart so
/// that a session takes no memory for what it was before. `place` is given up at the end.
pub(crate) async fn begin<S: Transport, P: Send + 'static>(
    dispatcher: Arc<Dispatcher>,
    machine: Box<dyn Handshake>,
    incoming: Incoming<S>,
    place: P,
    stop: CancellationToken,
) -> Option<impl Future<Output = ()> + Send + 'static> {
    let Incoming { mut stream, id, address } = incoming;
    tracing::debug!(session = id, %address, "connected");
    let since = Instant::now();
    let mut buffer = BytesMut::new();
    let shaking = async {
        let limits = &dispatcher.server.limits;
        let established = shake_hands(&mut stream, machine, &mut buffer, limits).await?;
        admit(&mut stream, established, &dispatcher).await
    };
    let shaken = tokio::select! {
        shaken = shaking => shaken,
        () = stop.cancelled() => Err(End::Closed),
    };
    match shaken {
        Ok(established) => {
            tracing::info!(session = id, %address, suite = ?established.suite, "connected");
            let incoming = Incoming { stream, id, address };
            Some(session(dispatcher, established, incoming, Began { since, buffer, place }, &stop))
        }
        Err(end) => {
            tracing::info!(session = id, %address, reason = %end, "disconnected before the first frame");
            None
        }
    }
}

/// How a connection began.
struct Began<P> {
    since: Instant,
    /// What came behind the handshake.
    buffer: BytesMut,
    place: P,
}

/// A session. Everything that it holds for its life is made before it begins, so that it has room for each of it once.
fn session<S: Transport, P: Send + 'static>(
    dispatcher: Arc<Dispatcher>,
    established: Established,
    incoming: Incoming<S>,
    began: Began<P>,
    stop: &CancellationToken,
) -> impl Future<Output = ()> + Send + 'static + use<S, P> {
    let Incoming { stream, id, address } = incoming;
    let Established { suite, sealer, opener, peer, .. } = established;
    let limits = &dispatcher.server.limits;
    let session = Arc::new(Session::new(id, address, peer, limits, stop.child_token()));
    let (read, write) = tokio::io::split(stream);
    let writer = Writer {
        stream: write,
        session: Arc::clone(&session),
        sealer,
        together: suite != SuiteName::Classic,
        stall: Duration::from_secs(limits.write_stall_seconds),
    };
    let writing = tokio::spawn(writer.run());
    let mut reader = Reader {
        stream: read,
        buffer: began.buffer,
        codec: FrameCodec::new(limits.max_unauthenticated_frame_bytes),
        opener,
        session,
        since: began.since,
        line: Line::new(limits.pipelined_requests),
        pace: Pace::new(limits.bytes_per_second),
    };
    let place = began.place;
    async move {
        let end = reader.run(&dispatcher).await;
        on_heap(|| finish(reader, end, &dispatcher, writing)).await;
        drop(place);
    }
}

/// A future on the heap, made where it stays: one that is pinned in the middle of another has room in it as well.
fn on_heap<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// The end of a session.
async fn finish<S>(reader: Reader<S>, end: End, dispatcher: &Arc<Dispatcher>, writing: JoinHandle<()>) {
    let session = Arc::clone(&reader.session);
    drop(reader);
    tracing::info!(session = session.id(), user = ?session.user(), reason = %end, "disconnected");
    session.close(None);
    presence::sign_out(&dispatcher.server, &session).await;
    // The writer ends by itself: its queue is closed, and each write has a time limit.
    if let Err(error) = writing.await {
        tracing::error!(session = session.id(), %error, "the writer failed");
    }
}

/// When a connection that hasn't logged in is closed; none for never.
pub(crate) fn login_deadline(since: Instant, limits: &Limits) -> Option<Instant> {
    (limits.login_seconds > 0).then(|| since + Duration::from_secs(limits.login_seconds))
}

/// `None` when the deadline came first.
pub(crate) async fn within<T>(deadline: Option<Instant>, future: impl Future<Output = T>) -> Option<T> {
    match deadline {
        // On the heap: most sessions have no deadline, and no room for one.
        Some(deadline) => on_heap(|| timeout_at(deadline, future)).await.ok(),
        None => Some(future.await),
    }
}

struct Reader<S> {
    stream: ReadHalf<S>,
    buffer: BytesMut,
    codec: FrameCodec,
    opener: Box<dyn Opener>,
    session: Arc<Session>,
    since: Instant,
    line: Line,
    pace: Option<Box<Pace>>,
}

impl<S: Transport> Reader<S> {
    async fn run(&mut self, dispatcher: &Arc<Dispatcher>) -> End {
        let end = loop {
            if let Err(end) = self.serve_buffered(dispatcher).await {
                break end;
            }
            if let Err(end) = self.fill(&dispatcher.server.limits).await {
                break end;
            }
        };
        // What was asked happens all the same: it is answered if anybody can still hear it.
        self.line.answer_all(&self.session).await;
        end
    }

    /// Serves every whole frame in the buffer, in order.
    async fn serve_buffered(&mut self, dispatcher: &Arc<Dispatcher>) -> Result<(), End> {
        loop {
            if self.session.stop.is_cancelled() {
                return Err(End::Closed);
            }
            let limits = &dispatcher.server.limits;
            let signed_in = self.session.user().is_some();
            self.codec.set_max_body(if signed_in {
                limits.max_frame_bytes
            } else {
                limits.max_unauthenticated_frame_bytes
            });
            match self.codec.decode(&mut self.buffer)? {
                Some(frame) => {
                    if let Some(pace) = &self.pace {
                        // On the heap: most sessions are never held up, and have no room for it.
                        let waiting = on_heap(|| pace.take(frame.body.len()));
                        let stop = self.session.stop.cancelled();
                        tokio::select! {
                            () = waiting => {}
                            () = stop => return Err(End::Closed),
                        }
                    }
                    // On the heap, so that a session that does nothing has no room for it.
                    on_heap(|| self.serve_frame(frame, dispatcher)).await?;
                    self.session.outbound.room().await;
                }
                None => return Ok(()),
            }
        }
    }

    /// Opens a frame and runs what it asks for. Passwords come in short frames: those are opened in memory of their own,
    /// which is wiped when nobody needs it any more.
    async fn serve_frame(&mut self, mut frame: Frame, dispatcher: &Arc<Dispatcher>) -> Result<(), End> {
        let short = frame.body.len() <= MAX_WIPED;
        if short {
            frame.body = BytesMut::from(&frame.body[..]);
        }
        let plaintext = self.opener.open(frame)?;
        let may_be_secret = self.session.user().is_none() || plaintext.first() == Some(&opcode::CALL.0);
        let kept = (short && may_be_secret).then(|| plaintext.clone());
        dispatcher.dispatch(&self.session, plaintext, &mut self.line).await;
        // What a handler has kept of it is no password.
        if let Some(Ok(mut plaintext)) = kept.map(Bytes::try_into_mut) {
            plaintext.zeroize();
        }
        Ok(())
    }

    async fn fill(&mut self, limits: &Limits) -> Result<(), End> {
        if self.buffer.is_empty() {
            // A connection that waits keeps no memory for what may come.
            self.buffer = BytesMut::new();
        }
        let (deadline, end, most) = if self.session.user().is_some() {
            let idle =
                (limits.idle_seconds > 0).then(|| Instant::now() + Duration::from_secs(limits.idle_seconds));
            (idle, End::Idle, READ)
        } else {
            (login_deadline(self.since, limits), End::LoginTimeout, READ_OF_STRANGERS)
        };
        let read = {
            let mut reading = pin!(within(deadline, read_some(&mut self.stream, &mut self.buffer, most)));
            loop {
                tokio::select! {
                    read = &mut reading => break read,
                    () = self.line.answer_next(&self.session), if !self.line.is_empty() => {}
                    () = self.session.stop.cancelled() => return Err(End::Closed),
                }
            }
        };
        match read {
            Some(Ok(0)) if self.buffer.is_empty() => Err(End::PeerClosed),
            Some(Ok(0)) => Err(End::MidFrame),
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(error.into()),
            None => Err(end),
        }
    }
}

/// Reads what is there, at most so many bytes, behind what is in the buffer. Its room is on the stack, and only while there is
/// something to read.
async fn read_some<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut BytesMut,
    most: usize,
) -> std::io::Result<usize> {
    poll_fn(|context| {
        let mut room = [MaybeUninit::uninit(); READ];
        let mut read = ReadBuf::uninit(&mut room[..most.min(READ)]);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut read))?;
        buffer.extend_from_slice(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    })
    .await
}

struct Writer<S> {
    stream: WriteHalf<S>,
    session: Arc<Session>,
    sealer: Box<dyn Sealer>,
    /// Whether frames may share a write. The existing client takes a segment that ends inside a frame header for
    /// the end of the connection, so classic frames are written one by one.
    together: bool,
    /// How long a write may get nowhere.
    stall: Duration,
}

impl<S: Transport> Writer<S> {
    async fn run(mut self) {
        let end = loop {
            match self.session.outbound.next().await.map_err(End::Feed) {
                // On the heap, so that a session that has nothing to write has no room for it.
                Ok(Next::Write(pushes)) => match on_heap(|| self.write(pushes)).await {
                    Ok(()) => {}
                    Err(end) => break Err(end),
                },
                Ok(Next::End) => break on_heap(|| self.shut_down()).await,
                Err(end) => break Err(end),
            }
        };
        if let Err(end) = end {
            tracing::debug!(session = self.session.id(), reason = %end, "the writer ended");
        }
        self.session.close(None);
    }

    async fn shut_down(&mut self) -> Result<(), End> {
        timeout(self.stall, self.stream.shutdown()).await.map_or(Ok(()), |done| done.map_err(End::from))
    }

    async fn write(&mut self, pushes: Vec<Push>) -> Result<(), End> {
        let mut out = BytesMut::new();
        let mut written = Vec::new();
        let expected: usize = pushes.iter().map(|push| push.bytes.len() + FRAME_EXTRA).sum();
        out.reserve(expected.min(WRITE_TOGETHER));
        for Push { bytes, written: then } in pushes {
            self.sealer.seal(&bytes, &mut out)?;
            written.extend(then);
            if !self.together || out.len() >= WRITE_TOGETHER {
                self.flush(&mut out, &mut written).await?;
            }
        }
        self.flush(&mut out, &mut written).await
    }

    async fn flush(&mut self, out: &mut BytesMut, written: &mut Vec<Written>) -> Result<(), End> {
        let mut rest = &out[..];
        while !rest.is_empty() {
            match timeout(self.stall, self.stream.write(rest)).await {
                Ok(Ok(0)) => return Err(End::PeerClosed),
                Ok(Ok(count)) => rest = &rest[count..],
                Ok(Err(error)) => return Err(error.into()),
                Err(_elapsed) => return Err(End::WriteStalled),
            }
        }
        if out.capacity() > WRITE_TOGETHER {
            *out = BytesMut::new();
        } else {
            out.clear();
        }
        for then in written.drain(..) {
            then();
        }
        Ok(())
    }
}
