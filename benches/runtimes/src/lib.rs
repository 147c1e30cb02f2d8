//! What the comparisons of the runtimes share.
#![expect(clippy::expect_used, reason = "a measurement ends where it cannot go on")]

mod load;
mod runtime_api;

use std::path::PathBuf;

pub use load::{Load, Told, load};
pub use runtime_api::RuntimeApi;

/// A program that was built beside this one.
///
/// # Panics
/// When this one has no place.
#[must_use]
pub fn beside(name: &str) -> PathBuf {
    std::env::current_exe().expect("this program has a path").with_file_name(name)
}

/// The value in the middle.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
