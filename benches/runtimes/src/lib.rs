//! Measurements of whole programs: requests per second of `upsign serve` next to servers in other languages, and size and
//! start time of the Lambda function next to a function that does nothing. `cargo xtask bench` runs them.
#![expect(clippy::expect_used, reason = "a measurement stops at the first error")]

mod load;
mod runtime_api;

use std::path::PathBuf;

pub use load::{Load, LoadReport, run_load};
pub use runtime_api::RuntimeApi;

/// Returns the path of a program of this package. Cargo places it in the same directory as the running program.
///
/// # Panics
/// Panics if the path of the running program is unknown.
#[must_use]
pub fn sibling_program(name: &str) -> PathBuf {
    std::env::current_exe().expect("this program has a path").with_file_name(name)
}

/// Returns the median, or `NAN` if there are no values.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
