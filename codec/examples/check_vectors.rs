//! Checks a file of test vectors: `cargo run -p uchat-codec --example check_vectors -- FILE`.
//!
//! Prints a line for each vector that doesn't hold, then `N passed, N failed`; exit code 1 if any failed.

#[path = "../tests/vector_check/mod.rs"]
mod vector_check;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: check_vectors FILE");
        return ExitCode::from(2);
    };
    let checked = std::fs::read_to_string(&path).map_err(|error| error.to_string());
    let report = match checked.and_then(|text| vector_check::check(&text)) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{}: {error}", path.to_string_lossy());
            return ExitCode::from(2);
        }
    };
    for note in &report.notes {
        println!("note: {note}");
    }
    for failure in &report.failures {
        println!("{failure}");
    }
    println!("{} passed, {} failed", report.passed, report.failures.len());
    if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
