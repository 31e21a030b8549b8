//! A service builder returns the bare service.
use uchat_framework::prelude::*;

/// How many there are.
struct Count(#[allow(dead_code)] u64);

/// Counts.
#[service]
fn count() -> Count {
    Count(0)
}
