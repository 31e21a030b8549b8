//! One connection: the handshake, then a task that reads and a task that writes.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::codec::Decoder;
use tokio_util::sync::CancellationToken;
use uchat_codec::{
    Established, Frame, FrameCodec, FrameError, Handshake, HandshakeError, OpenError, Opener, SealError,
    SuiteName, opcode,
};
use uchat_config::Limits;
use zeroize::Zeroize as _;

use crate::dispatch::Dispatcher;
use crate::error::Error;
use crate::handshake::{admit, shake_hands};
use crate::line::Line;
use crate::pace::Pace;
use crate::presence;
use crate::session::Session;
use crate::wire::Wire;
use crate::writer::Writer;

/// How much is read at once: of users, and of connections that have not logged in.
const READ: usize = 16 * 1024;
const READ_OF_STRANGERS: usize = 4 * 1024;
/// No longer frame holds a password: it is a page of text then.
const MAX_WIPED: usize = 4096;

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
pub(crate) struct Incoming {
    pub(crate) stream: Wire,
    pub(crate) id: u64,
    pub(crate) address: SocketAddr,
}

/// Shakes hands with a peer and asks whether it is let in; what comes back serves it to its last byte. The two are apart so
/// that a session takes no memory for what it was before. `place` is given up at the end.
pub(crate) async fn begin<P: Send + 'static>(
    dispatcher: Arc<Dispatcher>,
    machine: Box<dyn Handshake>,
    incoming: Incoming,
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
fn session<P: Send + 'static>(
    dispatcher: Arc<Dispatcher>,
    established: Established,
    incoming: Incoming,
    began: Began<P>,
    stop: &CancellationToken,
) -> impl Future<Output = ()> + Send + 'static + use<P> {
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
pub(crate) fn on_heap<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// The end of a session.
async fn finish(reader: Reader, end: End, dispatcher: &Arc<Dispatcher>, writing: JoinHandle<()>) {
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
        Some(deadline) => timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
    }
}

struct Reader {
    stream: ReadHalf<Wire>,
    buffer: BytesMut,
    codec: FrameCodec,
    opener: Box<dyn Opener>,
    session: Arc<Session>,
    since: Instant,
    line: Line,
    pace: Option<Box<Pace>>,
}

impl Reader {
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
        while let Some(serving) = self.serve_next(dispatcher)? {
            serving.await?;
        }
        Ok(())
    }

    /// What serves the next whole frame, if there is one: on the heap, so that a session that does nothing has no room for it.
    #[allow(clippy::type_complexity, reason = "a future that is named once")]
    fn serve_next<'a>(
        &'a mut self,
        dispatcher: &'a Arc<Dispatcher>,
    ) -> Result<Option<Pin<Box<dyn Future<Output = Result<(), End>> + Send + 'a>>>, End> {
        if self.session.stop.is_cancelled() {
            return Err(End::Closed);
        }
        let (limits, signed_in) = (&dispatcher.server.limits, self.session.user().is_some());
        self.codec.set_max_body(if signed_in {
            limits.max_frame_bytes
        } else {
            limits.max_unauthenticated_frame_bytes
        });
        let frame = self.codec.decode(&mut self.buffer)?;
        Ok(frame.map(|frame| Box::pin(self.serve_in_turn(frame, dispatcher)) as _))
    }

    /// Serves a frame when its peer has not sent too much, and waits until there is room for more answers.
    async fn serve_in_turn(&mut self, frame: Frame, dispatcher: &Arc<Dispatcher>) -> Result<(), End> {
        if let Some(pace) = &self.pace {
            let (waiting, stop) = (pace.take(frame.body.len()), self.session.stop.cancelled());
            tokio::select! {
                () = waiting => {}
                () = stop => return Err(End::Closed),
            }
        }
        self.serve_frame(frame, dispatcher).await?;
        self.session.outbound.room().await;
        Ok(())
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

    /// Waits until something has come. Answers that become known meanwhile are queued.
    async fn fill(&mut self, limits: &Limits) -> Result<(), End> {
        if self.buffer.is_empty() {
            // A connection that waits keeps no memory for what may come.
            self.buffer = BytesMut::new();
        }
        let signed_in = self.session.user().is_some();
        let deadline = if signed_in {
            (limits.idle_seconds > 0).then(|| Instant::now() + Duration::from_secs(limits.idle_seconds))
        } else {
            login_deadline(self.since, limits)
        };
        // On the heap: most sessions have none, and no room for it.
        let mut deadline = deadline.map(|at| Box::pin(sleep_until(at)));
        let Self { stream, buffer, session, line, .. } = self;
        let mut stopped = pin!(session.stop.cancelled());
        let most = if signed_in { READ } else { READ_OF_STRANGERS };
        let count = poll_fn(|context| {
            if let Poll::Ready(read) = poll_read(stream, context, buffer, most) {
                return Poll::Ready(read.map_err(End::from));
            }
            line.poll_answers(context, session);
            if stopped.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(End::Closed));
            }
            let is_late =
                deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(context).is_ready());
            match (is_late, signed_in) {
                (false, _) => Poll::Pending,
                (true, true) => Poll::Ready(Err(End::Idle)),
                (true, false) => Poll::Ready(Err(End::LoginTimeout)),
            }
        })
        .await?;
        match count {
            0 if buffer.is_empty() => Err(End::PeerClosed),
            0 => Err(End::MidFrame),
            _ => Ok(()),
        }
    }
}

/// Reads what is there, at most so many bytes, behind what is in the buffer. Its room is on the stack, and only while there is
/// something to read.
fn poll_read(
    stream: &mut ReadHalf<Wire>,
    context: &mut Context<'_>,
    buffer: &mut BytesMut,
    most: usize,
) -> Poll<std::io::Result<usize>> {
    let mut room = [MaybeUninit::uninit(); READ];
    let mut read = ReadBuf::uninit(&mut room[..most.min(READ)]);
    ready!(Pin::new(stream).poll_read(context, &mut read))?;
    buffer.extend_from_slice(read.filled());
    Poll::Ready(Ok(read.filled().len()))
}
