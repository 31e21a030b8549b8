//! The task of a connection that writes: what is queued, sealed, in as few writes as may be.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncWriteExt as _, WriteHalf};
use tokio::time::timeout;
use uchat_codec::Sealer;

use crate::connection::{End, on_heap};
use crate::outbound::Next;
use crate::reply::{Push, Written};
use crate::session::Session;
use crate::wire::Wire;

/// What a frame needs besides its message, about.
const FRAME_EXTRA: usize = 80;
/// Frames of suites that allow it are written together up to about this many bytes.
const WRITE_TOGETHER: usize = 64 * 1024;

/// Seals and writes.
pub(crate) struct Writer {
    pub(crate) stream: WriteHalf<Wire>,
    pub(crate) session: Arc<Session>,
    pub(crate) sealer: Box<dyn Sealer>,
    /// Whether frames may share a write. The existing client takes a segment that ends inside a frame header for
    /// the end of the connection, so classic frames are written one by one.
    pub(crate) together: bool,
    /// How long a write may get nowhere.
    pub(crate) stall: Duration,
}

impl Writer {
    /// Writes until there is nothing more to write.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` would hold `self` twice")]
    pub(crate) fn run(mut self) -> impl Future<Output = ()> + Send + 'static {
        async move {
            while self.write_next().await {}
            self.session.close(None);
        }
    }

    /// Waits for what is to be written and writes it; false at the end.
    async fn write_next(&mut self) -> bool {
        // On the heap, so that a session that has nothing to write has no room for it.
        let end = match self.session.outbound.next().await {
            Ok(Next::Write(pushes)) => match on_heap(|| self.write(pushes)).await {
                Ok(()) => return true,
                Err(end) => Err(end),
            },
            Ok(Next::End) => on_heap(|| self.shut_down()).await,
            Err(error) => Err(End::Feed(error)),
        };
        if let Err(end) = end {
            tracing::debug!(session = self.session.id(), reason = %end, "the writer ended");
        }
        false
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
