//! How fast one peer is read: a bucket of bytes that refills.

use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota};

/// The unit in which bytes are counted.
const UNIT: usize = 1024;

/// What one peer may send per second.
pub(crate) struct Pace {
    bucket: DefaultDirectRateLimiter,
    /// Units that the bucket holds.
    most: NonZeroU32,
}

impl Pace {
    /// So many bytes per second, and as many at once; none for any number.
    pub(crate) fn new(bytes_per_second: u32) -> Option<Box<Self>> {
        let units = bytes_per_second.div_ceil(u32::try_from(UNIT).unwrap_or(u32::MAX));
        let most = NonZeroU32::new(units)?;
        Some(Box::new(Self { bucket: DefaultDirectRateLimiter::direct(Quota::per_second(most)), most }))
    }

    /// Waits until a frame of so many bytes may be served. It ends: a frame has a limit.
    pub(crate) async fn take(&self, bytes: usize) {
        let mut left = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        while let Some(units) = NonZeroU32::new(left.min(self.most.get())) {
            match self.bucket.check_n(units) {
                Ok(Ok(())) => left -= units.get(),
                Ok(Err(later)) => {
                    tokio::time::sleep(later.wait_time_from(DefaultClock::default().now())).await;
                }
                // More than the bucket holds is never asked for.
                Err(_) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn what_is_within_the_pace_goes_on_at_once_and_more_waits() {
        assert!(Pace::new(0).is_none());
        let pace = Pace::new(10_000_000).unwrap();
        for _ in 0..9 {
            assert!(pace.take(1_000_000).now_or_never().is_some());
        }
        let pace = Pace::new(2048).unwrap();
        assert!(pace.take(2048).now_or_never().is_some());
        assert!(pace.take(1).now_or_never().is_none());
    }
}
