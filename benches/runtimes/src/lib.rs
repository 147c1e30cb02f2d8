//! Measurements of whole programs: requests per second of `upsign serve` next to servers in other languages, and size and
//! start time of the Lambda function next to a function that does nothing. `cargo xtask bench` runs them.
#![expect(clippy::expect_used, reason = "a measurement stops at the first error")]

mod client;
mod faults;
mod load;
mod process;
mod runtime_api;
mod verdict;

use std::path::PathBuf;

pub use client::{Answer, Client, NoAnswer, get_request, upload_request};
pub use faults::{Fault, FaultyEndpoint};
pub use load::{Load, LoadReport, run_load};
pub use process::{Usage, usage};
pub use runtime_api::RuntimeApi;
pub use verdict::{Delivered, Kind, MIN_GRANT};

/// Returns the path of a program of this package. Cargo places it in the same directory as the running program.
///
/// # Panics
/// Panics if the path of the running program is unknown.
#[must_use]
pub fn sibling_program(name: &str) -> PathBuf {
    std::env::current_exe().expect("this program has a path").with_file_name(name)
}

/// Returns an empty folder for the files of one measurement, next to the running program.
///
/// # Errors
/// Fails if the folder cannot be created.
pub fn scratch_folder(name: &str) -> std::io::Result<PathBuf> {
    let folder = sibling_program(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Returns the medians of the first and of the last third of a series.
#[must_use]
pub fn trend(values: &[u64]) -> (u64, u64) {
    let third = values.len().div_ceil(3);
    let median = |part: Option<&[u64]>| {
        let mut part = part.unwrap_or_default().to_vec();
        part.sort_unstable();
        part.get(part.len() / 2).copied().unwrap_or(0)
    };
    (median(values.get(..third)), median(values.get(values.len().saturating_sub(third)..)))
}

/// Returns the median, or `NAN` if there are no values.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::trend;

    #[test]
    fn trend_compares_the_ends_of_a_series() {
        assert_eq!(trend(&[]), (0, 0));
        assert_eq!(trend(&[5]), (5, 5));
        assert_eq!(trend(&[1, 2, 3, 4, 5, 6, 7, 8, 9]), (2, 8));
        assert_eq!(trend(&[1, 99, 1, 50, 50, 50, 1, 1, 77]), (1, 1));
    }
}
