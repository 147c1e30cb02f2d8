//! Requests to the API and the exact responses, without an HTTP server.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

mod authenticators;
mod cors;
mod dialects;
mod files_bodies;
mod fixture;
mod grants;
mod handlers;
mod hints;
mod openapi;
mod openapi_calls;
mod openapi_property;
mod origins;
mod paths;
mod problems;
mod queue;
mod refreshes;
mod refusals;
mod rejections;
mod reports;
mod routes;
mod session_bodies;
mod session_problems;
mod sessions;
mod settings;
#[cfg(feature = "cognito")]
mod token_header;
