//! How long to wait before the next attempt to connect.

use std::time::Duration;

/// Doubles from attempt to attempt; jitter keeps many clients from coming back in the same moment.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    attempts: u32,
}

impl Backoff {
    /// Waits between `first` and `most`, whatever the jitter says.
    pub fn new(first: Duration, most: Duration) -> Self {
        Self { first: first.min(most), most, attempts: 0 }
    }

    /// Begins again with the shortest wait: the last connection was a good one.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }

    /// The wait before the next attempt: up to twice the first wait, then four times, eight times … `jitter` is a
    /// random number in 0.0..1.0; it takes away up to half, also from the first wait, which is when all clients of a
    /// server that was restarted come back.
    pub fn next(&mut self, jitter: f64) -> Duration {
        self.attempts = self.attempts.saturating_add(1);
        let doubled = self.first.saturating_mul(1 << self.attempts.min(20));
        let full = doubled.min(self.most);
        full.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0).max(self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_up_to_the_most_and_begins_again_after_a_good_connection() {
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30));
        let waits: Vec<_> = (0..8).map(|_| backoff.next(0.0).as_millis()).collect();
        assert_eq!(waits, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
        backoff.reset();
        assert_eq!(backoff.next(1.0).as_millis(), 500);
    }

    #[test]
    fn jitter_never_leaves_the_bounds() {
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30));
        for _ in 0..100 {
            let wait = backoff.next(0.999_999);
            assert!(wait >= Duration::from_millis(500) && wait <= Duration::from_secs(30));
        }
    }
}
