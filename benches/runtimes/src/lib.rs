//! Measurements of whole programs: what `upsign serve` does under load, under faults and at its start, next to servers in
//! other languages, and size and start time of the Lambda function next to a function that does nothing. `cargo xtask bench` and
//! `cargo xtask soak` run them.
#![expect(clippy::expect_used, reason = "a measurement stops at the first error")]

mod arrivals;
mod client;
mod faults;
mod load;
mod process;
mod runtime_api;
mod server;
mod statistics;
mod tokens;
mod verdict;

use std::path::PathBuf;

pub use arrivals::{Arrivals, Outcome, run_arrivals};
pub use client::{Answer, Client, NoAnswer, Upload, get_request, upload_request};
pub use faults::{Fault, FaultyEndpoint};
pub use load::{Load, LoadReport, run_load};
pub use process::{Usage, usage};
pub use runtime_api::RuntimeApi;
pub use server::{
    AnyError, ServerProcess, access_token, add_routes, config, pinned, start_pool, with_credentials,
};
pub use statistics::{median, milliseconds, quantile, slope, trend};
pub use tokens::{forged, no_token, with_unknown_key};
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
