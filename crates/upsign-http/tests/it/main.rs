//! The wire: what a caller gets for what it sends.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod cors;
mod grants;
mod house;
mod openapi;
mod refusals;
mod routes;
