//! The requests of one connection whose answers come later, in the order in which they were asked.

use std::task::{Context, Poll};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;

use crate::handler::{BoxFuture, Operation};
use crate::reply::Replies;
use crate::session::Session;

/// What is under way for one connection. Requests of the same operation may be under way together, when each has done
/// its part that others could notice and waits for no more than its answer (see [`Later`](crate::Later)); a request of any
/// other operation waits until all of them are answered. So a client sees everything happen in the order in which it asked.
pub(crate) struct Line {
    /// None until a request waits for the first time: most sessions never have one.
    waiting: Option<Box<FuturesOrdered<BoxFuture<Replies>>>>,
    operation: Option<Operation>,
    most: usize,
}

impl Line {
    /// A line of at most so many requests.
    pub(crate) fn new(most: usize) -> Self {
        Self { waiting: None, operation: None, most: most.max(1) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    fn count(&self) -> usize {
        self.waiting.as_ref().map_or(0, |waiting| waiting.len())
    }

    /// Waits until a request of this operation may begin.
    pub(crate) async fn admit(&mut self, operation: Option<Operation>, session: &Session) {
        let most = if operation.is_some() && operation == self.operation { self.most } else { 1 };
        while self.count() >= most {
            self.answer_next(session).await;
        }
        self.operation = operation;
    }

    /// An answer that is known: it goes out behind those that are not.
    pub(crate) fn answer(&mut self, replies: Replies, session: &Session) {
        if self.is_empty() {
            session.answer(replies);
        } else {
            self.wait_for(Box::pin(std::future::ready(replies)));
        }
    }

    /// An answer that is not known yet.
    pub(crate) fn wait_for(&mut self, replies: BoxFuture<Replies>) {
        self.waiting.get_or_insert_default().push_back(replies);
    }

    /// Waits for the next answer, if there is one to wait for, and queues it.
    pub(crate) async fn answer_next(&mut self, session: &Session) {
        if let Some(waiting) = &mut self.waiting
            && let Some(replies) = waiting.next().await
        {
            session.answer(replies);
        }
    }

    /// Queues the answers that are known by now, in order.
    pub(crate) fn poll_answers(&mut self, context: &mut Context<'_>, session: &Session) {
        let Some(waiting) = &mut self.waiting else { return };
        while let Poll::Ready(Some(replies)) = waiting.poll_next_unpin(context) {
            session.answer(replies);
        }
    }

    /// Waits for all answers. Each request has a limit of time, so this ends.
    pub(crate) async fn answer_all(&mut self, session: &Session) {
        while !self.is_empty() {
            self.answer_next(session).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio_util::sync::CancellationToken;
    use uchat_codec::PeerIdentity;
    use uchat_config::Limits;

    use super::*;

    const SEND: Option<Operation> = Some(Operation::Call("test.send"));

    fn session() -> Session {
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
        Session::new(1, address, PeerIdentity::default(), &Limits::default(), CancellationToken::new())
    }

    #[test]
    fn no_more_wait_together_than_the_limit_and_others_do_not_wait_beside_them() {
        let (mut line, session) = (Line::new(2), session());
        for _ in 0..2 {
            line.admit(SEND, &session).now_or_never().expect("there is room");
            line.wait_for(Box::pin(std::future::pending()));
        }
        assert!(line.admit(SEND, &session).now_or_never().is_none(), "a third one waits");
        let mut line = Line::new(2);
        line.admit(SEND, &session).now_or_never().expect("nobody is there");
        line.wait_for(Box::pin(std::future::pending()));
        let other = Some(Operation::Call("test.other"));
        assert!(line.admit(other, &session).now_or_never().is_none(), "another operation waits");
        assert!(line.admit(None, &session).now_or_never().is_none(), "so does what nobody serves");
    }
}
