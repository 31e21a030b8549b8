//! What waits to be decoded: the newest wish first, for that is what the user looks at.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// So many images may wait; then the oldest wish is given up, and made again when its image is drawn again.
const MAX_WAITING: usize = 64;

/// An image to be decoded.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// For the viewer; else a thumbnail.
    pub(super) full: bool,
}

/// Jobs on their way from the window to the thread.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    /// Adds a job; the one that is given up for it comes back.
    pub(super) fn push(&self, job: Job) -> Option<Job> {
        let mut state = self.lock();
        let given_up = if state.waiting.len() >= MAX_WAITING { state.waiting.pop_front() } else { None };
        state.waiting.push_back(job);
        self.news.notify_one();
        given_up
    }

    /// Waits for a job; nothing once the queue is closed.
    pub(super) fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(job) = state.waiting.pop_back() {
                return Some(job);
            }
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the thread that waits.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.news.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(number: usize) -> Job {
        Job { name: number.to_string(), path: PathBuf::new(), full: false }
    }

    #[test]
    fn the_newest_wish_comes_first_and_the_oldest_is_given_up() {
        let queue = Queue::default();
        for number in 0..MAX_WAITING {
            assert!(queue.push(job(number)).is_none());
        }
        assert_eq!(queue.push(job(MAX_WAITING)).unwrap().name, "0");
        assert_eq!(queue.next().unwrap().name, MAX_WAITING.to_string());
        queue.close();
        assert!(queue.next().is_none());
    }
}
