//! The bounded queue of a session, and its place in the feed that it follows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::error::Result;
use crate::feed::{Feed, FeedItem};
use crate::reply::Push;
use crate::user::UserId;

/// Why a push was not queued.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotQueued {
    /// The session is ending.
    Closed,
    /// The queue is at its limit.
    Full,
}

/// How much may wait for one session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

/// The queue between everybody who sends to a session and its one writer.
pub(crate) struct Outbound {
    /// Short critical sections only, never held across an await.
    state: Mutex<State>,
    /// Wakes the writer; one permit is kept, so no wake-up is lost.
    wake: Notify,
    /// Wakes the reader, which waits for room before it serves the next request.
    drained: Notify,
    bounds: Bounds,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Push>,
    bytes: usize,
    follower: Option<Follower>,
    /// No more pushes are taken; the writer ends when the queue is empty.
    closing: bool,
}

struct Follower {
    feed: Arc<dyn Feed>,
    user: UserId,
    /// The last position that was queued.
    position: u64,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// What is published is queued.
    Live,
    /// What is published is left to the feed.
    Behind,
    /// The writer is reading the feed; `missed` when something was published meanwhile.
    Reading { missed: bool },
}

/// What the writer does next.
pub(crate) enum Next {
    /// Write these.
    Write(Vec<Push>),
    /// The queue is empty and closed.
    End,
}

enum Step {
    Write(Vec<Push>),
    Read(Arc<dyn Feed>, UserId, u64),
    Wait,
    End,
}

impl Outbound {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { state: Mutex::default(), wake: Notify::new(), drained: Notify::new(), bounds }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic can't happen between two changes that belong together, so a poisoned state is still sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a push, or says why not.
    pub(crate) fn send(&self, push: Push) -> std::result::Result<(), NotQueued> {
        let mut state = self.state();
        if state.closing {
            return Err(NotQueued::Closed);
        }
        if !state.has_room(push.bytes.len(), self.bounds) {
            return Err(NotQueued::Full);
        }
        state.queue(push);
        drop(state);
        self.wake.notify_one();
        Ok(())
    }

    /// Queues the answers of one request, whatever the limits; the next request waits for [`room`](Self::room).
    pub(crate) fn answer(&self, pushes: Vec<Push>) {
        let mut state = self.state();
        if state.closing {
            return;
        }
        for push in pushes {
            state.queue(push);
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Waits until the queue is within its limits: a peer that doesn't read its answers is not read either.
    pub(crate) async fn room(&self) {
        while !self.within_limits() {
            self.drained.notified().await;
        }
    }

    fn within_limits(&self) -> bool {
        let state = self.state();
        state.closing || state.has_room(0, self.bounds)
    }

    /// Queues the last push whatever the limits, and takes no more.
    pub(crate) fn close_with(&self, last: Option<Push>) {
        let mut state = self.state();
        if !state.closing {
            if let Some(push) = last {
                state.queue(push);
            }
            state.closing = true;
            state.follower = None;
        }
        drop(state);
        self.wake.notify_one();
        self.drained.notify_one();
    }

    /// Queues an item of the feed if the session is live and has room, else leaves it to the feed.
    pub(crate) fn publish(&self, position: u64, push: Push) {
        let mut state = self.state();
        if state.closing {
            return;
        }
        let room = state.has_room(push.bytes.len(), self.bounds);
        // Before the session follows the feed there is nothing to do: `follow` begins by reading it.
        let Some(follower) = state.follower.as_mut() else { return };
        if position <= follower.position {
            return;
        }
        match &mut follower.place {
            Place::Live if room => {
                follower.position = position;
                state.queue(push);
            }
            Place::Live => follower.place = Place::Behind,
            Place::Behind => {}
            Place::Reading { missed } => *missed = true,
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Something is in the feed that was not published: it is read from there.
    pub(crate) fn catch_up(&self) {
        let mut state = self.state();
        match state.follower.as_mut().map(|follower| &mut follower.place) {
            Some(place @ Place::Live) => *place = Place::Behind,
            Some(Place::Reading { missed }) => *missed = true,
            Some(Place::Behind) | None => {}
        }
        drop(state);
        self.wake.notify_one();
    }

    /// From now on the session follows `feed`, from behind `position`. It begins by reading it, since items may have
    /// been published before this call that are behind the position.
    pub(crate) fn follow(&self, feed: Arc<dyn Feed>, user: UserId, position: u64) {
        let mut state = self.state();
        if !state.closing {
            state.follower = Some(Follower { feed, user, position, place: Place::Behind });
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Waits for something to write; reads the feed when the session is behind and the queue is empty.
    pub(crate) async fn next(&self) -> Result<Next> {
        loop {
            match self.step() {
                Step::Write(pushes) => return Ok(Next::Write(pushes)),
                Step::End => return Ok(Next::End),
                Step::Wait => self.wake.notified().await,
                Step::Read(feed, user, position) => {
                    let items = feed.after(user, position, self.bounds.bytes).await?;
                    self.arrived(items);
                }
            }
        }
    }

    /// What can be had without waiting, for the test kit: it has no writer.
    #[cfg(feature = "testkit")]
    pub(crate) async fn take_now(&self) -> Result<Vec<Push>> {
        let mut taken = Vec::new();
        loop {
            match self.step() {
                Step::Write(pushes) => taken.extend(pushes),
                Step::End | Step::Wait => return Ok(taken),
                Step::Read(feed, user, position) => {
                    let items = feed.after(user, position, self.bounds.bytes).await?;
                    self.arrived(items);
                }
            }
        }
    }

    fn step(&self) -> Step {
        let mut state = self.state();
        if !state.queue.is_empty() {
            state.bytes = 0;
            let pushes = std::mem::take(&mut state.queue);
            self.drained.notify_one();
            return Step::Write(pushes.into());
        }
        if let Some(follower) = state.follower.as_mut()
            && follower.place == Place::Behind
        {
            follower.place = Place::Reading { missed: false };
            return Step::Read(Arc::clone(&follower.feed), follower.user, follower.position);
        }
        if state.closing { Step::End } else { Step::Wait }
    }

    /// The page that the writer asked for is here.
    fn arrived(&self, items: Vec<FeedItem>) {
        let mut state = self.state();
        let Some(follower) = state.follower.as_mut() else { return };
        let missed = follower.place == Place::Reading { missed: true };
        follower.place = if items.is_empty() && !missed { Place::Live } else { Place::Behind };
        if let Some(last) = items.last() {
            follower.position = last.position;
        }
        for item in items {
            state.queue(item.push);
        }
    }
}

impl State {
    /// One message is always taken, however large: a limit on bytes must not make it undeliverable.
    fn has_room(&self, len: usize, bounds: Bounds) -> bool {
        self.queue.is_empty()
            || (self.queue.len() < bounds.messages && self.bytes.saturating_add(len) <= bounds.bytes)
    }

    fn queue(&mut self, push: Push) {
        self.bytes = self.bytes.saturating_add(push.bytes.len());
        self.queue.push_back(push);
    }
}

#[cfg(test)]
mod tests;
