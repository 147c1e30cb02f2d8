//! Requests to the API and the exact responses, without an HTTP server.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod cors;
mod fixture;
mod grants;
mod openapi;
mod refusals;
mod reports;
mod routes;
