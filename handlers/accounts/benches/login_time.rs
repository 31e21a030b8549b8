//! Whether the time of a refused login tells who exists: `cargo bench -p uchat-accounts --bench login_time`.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a bench that prints figures"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use support::{House, login, opcodes};
use uchat_framework::codec::opcode;

/// Attempts of each kind; they take turns, so that both see the same machine.
const ATTEMPTS: usize = 300;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let usual = uchat_config::Accounts::default();
        let house = House::with(|accounts| {
            accounts.argon2_memory_kib = usual.argon2_memory_kib;
            accounts.argon2_passes = usual.argon2_passes;
            accounts.first_delay_seconds = 0;
        });
        house.register("ann").await;
        let client = house.classic();
        let mut times = [Vec::new(), Vec::new()];
        for attempt in 0..2 * (ATTEMPTS + 5) {
            let name = ["ann", "nobody"][attempt % 2];
            let started = Instant::now();
            assert_eq!(opcodes(&login(&client, name, "wrong").await), [opcode::LOGIN_FAILED]);
            // The first ones warm up.
            if attempt >= 10 {
                times[attempt % 2].push(started.elapsed().as_secs_f64() * 1000.0);
            }
        }
        let [wrong, unknown] = times.map(|times| Figures::of(&times));
        println!("wrong password: {wrong}");
        println!("unknown user:   {unknown}");
        let noise = (wrong.error.powi(2) + unknown.error.powi(2)).sqrt();
        println!(
            "difference of the means: {:+.3} ms; its standard error: {noise:.3} ms",
            unknown.mean - wrong.mean
        );
    });
}

/// In milliseconds.
struct Figures {
    mean: f64,
    median: f64,
    /// The standard error of the mean.
    error: f64,
}

impl Figures {
    fn of(times: &[f64]) -> Self {
        let count = times.len() as f64;
        let mean = times.iter().sum::<f64>() / count;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self { mean, median: sorted[sorted.len() / 2], error: (variance / count).sqrt() }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "mean {:.3} ms, median {:.3} ms, standard error {:.3} ms",
            self.mean, self.median, self.error
        )
    }
}
